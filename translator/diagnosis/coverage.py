"""Coverage of a dictionary by two vocabularies, and why words are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from translator.diagnosis.bands import Band, bands
from translator.lexicon import Lexicon
from translator.vectors import WordVectors

EXAMPLES = 8  # missing words that are listed


@dataclass(frozen=True)
class Words:
    """One column of a dictionary.

    :param words: distinct words.
    :param found: those in the vocabulary, in any letter case.
    :param phrases: missing entries of more than one word.
    :param examples: the first missing words.
    """

    words: int
    found: int
    phrases: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class BandCoverage:
    """Number of source words in a band of frequency that the dictionary translates."""

    band: Band
    words: int


@dataclass(frozen=True)
class Coverage:
    """Coverage of a dictionary by two vocabularies.

    :param pairs: distinct pairs of the dictionary.
    :param found: pairs with both words in the vocabularies.
    :param source: its source words; ``target`` its target words.
    :param bands: the source words that it translates, by frequency.
    """

    pairs: int
    found: int
    source: Words
    target: Words
    bands: tuple[BandCoverage, ...]

    @property
    def share(self) -> float:
        """Share of the pairs that were found, 0 to 1."""
        return self.found / self.pairs if self.pairs else 0.0


def coverage(lexicon: Lexicon, source: WordVectors, target: WordVectors) -> Coverage:
    """Look up every word of a dictionary in its vocabulary."""
    matched = lexicon.match(source, target)
    source_rows = np.unique(matched.rows[:, 0])
    return Coverage(
        len(lexicon),
        len(lexicon) - len(matched.missing),
        _words(lexicon.sources(), source),
        _words(lexicon.targets(), target),
        tuple(BandCoverage(band, int(band.holds(source_rows).sum())) for band in bands(len(source))),
    )


def _words(words: Sequence[str], vocabulary: WordVectors) -> Words:
    missing = [word for word in words if vocabulary.row_of(word) < 0]
    return Words(
        len(words),
        len(words) - len(missing),
        sum(len(word.split()) > 1 for word in missing),
        tuple(missing[:EXAMPLES]),
    )
