"""Pairs of words with weights, the input of every method that learns a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from translator.vectors import Flags, Floats, Indices
from translator.vectors.rows import Rows


@dataclass(frozen=True, eq=False)
class WeightedPairs(Rows):
    """Pairs of words, and how much each counts.

    :param rows: int64 [p, 2], rows of the source and of the target.
    :param weights: float32 [p], in (0, 1]: the probability that the pair is right.
    """

    rows: Indices
    weights: Floats

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def certain(cls, rows: Indices) -> Self:
        """Return pairs of weight 1.

        >>> WeightedPairs.certain(np.array([[0, 2], [1, 1]])).weights.tolist()
        [1.0, 1.0]
        """
        return cls(rows, np.ones(len(rows), np.float32))

    @classmethod
    def none(cls) -> Self:
        """Return no pairs."""
        return cls.certain(np.empty((0, 2), np.int64))

    def __add__(self, other: Self) -> Self:
        """Return the pairs of both; a pair in both counts twice."""
        return type(self).joined([self, other])

    @property
    def expected(self) -> float:
        """The expected number of right pairs: the sum of the weights."""
        return float(self.weights.sum(dtype=np.float64))

    def one_to_one(self, least: float) -> Self:
        """Return the pairs that are the heaviest of both of their words, if they weigh at least ``least``.

        >>> pairs = WeightedPairs(np.array([[0, 0], [0, 1], [1, 1]]), np.array([0.9, 0.4, 0.3], np.float32))
        >>> pairs.one_to_one(0.2).rows.tolist()
        [[0, 0]]
        """
        order = np.argsort(-self.weights, kind="stable")
        source, target = (np.unique(self.rows[order, side], return_index=True)[1] for side in (0, 1))
        both = np.intersect1d(source, target)
        kept = np.sort(order[both])
        return self[kept[self.weights[kept] >= least]]

    def without(self, source: Indices, target: Indices) -> Self:
        """Return the pairs of which neither word is among the given ones."""
        kept = ~np.isin(self.rows[:, 0], source) & ~np.isin(self.rows[:, 1], target)
        return self[np.flatnonzero(kept)]

    def within(self, sizes: tuple[int, int]) -> Self:
        """Return the pairs of which both words are among the most frequent ones."""
        return self[np.flatnonzero((self.rows < sizes).all(axis=1))]


def among(pairs: Indices, sources: Indices, targets: Indices) -> Flags:
    """Return whether each source row with its target row is one of some pairs, bool of their joint shape.

    >>> pairs = np.array([[0, 2], [1, 0]])
    >>> among(pairs, np.array([[0], [1]]), np.array([[2, 1], [2, 0]])).tolist()
    [[True, False], [False, True]]

    :param pairs: int64 [p, 2], rows of the source and of the target.
    :param sources: int64, of a shape that fits that of ``targets``; -1 for words outside the vocabulary.
    """
    width = 1 + max(targets.max(initial=0), pairs[:, 1].max(initial=0))
    return np.isin(sources * width + targets, pairs @ np.array([width, 1]))
