"""The singular values of a map: which directions it keeps, and which it presses together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from translator.alignment.affine import SideMap
from translator.vectors.matrices import ROUNDING


@dataclass(frozen=True)
class Conditioning:
    """How a map stretches its space.

    :param singular_values: divided by their root mean square, the largest first: a rotation has ones.
    :param condition_number: the largest over the smallest; None where the smallest is 0.
    """

    singular_values: tuple[float, ...]
    condition_number: float | None


def conditioning(side: SideMap) -> Conditioning | None:
    """The singular values of a side's matrix; None for one that only scales."""
    if side.only_scales:
        return None
    values = np.linalg.svd(side.matrix.astype(np.float64), compute_uv=False)
    smallest = values[-1] if values[-1] > ROUNDING * values[0] else 0.0
    return Conditioning(
        tuple((values / np.sqrt((values**2).mean())).tolist()),
        float(values[0] / smallest) if smallest else None,
    )
