"""Captions and other texts become word vectors: rows of a table of their distinct words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from translator.tokens import tokenize
from translator.vectors import Embedder, Floats, Indices, has_vector

RANDOM_TEXTS = 300  # enough for a quantile of 0.9
LONGEST = 8  # words: the best scores of random texts hardly depend on their length
FREQUENT = 20_000  # words that random texts are drawn from


@dataclass(frozen=True, eq=False)
class Words:
    """Hold the words of n texts, and the vector of each distinct word once.

    :param table: raw vectors of the distinct words, float32 [u, d]; a zero row for a word without a vector.
    :param rows: the words of all texts in order, as rows of ``table``, int64 [sum of lengths].
    :param starts: int64 [n + 1]: text i has the words ``rows[starts[i]:starts[i + 1]]``, at least one.
    """

    table: Floats
    rows: Indices
    starts: Indices

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Indices:
        """Return the number of words of each text, int64 [n]."""
        return np.diff(self.starts)

    @property
    def unknown(self) -> float:
        """Return the share of all words, repetitions included, that have no vector."""
        return float(1 - has_vector(self.table)[self.rows].mean()) if len(self.rows) else 0.0

    def batch(self, texts: Indices) -> Words:
        """Return some of the texts, by number and in that order, with only their own distinct words."""
        lengths = self.lengths[texts]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        places = np.repeat(self.starts[:-1][texts] - starts[:-1], lengths) + np.arange(starts[-1])
        distinct, rows = np.unique(self.rows[places], return_inverse=True)
        return Words(self.table[distinct], rows, starts)

    def padded(self) -> Indices:
        """Return rows of ``table``, int64 [n, longest]; 0 after the end of a text."""
        inside = np.arange(self.lengths.max(initial=0)) < self.lengths[:, None]
        padded = np.zeros(inside.shape, np.int64)
        padded[inside] = self.rows
        return padded


def look_up(texts: Sequence[str], vectors: Embedder, *, lowercase: bool) -> Words:
    """Tokenise texts and embed each distinct word once.

    A text without any word counts as one unknown word, so that every text has an encoding.

    >>> from translator import WordVectors
    >>> vectors = WordVectors(["dog", "cat"], np.eye(2, dtype=np.float32))
    >>> words = look_up(["A dog!", "dog, cat"], vectors, lowercase=True)
    >>> words.rows.tolist(), words.lengths.tolist()  # a, dog; dog, cat
    ([0, 1, 1, 2], [2, 2])
    """
    number: dict[str, int] = {}
    rows: list[int] = []
    starts = [0]
    for text in texts:
        tokens = tokenize(text, lowercase=lowercase) or [""]
        rows += [number.setdefault(token, len(number)) for token in tokens]
        starts.append(len(rows))
    table = vectors.embed(list(number))
    if (empty := number.get("")) is not None:
        table[empty] = 0  # n-grams of the boundary signs alone carry no meaning
    return Words(table, np.array(rows, np.int64), np.array(starts, np.int64))


def random_texts(words: Sequence[str]) -> list[str]:
    """Return texts of words that are drawn from the most frequent ones, always the same.

    :param words: a vocabulary, the most frequent words first.
    """
    drawn = np.random.default_rng(0)
    frequent = min(len(words), FREQUENT)
    lengths = drawn.integers(1, LONGEST + 1, RANDOM_TEXTS)
    return [" ".join(words[row] for row in drawn.integers(0, frequent, length)) for length in lengths]
