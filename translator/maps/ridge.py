"""Ridge: the least-squares map of the pairs, drawn towards their rotation.

A rotation keeps all distances, which is right for few or doubtful pairs: it has the fewest ways to be wrong.
Many good pairs show how the spaces really differ, and least squares learns that. The map here minimises

    sum of w |x W - z|^2  +  strength |W - R|^2

over pairs (x, z) of weight w, where R is the rotation of the same pairs (:mod:`translator.maps.procrustes`);
W, too, maps directions that they do not span to zero. This is the most probable map if the
deviations from R are normally distributed. A rotation counts as much as ``strength`` pairs do in each
direction, so the number of pairs decides between the two by itself.

Spaces of equal width hold the same kind of vectors, and one strength suited them all. Spaces of different
width may be as unlike as two sentence encoders, so there held-out pairs choose the strength.
"""

from __future__ import annotations

import numpy as np

from translator.maps.base import Maps, Spaces, nearest_orthogonal
from translator.maps.pairs import WeightedPairs
from translator.vectors import Doubles, Floats
from translator.vectors.normalize import unit_rows

STRENGTH = 20.0  # 10 to 30 were best in 300 dimensions, on held-out words of training dictionaries (by hand)
STRENGTHS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)  # candidates where the widths differ
FOLDS = 5  # of the held-out pairs


def ridge(spaces: Spaces, pairs: WeightedPairs, strength: float | None = None) -> Maps:
    """Return the least-squares source map drawn towards the rotation; the target map is the identity.

    :param strength: weight of the squared distance from the rotation, more than 0; None for :data:`STRENGTH`,
        or for :func:`best_strength` of the pairs where the spaces differ in width.
    """
    x, z = spaces.pairs(pairs.rows)
    if strength is None:
        strength = STRENGTH if x.shape[1] == z.shape[1] else best_strength(spaces, pairs)
    W = _Squares(x, z, pairs.weights).solution(strength)
    return Maps(W.astype(np.float32), np.eye(z.shape[1], dtype=np.float32))


def best_strength(spaces: Spaces, pairs: WeightedPairs) -> float:
    """Return which of :data:`STRENGTHS` maps held-out pairs closest together, by their mean cosine."""
    x, z = spaces.pairs(pairs.rows)
    cosines = np.zeros(len(STRENGTHS))
    for fold in range(FOLDS):
        held_out = np.arange(len(pairs)) % FOLDS == fold
        squares = _Squares(x[~held_out], z[~held_out], pairs.weights[~held_out])
        for place, strength in enumerate(STRENGTHS):
            mapped = unit_rows((x[held_out] @ squares.solution(strength)).astype(np.float32))
            cosines[place] += pairs.weights[held_out] @ (mapped * z[held_out]).sum(axis=1)
    return STRENGTHS[int(cosines.argmax())]


class _Squares:
    """The sums over pairs that the least-squares problem consists of."""

    def __init__(self, x: Floats, z: Floats, weights: Floats) -> None:
        weighted: Floats = x * weights[:, None]
        self.product: Floats = weighted.T @ z
        self.gram: Doubles = (weighted.T @ x).astype(np.float64)
        self.rotation: Doubles = nearest_orthogonal(self.product).astype(np.float64)

    def solution(self, strength: float) -> Doubles:
        """Return the map, float64 [d, d']."""
        gram = self.gram.copy()
        gram.flat[:: len(gram) + 1] += strength
        drawn: Doubles = self.product + strength * self.rotation
        return np.linalg.solve(gram, drawn).astype(np.float64)
