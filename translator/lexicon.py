"""Seed dictionaries: pairs of words, read, split, and matched with two vocabularies."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from translator.errors import DataError, FormatError
from translator.files import existing, lines_of
from translator.vectors import Indices, WordVectors

logger = logging.getLogger(__name__)

HOW_TO_MAKE_ONE = (
    "Make one: Lexicon.of([('house', 'maison')]), Lexicon.of(a_dict.items()), load_lexicon(FILE)."
)
HEADERS = {"source", "src", "target", "tgt", "word", "translation"}


@dataclass(frozen=True)
class Lexicon:
    """Distinct pairs (source word, target word) in the order of their file; one-to-many is welcome.

    :param path: the file they came from, where there is one.
    :param sha256: of what that file held when it was read, in hexadecimal.
    """

    pairs: tuple[tuple[str, str], ...]
    path: Path | None = field(default=None, compare=False)
    sha256: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.pairs, tuple):
            raise DataError(
                f"pairs must be a tuple of pairs of words, not a {type(self.pairs).__name__}", HOW_TO_MAKE_ONE
            )

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Lexicon:
        """A lexicon of ``pairs``, each kept once.

        :raises DataError: something is no pair of words.
        """
        kept: list[tuple[str, str]] = []
        for pair in pairs:
            if not isinstance(pair, tuple | list) or [isinstance(word, str) for word in pair] != [True, True]:
                raise DataError(f"{pair!r} is no pair of words", HOW_TO_MAKE_ONE)
            kept.append((pair[0], pair[1]))
        return cls(tuple(dict.fromkeys(kept)))

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def inverse(self) -> Lexicon:
        """The same pairs, target word first."""
        return Lexicon(tuple((target, source) for source, target in self.pairs))

    def sources(self) -> tuple[str, ...]:
        """Distinct source words in order."""
        return tuple(dict.fromkeys(source for source, _ in self.pairs))

    def targets(self) -> tuple[str, ...]:
        """Distinct target words in order."""
        return tuple(dict.fromkeys(target for _, target in self.pairs))

    def sample(self, sources: int, seed: int = 0) -> Lexicon:
        """All pairs of ``sources`` source words drawn at random."""
        kept = _draw(self.sources(), sources, seed)
        return Lexicon(tuple(pair for pair in self.pairs if pair[0] in kept))

    def split(self, share: float, seed: int = 0) -> tuple[Lexicon, Lexicon]:
        """Two lexicons without a common source word; the second has ``share`` of the source words."""
        held = _draw(self.sources(), round(share * len(self.sources())), seed)
        kept = tuple(pair for pair in self.pairs if pair[0] not in held)
        return Lexicon(kept), Lexicon(tuple(pair for pair in self.pairs if pair[0] in held))

    def match(self, source: WordVectors, target: WordVectors) -> Matched:
        """The pairs whose words both vocabularies hold.

        A word that is not there as it is written is looked up in lower case. When more pairs would be found
        with the columns exchanged, a warning says so.
        """
        rows = [
            (source.row_of(left), target.row_of(right), place)
            for place, (left, right) in enumerate(self.pairs)
        ]
        found = [(left, right) for left, right, _ in rows if left >= 0 and right >= 0]
        missing = tuple(self.pairs[place] for left, right, place in rows if left < 0 or right < 0)
        turned = sum(source.row_of(right) >= 0 and target.row_of(left) >= 0 for left, right in self.pairs)
        if turned > len(found):
            logger.warning(
                "%d of %d dictionary pairs are in the vocabularies, but %d would be with the columns "
                "exchanged: is the dictionary the other way round?",
                len(found),
                len(self),
                turned,
            )
        return Matched(np.array(list(dict.fromkeys(found)), np.int64).reshape(-1, 2), missing, len(self))


def check_lexicon(given: object) -> None:
    """See that a lexicon is one.

    :raises DataError: it is of another kind, such as a dict.
    """
    if not isinstance(given, Lexicon):
        raise DataError(f"a {type(given).__name__} is no Lexicon", HOW_TO_MAKE_ONE)


@dataclass(frozen=True, eq=False)
class Matched:
    """A lexicon seen from two vocabularies.

    :param rows: int64 [p, 2], source row and target row of each distinct pair found.
    :param missing: the pairs of which a word is in neither spelling in its vocabulary.
    :param total: pairs asked for.
    """

    rows: Indices
    missing: tuple[tuple[str, str], ...]
    total: int

    @property
    def coverage(self) -> float:
        """Share of the pairs that were found, 0 to 1."""
        return 1 - len(self.missing) / self.total if self.total else 0.0


def load_lexicon(path: str | os.PathLike[str]) -> Lexicon:
    """Read a dictionary: one pair a line, source then target, UTF-8.

    A tab separates the two; in a file without tabs, white space does. A first line of column names
    (such as ``source<tab>target``) is skipped, as are empty lines and lines that start with ``#``;
    columns after the second are ignored, repeated pairs are kept once.

    :raises FormatError: a line has no two words (the message names it), or is not UTF-8.
    :raises DataError: the file is missing or holds no pair.
    """
    file = existing(path)
    content = file.read_bytes()  # once: it may be a pipe, or change
    lines = lines_of(content, file)
    numbered = [(n, line) for n, line in enumerate(lines, start=1) if line.strip() and line[0] != "#"]
    separator = "\t" if any("\t" in line for _, line in numbered) else None
    pairs: list[tuple[str, str]] = []
    for number, line in numbered:
        fields = [field.strip() for field in line.split(separator)]
        if not pairs and _is_header(fields):
            continue
        pairs.append(_pair(fields, separator, file, number))
    if not pairs:
        raise DataError(f"{file}: holds no pair of words", "Expected one pair a line: source<tab>target.")
    lexicon = Lexicon.of(pairs)
    if len(lexicon) < len(pairs):
        logger.info("%s: %d repeated pairs kept once", file, len(pairs) - len(lexicon))
    return replace(lexicon, path=file, sha256=hashlib.sha256(content).hexdigest())


def identical(source: WordVectors, target: WordVectors) -> Lexicon:
    """Words spelled alike in both vocabularies: digits, names, cognates (Artetxe et al. 2017)."""
    return Lexicon(tuple((word, word) for word in source.words if word in target))


def _is_header(fields: list[str]) -> bool:
    """Two different names of columns: ``source source`` may well be a pair of words."""
    names = {field.lower() for field in fields[:2]}
    return len(names) == 2 and names <= HEADERS


def _pair(fields: list[str], separator: str | None, file: Path, number: int) -> tuple[str, str]:
    if len(fields) < 2 or not fields[0] or not fields[1]:
        hint = "Write one pair a line: source<tab>target."
        if commas := [mark for mark in ",;" if mark in fields[0][1:-1]]:
            hint += f" Commas become tabs with: tr '{commas[0]}' '\\t' < {file}"
        raise FormatError(
            f"{file}:{number}: expected two words, found {(separator or ' ').join(fields)!r}", hint
        )
    if separator is None and len(fields) > 2:
        raise FormatError(
            f"{file}:{number}: expected two words, found {len(fields)}: {' '.join(fields)!r}",
            "Separate the two sides by a tab where an entry has several words.",
        )
    return fields[0], fields[1]


def _draw(words: tuple[str, ...], count: int, seed: int) -> set[str]:
    order = np.random.default_rng(seed).permutation(len(words))[:count]
    return {words[place] for place in order}
