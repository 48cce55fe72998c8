"""CSLS as an inner product, so that any store of vectors can rank by it.

For fixed targets CSLS ranks by ``2 x.y - r(y)``: what depends on the query x alone cannot change the order
(see ``retrieval``). That is the inner product of ``[2y, -r(y)]`` with ``[x, 1]``: one more coordinate.
"""

from __future__ import annotations

import numpy as np

from translator.errors import DataError
from translator.vectors import Floats


def csls_targets(matrix: Floats, means: Floats) -> Floats:
    """A row ``[2y, -r(y)]`` for each target y.

    :param matrix: unit rows, float32 [m, e].
    :param means: r, the mean cosine of each target with its k nearest sources, float32 [m].
    :returns: float32 [m, e + 1]; the inner product with a row of :func:`csls_queries` is CSLS plus the
        query's own mean, which is the same for all targets.
    :raises DataError: the two disagree in length.
    """
    if matrix.ndim != 2 or means.shape != matrix.shape[:1]:
        raise DataError(f"targets of shape {list(matrix.shape)} but means of shape {list(means.shape)}")
    return np.column_stack([2 * matrix, -means]).astype(np.float32, copy=False)


def csls_queries(rows: Floats) -> Floats:
    """A row ``[x, 1]`` for each query x; a zero row, of a word without a vector, asks for the least hubs.

    :param rows: unit rows, float32 [n, e].
    :returns: float32 [n, e + 1].
    """
    return np.column_stack([rows, np.ones(len(rows), np.float32)]).astype(np.float32, copy=False)


def equal_lengths(rows: Floats) -> Floats:
    """Rows with one more coordinate, which makes all as long as the longest (Bachrach et al. 2014).

    With a 0 appended to the queries, inner products stay what they were, and cosine and Euclidean distance
    rank as they do: for stores of vectors that know no inner product.

    :param rows: float32 [m, d].
    :returns: float32 [m, d + 1].
    """
    squares = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
    lacking = np.sqrt(squares.max(initial=0) - squares)
    return np.column_stack([rows, lacking]).astype(np.float32, copy=False)
