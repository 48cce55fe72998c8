"""Conditioning of a map: the directions that it keeps, and those that it compresses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from translator.alignment.affine import SideMap
from translator.vectors.matrices import ROUNDING


@dataclass(frozen=True)
class Conditioning:
    """How a map stretches its space.

    :param singular_values: divided by their root mean square, the largest first; all are 1 for a rotation.
    :param condition_number: the largest over the smallest; None if the smallest is 0.
    """

    singular_values: tuple[float, ...]
    condition_number: float | None


def conditioning(side: SideMap) -> Conditioning | None:
    """Return the singular values of a side's matrix; None for a multiple of the identity."""
    if side.only_scales:
        return None
    values = np.linalg.svd(side.matrix.astype(np.float64), compute_uv=False)
    smallest = values[-1] if values[-1] > ROUNDING * values[0] else 0.0
    return Conditioning(
        tuple((values / np.sqrt((values**2).mean())).tolist()),
        float(values[0] / smallest) if smallest else None,
    )
