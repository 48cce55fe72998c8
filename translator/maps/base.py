"""Input and output of every method of mapping."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from translator.maps.history import Step
from translator.vectors import Floats, Indices
from translator.vectors.matrices import ROUNDING, rowwise
from translator.vectors.normalize import unit_rows


@dataclass(frozen=True, eq=False)
class Spaces:
    """Two normalised spaces, the most frequent words first; d and d' may differ.

    :param source: unit rows, float32 [n, d].
    :param target: unit rows, float32 [m, d'].
    """

    source: Floats
    target: Floats

    def pairs(self, rows: Indices) -> tuple[Floats, Floats]:
        """Return the vectors of pairs: rows int64 [p, 2] -> float32 [p, d] and [p, d']."""
        return self.source[rows[:, 0]], self.target[rows[:, 1]]

    def mapped(self, maps: Maps) -> Spaces:
        """Map both spaces into the shared space, unit rows."""
        return Spaces(_mapped(self.source, maps.source), _mapped(self.target, maps.target))

    @property
    def sizes(self) -> tuple[int, int]:
        """Number of words of the source and of the target."""
        return len(self.source), len(self.target)

    def frequent(self, words: int) -> Spaces:
        """Return the spaces of the most frequent words only."""
        return Spaces(self.source[:words], self.target[:words])


@dataclass(frozen=True, eq=False)
class Maps:
    """Linear maps of both sides into the shared space, and how they were learned.

    :param source: float32 [d, e]; a row x is mapped to ``x @ source``.
    :param target: float32 [d', e].
    :param history: the steps of all methods in order.
    """

    source: Floats
    target: Floats
    history: tuple[Step, ...] = ()


def _mapped(space: Floats, matrix: Floats) -> Floats:
    if np.array_equal(matrix, np.eye(len(matrix), dtype=np.float32)):
        return space  # its rows are of unit length, and there are as many as words
    return rowwise(lambda rows: unit_rows(rows @ matrix), space)


def nearest_orthogonal(matrix: Floats) -> Floats:
    """Return U V^T of the SVD of ``matrix`` [d, e]: the closest orthogonal matrix, if it has full rank.

    With d < e its rows are orthonormal, with d > e its columns are (a semi-orthogonal matrix). Fewer pairs
    than dimensions leave directions whose singular value is 0. Any rotation of these is as close, and
    rounding would choose one, which differs between processors. So they are mapped to zero.
    """
    left, values, right = np.linalg.svd(matrix)
    spanned = int((values > values[0] * ROUNDING).sum())
    orthogonal: Floats = (left[:, :spanned] @ right[:spanned]).astype(np.float32)
    return orthogonal
