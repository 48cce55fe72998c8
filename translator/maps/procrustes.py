"""Orthogonal Procrustes: the rotation that brings the pairs closest together (Schoenemann 1966).

With orthogonal W, minimising sum |x W - z|^2 is maximising tr(W^T X^T Z), whose solution is U V^T for
the singular value decomposition X^T Z = U S V^T (Xing et al. 2015, Smith et al. 2017).
"""

from __future__ import annotations

import numpy as np

from translator.maps.base import Maps, Spaces, nearest_orthogonal
from translator.vectors import Indices


def procrustes(spaces: Spaces, pairs: Indices) -> Maps:
    """Return the orthogonal source map of the pairs; the target map is the identity.

    :param pairs: int64 [p, 2], rows of the source and of the target.
    """
    x, z = spaces.pairs(pairs)
    return Maps(nearest_orthogonal(x.T @ z), np.eye(z.shape[1], dtype=np.float32))
