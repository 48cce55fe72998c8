"""Words with their vectors, the data that the rest of the package works on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from translator.errors import DataError
from translator.vectors.letter_case import composed, folded, has_dotless_i, lower

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def has_vector(rows: Floats) -> Flags:
    """Return which rows are not all zero, bool [n].

    :meth:`Embedder.embed` returns a row of zeros for a word without a vector.

    >>> has_vector(np.array([[0, 1], [0, 0]], np.float32)).tolist()
    [True, False]
    """
    nonzero: Flags = np.asarray(rows.any(axis=1))
    return nonzero


def spellings(word: str, dotless: bool = False) -> tuple[str, str, str, str]:
    """Return a word as written and in lower case, then both composed (Unicode NFC).

    Most vocabularies are composed; a word typed by a user may not be.

    :param dotless: as for :func:`translator.vectors.letter_case.lower`.

    >>> spellings("House")
    ('House', 'house', 'House', 'house')
    """
    whole = composed(word)
    return word, lower(word, dotless), whole, lower(whole, dotless)


class Embedder(Protocol):
    """The interface of :class:`WordVectors` and ``SubwordVectors``: a vocabulary, and vectors for words."""

    @property
    def words(self) -> Sequence[str]:
        """The vocabulary, the most frequent words first."""

    @property
    def path(self) -> Path | None:
        """The file the vectors were read from, or None."""

    @property
    def state(self) -> tuple[int, int] | None:
        """The file's :func:`translator.files.state_of` when it was read, or None."""

    @property
    def dimension(self) -> int:
        """Number of dimensions of each vector."""

    def embed(self, words: Sequence[str]) -> Floats:
        """Return vectors of ``words``, float32 [len(words), dimension]; zeros for a word without a vector."""

    def table(self, limit: int | None = None) -> WordVectors:
        """Return the vocabulary, or its first ``limit`` words, with one vector for each word."""


@dataclass(frozen=True, eq=False, repr=False)
class WordVectors:
    """A vocabulary in order of frequency, and one vector for each word.

    :param words: distinct words, the most frequent first.
    :param matrix: float32 [n, d], or anything numpy makes such an array of; row i belongs to ``words[i]``.
        Numbers are finite; rows need not have unit length.
    :param path: the file the vectors were read from, if any.
    :param state: the file's :func:`translator.files.state_of` when it was read.
    :raises DataError: the words are no list of strings, the matrix is no two-dimensional array of numbers,
        or their lengths differ. A word that occurs twice is an error only when a word is first looked up.

    >>> vectors = WordVectors(["cat", "dog"], [[1, 0], [0, 1]])
    >>> vectors
    WordVectors(2 words, 2 dimensions)
    >>> vectors["dog"].tolist(), "bird" in vectors
    ([0.0, 1.0], False)
    >>> vectors.embed(["dog", "bird"]).tolist()
    [[0.0, 1.0], [0.0, 0.0]]
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
        """The row number of each word."""
        index = {word: row for row, word in enumerate(self.words)}
        if len(index) != len(self.words):
            raise DataError(f"{len(self.words) - len(index)} words occur more than once in the vocabulary")
        return index

    @property
    def dimension(self) -> int:
        """Number of dimensions of each vector."""
        return int(self.matrix.shape[1])

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def __getitem__(self, word: str) -> Floats:
        """Return the vector of ``word``, float32 [d].

        :raises KeyError: the word is not in the vocabulary.
        """
        vector: Floats = self.matrix[self.index[word]]
        return vector

    def embed(self, words: Sequence[str]) -> Floats:
        """Return vectors of ``words``, float32 [len(words), d]; zeros for words not in the vocabulary."""
        rows = self.rows(words)
        vectors: Floats = np.where(rows[:, None] >= 0, self.matrix[rows], np.float32(0))
        return vectors

    def rows(self, words: Iterable[str]) -> Indices:
        """Return the row numbers of ``words``, int64 [len(words)]; -1 for words not in the vocabulary."""
        return np.array([self.index.get(word, -1) for word in words], dtype=np.int64)

    def row_of(self, word: str) -> int:
        """Return the row number of a word, or -1.

        The word is looked up by its :func:`spellings`, then in any letter case; of several words that differ
        only in letter case, the most frequent one counts.

        >>> vectors = WordVectors(["Maison", "İzmir", "ılık", "maïs"], np.eye(4))
        >>> [vectors.row_of(word) for word in ("maison", "izmir", "ILIK", "mais")]
        [0, 1, 2, -1]
        """
        if (row := self.index.get(word)) is not None:
            return row
        found = (self.index.get(spelling) for spelling in spellings(word, self._dotless))
        if (row := next((row for row in found if row is not None), None)) is not None:
            return row
        fold = folded(word, self._dotless)
        return self.index.get(fold, self._cased.get(fold, -1))

    @cached_property
    def _dotless(self) -> bool:
        return has_dotless_i(self.words)

    @cached_property
    def _cased(self) -> dict[str, int]:
        """The row of each word that is not its own :func:`folded` form, by that form."""
        rows: dict[str, int] = {}
        for row, word in enumerate(self.words):
            if (fold := folded(word, self._dotless)) != word:
                rows.setdefault(fold, row)
        return rows

    def table(self, limit: int | None = None) -> WordVectors:
        """Return the vectors of the first ``limit`` words; ``self`` if there are no more."""
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
    """Return ``table`` with those of ``words`` appended that it lacks.

    :param embed: gives vectors for words, float32 [n, d]; a word that gets zeros is not appended.

    >>> table = WordVectors(["cat"], [[1, 0]])
    >>> extended(table, ["cat", "dog"], lambda words: np.ones((len(words), 2), np.float32)).words
    ['cat', 'dog']
    """
    missing = [word for word in dict.fromkeys(words) if table.row_of(word) < 0]
    rows = embed(missing)
    nonzero = has_vector(rows)
    added = [word for word, has_row in zip(missing, nonzero, strict=True) if has_row]
    return WordVectors([*table.words, *added], np.concatenate([table.matrix, rows[nonzero]]), table.path)
