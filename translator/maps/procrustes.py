"""Orthogonal Procrustes: the rotation that brings the pairs closest together (Schoenemann 1966).

With orthogonal W, minimising sum |x W - z|^2 is maximising tr(W^T X^T Z), whose solution is U V^T for the
singular value decomposition X^T Z = U S V^T (Xing et al. 2015, Smith et al. 2017). W is orthogonal if the
pairs span the space; directions that they do not span are mapped to zero. Between spaces of different width W
is semi-orthogonal: it keeps all distances of a narrower source, and projects a wider one onto the directions
that have the most in common with the target.
"""

from __future__ import annotations

import numpy as np

from translator.maps.base import Maps, Spaces, nearest_orthogonal
from translator.maps.pairs import WeightedPairs
from translator.vectors import Floats


def procrustes(spaces: Spaces, pairs: WeightedPairs) -> Maps:
    """Return the rotation of the pairs as the source map, and the identity as the target map."""
    x, z = spaces.pairs(pairs.rows)
    weighted: Floats = x * pairs.weights[:, None]
    return Maps(nearest_orthogonal(weighted.T @ z), np.eye(z.shape[1], dtype=np.float32))
