"""Words by frequency: the bands in which accuracy and coverage are told."""

from __future__ import annotations

from dataclasses import dataclass

from translator.vectors import Flags, Indices

ENDS = (2000, 5000, 10_000)  # last place of each band but the last


@dataclass(frozen=True)
class Band:
    """Words from the ``first`` to the ``last`` place by frequency, counted from 1, both inside."""

    first: int
    last: int

    def holds(self, rows: Indices) -> Flags:
        """Which rows of the vocabulary, int64 [n], lie in the band: bool [n]."""
        return (rows >= self.first - 1) & (rows < self.last)


def bands(size: int) -> list[Band]:
    """The bands of a vocabulary of ``size`` words, the most frequent first."""
    ends = [end for end in ENDS if end < size] + [size]
    return [Band(before + 1, end) for before, end in zip([0, *ends], ends, strict=False)]
