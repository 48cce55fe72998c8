"""Whether probabilities hold, and what they promise of a part."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from translator.vectors import Flags, Indices


def calibration_error(probability: npt.NDArray[Any], hit: Flags, bins: int = 10) -> float:
    """Expected calibration error: distance of mean probability and share of hits, over bins of equal size."""
    parts = equal_bins(probability, bins)
    return float(
        sum(len(part) * abs(probability[part].mean() - hit[part].mean()) for part in parts) / len(probability)
    )


def equal_bins(probability: npt.NDArray[Any], bins: int = 10) -> list[Indices]:
    """Rows in bins of equal size, the least likely first; fewer bins where there are fewer rows."""
    order = np.argsort(probability, kind="stable")
    return [part for part in np.array_split(order, bins) if len(part)]


def surest(likely: npt.NDArray[Any], precision: float) -> Indices:
    """Rows of the largest part whose mean probability is at least ``precision``, the likeliest first."""
    order = np.argsort(-likely, kind="stable")
    enough = np.flatnonzero(np.cumsum(likely[order]) / np.arange(1, len(order) + 1) >= precision)
    return order[: enough[-1] + 1] if len(enough) else order[:0]
