"""CSLS as an inner product, so that any vector database can rank by it.

For fixed targets CSLS ranks by ``2 x.y - r(y)``, since a term that depends on the query x alone cannot
change the order (see ``retrieval``). This is the inner product of ``[2y, -r(y)]`` with ``[x, 1]``: one more
coordinate.
"""

from __future__ import annotations

import numpy as np

from translator.errors import DataError
from translator.vectors import Floats


def csls_targets(matrix: Floats, means: Floats) -> Floats:
    """Return a row ``[2y, -r(y)]`` for each target y.

    >>> csls_targets(np.array([[1, 0], [0.5, 0.75]], np.float32), means=np.array([1, 0.5], np.float32))
    array([[ 2. ,  0. , -1. ],
           [ 1. ,  1.5, -0.5]], dtype=float32)

    :param matrix: unit rows, float32 [m, e].
    :param means: r, the mean cosine of each target with its k nearest sources, float32 [m].
    :returns: float32 [m, e + 1]; the inner product with a row of :func:`csls_queries` is CSLS plus the
        mean of the query, which is the same for all targets.
    :raises DataError: matrix and means differ in length.
    """
    if matrix.ndim != 2 or means.shape != matrix.shape[:1]:
        raise DataError(f"targets of shape {list(matrix.shape)} but means of shape {list(means.shape)}")
    return np.column_stack([2 * matrix, -means]).astype(np.float32, copy=False)


def csls_queries(rows: Floats) -> Floats:
    """Return a row ``[x, 1]`` for each query x.

    A zero row, of a word without a vector, finds the targets of the lowest means.

    :param rows: unit rows, float32 [n, e].
    :returns: float32 [n, e + 1].
    """
    return np.column_stack([rows, np.ones(len(rows), np.float32)]).astype(np.float32, copy=False)


def equal_lengths(rows: Floats) -> Floats:
    """Append a coordinate that makes all rows as long as the longest (Bachrach et al. 2014).

    If 0 is appended to the queries, inner products do not change, and cosine and Euclidean distance rank as
    they do. This is for vector databases without an inner product.

    :param rows: float32 [m, d].
    :returns: float32 [m, d + 1].
    """
    squares = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
    lacking = np.sqrt(squares.max(initial=0) - squares)
    return np.column_stack([rows, lacking]).astype(np.float32, copy=False)
