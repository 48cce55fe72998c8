"""Ridge: the least-squares map of the pairs, drawn towards their rotation.

A rotation keeps all distances, which is right for few or doubtful pairs: it has the fewest ways to be wrong.
Many good pairs show how the spaces really differ, and least squares learns that. The map here minimises

    sum of w |x W - z|^2  +  strength |W - R|^2

over pairs (x, z) of weight w, where R is the rotation of the same pairs (:mod:`translator.maps.procrustes`);
W, too, maps directions that they do not span to zero. This is the most probable map if the
deviations from R are normally distributed. A rotation counts as much as ``strength`` pairs do in each
direction, so the number of pairs decides between the two by itself.
"""

from __future__ import annotations

import numpy as np

from translator.maps.base import Maps, Spaces, nearest_orthogonal
from translator.maps.pairs import WeightedPairs
from translator.vectors import Doubles, Floats

STRENGTH = 20.0  # 10 to 30 were best in 300 dimensions, on held-out words of training dictionaries (by hand)


def ridge(spaces: Spaces, pairs: WeightedPairs, strength: float = STRENGTH) -> Maps:
    """Return the least-squares source map drawn towards the rotation; the target map is the identity.

    :param strength: weight of the squared distance from the rotation, more than 0.
    """
    x, z = spaces.pairs(pairs.rows)
    weighted: Floats = x * pairs.weights[:, None]
    product: Floats = weighted.T @ z
    gram: Doubles = (weighted.T @ x).astype(np.float64)
    gram.flat[:: len(gram) + 1] += strength
    drawn: Doubles = product + strength * nearest_orthogonal(product).astype(np.float64)
    W = np.linalg.solve(gram, drawn)
    return Maps(W.astype(np.float32), np.eye(z.shape[1], dtype=np.float32))
