"""Maps for both sides: whiten, rotate, re-weight, de-whiten (Artetxe, Labaka & Agirre 2018a).

Whitening gives every direction of the paired words the same variance; the rotation is then a canonical
correlation analysis, re-weighting favours the directions in which the two languages agree, and
de-whitening gives each direction its variance back.
"""

from __future__ import annotations

import numpy as np

from translator.maps.base import Maps, Spaces
from translator.maps.pairs import WeightedPairs
from translator.vectors import Floats
from translator.vectors.matrices import ROUNDING

REWEIGHT = 0.5  # power of the correlations, on both sides


def whitening(spaces: Spaces, pairs: WeightedPairs) -> Maps:
    """Return the source and the target map of the pairs, float32 [d, e] and [d', e], where e is min(d, d').

    Directions that the paired words do not span have no variance; they are left out of the inverse.
    """
    root = np.sqrt(pairs.weights)[:, None]
    x, z = (side * root for side in spaces.pairs(pairs.rows))
    (white_x, color_x), (white_z, color_z) = _whitener(x), _whitener(z)
    left, correlation, right = np.linalg.svd(
        (x @ white_x).astype(np.float64).T @ (z @ white_z), full_matrices=False
    )
    weight = correlation**REWEIGHT
    source = white_x @ left * weight @ left.T @ color_x @ left
    target = white_z @ right.T * weight @ right @ color_z @ right.T
    return Maps(source.astype(np.float32), target.astype(np.float32))


def _whitener(rows: Floats) -> tuple[Floats, Floats]:
    """(X^T X)^(-1/2) and its (pseudo-)inverse, float64 [d, d] each."""
    variance, axes = np.linalg.eigh(rows.astype(np.float64).T @ rows)
    spread = np.sqrt(np.maximum(variance, 0))
    spanned = spread > spread[-1] * ROUNDING
    inverse = np.divide(1, spread, out=np.zeros_like(spread), where=spanned)
    return axes * inverse @ axes.T, axes * np.where(spanned, spread, 0) @ axes.T
