"""Tasks on held-out pairs of a *training* dictionary, on which choices are studied."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from translator import Lexicon, load_lexicon, load_vectors
from translator.maps.base import Spaces
from translator.retrieval import Index, ranks
from translator.vectors import Floats, Indices, WordVectors
from translator.vectors.normalize import Normalizer, unit_rows

RANDOM_STATE = 7  # of the held-out words and of smaller dictionaries


@dataclass(frozen=True)
class Task:
    """Two vocabularies, the training pairs, and the held-out pairs; int64 [p, 2] each."""

    tables: tuple[WordVectors, WordVectors]
    train: Indices
    held: Indices

    def spaces(self) -> Spaces:
        """Return the spaces under the default normalisation: centred, unit rows."""
        return Spaces(*(Normalizer.fit(table.matrix).space(table.matrix) for table in self.tables))


def read(data: Path, pair: str, size: str = "all", limit: int | None = None) -> Task:
    """Read the task of a language pair.

    :param data: holds ``<lang>.vec`` and ``dictionaries/xling.<pair>.train.txt``.
    :param size: number of source words to train on, or ``all`` that are not held out. A sixth is held out.
    :param limit: vocabulary size, the most frequent words of each side; None for all.
    """
    source, target = (
        load_vectors(data / f"{language}.vec", limit=limit).table() for language in pair.split("-")
    )
    pairs = load_lexicon(data / "dictionaries" / f"xling.{pair}.train.txt").match(source, target).rows
    words = np.random.default_rng(RANDOM_STATE).permutation(np.unique(pairs[:, 0]))
    held, kept = words[: len(words) // 6], words[len(words) // 6 :]
    chosen = kept if size == "all" else kept[: int(size)]
    train, test = (pairs[np.isin(pairs[:, 0], part)] for part in (chosen, held))
    return Task((source, target), train, test)


def lexicon_of(tables: tuple[WordVectors, WordVectors], rows: Indices) -> Lexicon:
    """Convert pairs of rows to pairs of words."""
    source, target = tables
    return Lexicon(tuple((source.words[left], target.words[right]) for left, right in rows))


def precision(W: Floats, spaces: Spaces, pairs: Indices) -> float:
    """Return P@1 of a source map under CSLS among all targets."""
    source = unit_rows(spaces.source @ W)
    words, query = np.unique(pairs[:, 0], return_inverse=True)
    nearest = Index(spaces.target, source).search(source[words], 1).indices
    return float((ranks(nearest, query, pairs[:, 1]) == 1).mean())
