"""Bands of word frequency, by which accuracy and coverage are broken down."""

from __future__ import annotations

from dataclasses import dataclass

from translator.vectors import Flags, Indices

ENDS = (2000, 5000, 10_000)  # last rank of each band but the last


@dataclass(frozen=True)
class Band:
    """Words from the ``first`` to the ``last`` rank by frequency, counted from 1, both inclusive."""

    first: int
    last: int

    def holds(self, rows: Indices) -> Flags:
        """Return which rows of the vocabulary, int64 [n], are in the band: bool [n]."""
        return (rows >= self.first - 1) & (rows < self.last)


def bands(size: int) -> list[Band]:
    """Return the bands of a vocabulary of ``size`` words, the most frequent first.

    >>> bands(3000)
    [Band(first=1, last=2000), Band(first=2001, last=3000)]
    """
    ends = [end for end in ENDS if end < size] + [size]
    return [Band(previous + 1, end) for previous, end in zip([0, *ends], ends, strict=False)]
