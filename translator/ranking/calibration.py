"""Measure the calibration of probabilities, and select the most confident rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from translator.vectors import Flags, Indices


def calibration_error(probability: npt.NDArray[Any], hit: Flags, bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal size.

    The error is the mean distance, weighted by bin size, of mean probability and share of hits.

    :param probability: float [n], that each answer is right.
    :param hit: bool [n], whether each answer is right.

    >>> calibration_error(np.full(4, 0.5), np.array([True, True, True, False]), bins=1)
    0.25
    """
    binned = equal_bins(probability, bins)
    gaps = (len(rows) * abs(probability[rows].mean() - hit[rows].mean()) for rows in binned)
    return float(sum(gaps) / len(probability))


def equal_bins(probability: npt.NDArray[Any], bins: int = 10) -> list[Indices]:
    """Return row numbers in bins of equal size, the least probable first.

    Fewer rows than ``bins`` make fewer bins.

    >>> [rows.tolist() for rows in equal_bins(np.array([0.9, 0.1, 0.5, 0.7]), bins=2)]
    [[1, 2], [3, 0]]
    """
    order = np.argsort(probability, kind="stable")
    return [rows for rows in np.array_split(order, bins) if len(rows)]


def most_confident(probability: npt.NDArray[Any], precision: float) -> Indices:
    """Return as many of the most probable rows as have a mean probability of at least ``precision``.

    :returns: int64 row numbers, the most probable first.

    >>> most_confident(np.array([0.2, 0.9, 0.7]), precision=0.8).tolist()
    [1, 2]
    """
    order = np.argsort(-probability, kind="stable")
    enough = np.flatnonzero(np.cumsum(probability[order]) / np.arange(1, len(order) + 1) >= precision)
    return order[: enough[-1] + 1] if len(enough) else order[:0]
