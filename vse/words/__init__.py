"""Texts as rows into a table of the distinct words they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from translator.vectors import Embedder, Floats, Indices, has_vector
from vse.words.tokens import tokenize


@dataclass(frozen=True, eq=False)
class Words:
    """The words of n texts, and each distinct word's vector once.

    :param table: raw vectors, float32 [u, d]; a zero row for a word without a vector.
    :param rows: int64 [sum of lengths], rows of ``table``: the words of all texts one after the other.
    :param starts: int64 [n + 1]: text i has the words ``rows[starts[i]:starts[i + 1]]``, at least one.
    """

    table: Floats
    rows: Indices
    starts: Indices

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Indices:
        """Number of words of each text, int64 [n]."""
        return np.diff(self.starts)

    @property
    def unknown(self) -> float:
        """Share of all words, repetitions counted, that have no vector."""
        return float(1 - has_vector(self.table)[self.rows].mean()) if len(self.rows) else 0.0

    def batch(self, texts: Indices) -> Words:
        """Some of the texts, in the order given, with only their own distinct words."""
        lengths = self.lengths[texts]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        places = np.repeat(self.starts[:-1][texts] - starts[:-1], lengths) + np.arange(starts[-1])
        distinct, rows = np.unique(self.rows[places], return_inverse=True)
        return Words(self.table[distinct], rows, starts)

    def padded(self) -> Indices:
        """Rows of ``table``, int64 [n, longest]; 0 beyond the end of a text."""
        inside = np.arange(self.lengths.max(initial=0)) < self.lengths[:, None]
        padded = np.zeros(inside.shape, np.int64)
        padded[inside] = self.rows
        return padded


def look_up(texts: Sequence[str], vectors: Embedder, *, lowercase: bool) -> Words:
    """Tokenise texts and embed each distinct word once.

    A text without any word counts as one unknown word, so that every text has an encoding.
    """
    number: dict[str, int] = {}
    rows: list[int] = []
    starts = [0]
    for text in texts:
        rows += [
            number.setdefault(token, len(number)) for token in tokenize(text, lowercase=lowercase) or [""]
        ]
        starts.append(len(rows))
    table = vectors.embed(list(number))
    if (empty := number.get("")) is not None:
        table[empty] = 0  # n-grams of the boundary signs alone say nothing
    return Words(table, np.array(rows, np.int64), np.array(starts, np.int64))
