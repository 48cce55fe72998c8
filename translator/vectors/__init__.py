"""Words with their vectors: the value every other file works on."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from translator.errors import DataError

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def has_vector(rows: Floats) -> Flags:
    """Which rows are not all zero, bool [n]: :meth:`Embedder.embed` gives zeros for words it cannot know."""
    found: Flags = np.asarray(rows.any(axis=1))
    return found


def spellings(word: str) -> tuple[str, str, str, str]:
    """A word as it is written and in lower case, then both composed (Unicode NFC), as vocabularies are."""
    composed = unicodedata.normalize("NFC", word)
    return word, word.lower(), composed, composed.lower()


class Embedder(Protocol):
    """Anything that gives vectors for words: :class:`WordVectors` or ``SubwordVectors``."""

    @property
    def words(self) -> Sequence[str]:
        """The vocabulary, the most frequent words first."""

    @property
    def path(self) -> Path | None:
        """The file the vectors came from, where there is one."""

    @property
    def state(self) -> tuple[int, int] | None:
        """:func:`translator.files.state_of` that file when it was read."""

    @property
    def dimension(self) -> int:
        """Number of columns of every vector."""

    def embed(self, words: Sequence[str]) -> Floats:
        """Vectors of ``words``, float32 [len(words), dimension]; a zero row where none exists."""

    def table(self, limit: int | None = None) -> WordVectors:
        """The vocabulary (its first ``limit`` words) with one vector a word."""


@dataclass(frozen=True, eq=False, repr=False)
class WordVectors:
    """A vocabulary in order of frequency, and one vector for each word.

    :param words: distinct words; the most frequent first.
    :param matrix: float32 [n, d], row i belongs to ``words[i]``; finite; rows need not be unit length.
    :param path: the file they came from, where there is one, and its ``state`` when it was read.
    :raises DataError: the two disagree in length, or the matrix is no two-dimensional array. That a word
        occurs twice is seen when one is first looked up.
    """

    words: Sequence[str]
    matrix: Floats
    path: Path | None = None
    state: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", _as_words(self.words))
        object.__setattr__(self, "matrix", _as_floats(self.matrix))
        if self.matrix.ndim != 2:
            raise DataError(f"vectors must be a matrix [n, d], not an array of shape {self.matrix.shape}")
        if len(self.words) != len(self.matrix):
            raise DataError(f"{len(self.words)} words but {len(self.matrix)} vectors")

    def __repr__(self) -> str:
        return described(self)

    @cached_property
    def index(self) -> dict[str, int]:
        """Row of each word."""
        index = {word: row for row, word in enumerate(self.words)}
        if len(index) != len(self.words):
            raise DataError(f"{len(self.words) - len(index)} words occur more than once in the vocabulary")
        return index

    @property
    def dimension(self) -> int:
        """Number of columns."""
        return int(self.matrix.shape[1])

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def __getitem__(self, word: str) -> Floats:
        """The vector of ``word``, float32 [d].

        :raises KeyError: the word is not in the vocabulary.
        """
        vector: Floats = self.matrix[self.index[word]]
        return vector

    def embed(self, words: Sequence[str]) -> Floats:
        """Vectors of ``words``, float32 [len(words), d]; a zero row for a word outside the vocabulary."""
        rows = self.rows(words)
        vectors: Floats = np.where(rows[:, None] >= 0, self.matrix[rows], np.float32(0))
        return vectors

    def rows(self, words: Iterable[str]) -> Indices:
        """Row numbers of ``words``, int64 [len(words)]; -1 for a word outside the vocabulary."""
        return np.array([self.index.get(word, -1) for word in words], dtype=np.int64)

    def row_of(self, word: str) -> int:
        """Row of a word in the first of its :func:`spellings` that is in the vocabulary; -1 where none is."""
        if (row := self.index.get(word)) is not None:
            return row
        return next((self.index[one] for one in spellings(word) if one in self.index), -1)

    def table(self, limit: int | None = None) -> WordVectors:
        """The first ``limit`` words; ``self`` when that is all of them."""
        if limit is None or limit >= len(self):
            return self
        return replace(self, words=self.words[:limit], matrix=self.matrix[:limit])


def described(vectors: Embedder) -> str:
    """Describe vectors in one line, for their ``repr``: kind, size and file."""
    file = f", {vectors.path}" if vectors.path else ""
    return f"{type(vectors).__name__}({len(vectors.words):,} words, {vectors.dimension} dimensions{file})"


def _as_words(words: Iterable[str]) -> Sequence[str]:
    if isinstance(words, str) or not isinstance(words, Iterable):
        raise DataError(f"words must be a list of strings, not {words!r}")
    words = words if isinstance(words, Sequence) else list(words)
    if wrong := set(map(type, words)) - {str, np.str_}:
        raise DataError(f"words must be strings, found {', '.join(sorted(kind.__name__ for kind in wrong))}")
    return words


def _as_floats(matrix: npt.ArrayLike) -> Floats:
    try:
        numbers = np.asarray(matrix)
    except ValueError:
        raise DataError("vectors must be a matrix [n, d]: the rows have different lengths") from None
    if numbers.dtype.kind not in "biuf":
        raise DataError(
            f"vectors must be a matrix of numbers [n, d], not {type(matrix).__name__} of {numbers.dtype}"
        )
    return numbers.astype(np.float32, copy=False)


def extended(
    table: WordVectors, words: Iterable[str], embed: Callable[[Sequence[str]], Floats]
) -> WordVectors:
    """``table`` with those of ``words`` at its end that it lacks and that ``embed`` knows a vector for."""
    lacking = [word for word in dict.fromkeys(words) if table.row_of(word) < 0]
    rows = embed(lacking)
    made = has_vector(rows)
    extra = [word for word, there in zip(lacking, made, strict=True) if there]
    return WordVectors([*table.words, *extra], np.concatenate([table.matrix, rows[made]]), table.path)
