"""Matrices made block by block; one too large for memory is a memory-mapped temporary file."""

from __future__ import annotations

import mmap
import shutil
import tempfile
from collections.abc import Callable

import numpy as np

from translator.errors import DataError
from translator.vectors import Flags, Floats

IN_MEMORY = 2**30  # bytes; a larger matrix is kept on disk: more than about 900,000 rows of 300 numbers
ROWS = 8192  # of a block
# Share of the size of what was summed below which a float32 result may be rounding alone, which differs
# between processors: 8 times float32's precision. The products of two unit rows sum to at most 1.
ROUNDING = 1e-6


def rowwise(transform: Callable[[Floats], Floats], matrix: Floats) -> Floats:
    """Transform all rows of a matrix, a block at a time, float32 [n, d] -> [n, e].

    :param transform: returns one row for each row it gets, and looks at no other rows for it.
    :raises DataError: the result must be kept on disk, and the disk has no room.

    >>> rowwise(lambda rows: rows * 2, np.ones((2, 3), np.float32)).tolist()
    [[2.0, 2.0, 2.0], [2.0, 2.0, 2.0]]
    """
    first = transform(matrix[:ROWS])
    if len(matrix) <= ROWS:
        return first
    result = allocate(len(matrix), first.shape[1])
    result[:ROWS] = first
    for top in range(ROWS, len(matrix), ROWS):
        result[top : top + ROWS] = transform(matrix[top : top + ROWS])
    return result


def finite_rows(matrix: Floats) -> Flags:
    """Tell which rows are finite throughout, bool [n]."""
    blocks = (matrix[top : top + ROWS] for top in range(0, len(matrix), ROWS))
    finite = [np.isfinite(block).all(axis=1) for block in blocks]
    return np.concatenate([np.ones(0, bool), *finite])


def allocate(rows: int, columns: int) -> Floats:
    """Allocate a matrix to fill, float32 [rows, columns], in memory or in a temporary file.

    The file is removed when the matrix is no longer used.

    :raises DataError: the disk has no room for the file.
    """
    size = rows * columns * 4
    if size <= IN_MEMORY:
        return np.empty((rows, columns), np.float32)
    folder = tempfile.gettempdir()
    if shutil.disk_usage(folder).free < size:  # a full disk would kill the process while it writes
        raise DataError(
            f"{folder}: no room for a matrix of {rows:,} x {columns:,} ({size / 2**30:.1f} GiB)",
            "Set TMPDIR to a folder on a disk with room, or pass a smaller `limit`.",
        )
    with tempfile.TemporaryFile() as file:
        file.truncate(size)
        return np.frombuffer(mmap.mmap(file.fileno(), size), np.float32).reshape(rows, columns)
