"""Matrices made block by block; one too large for memory lives in a temporary file that is mapped into it."""

from __future__ import annotations

import mmap
import shutil
import tempfile
from collections.abc import Callable

import numpy as np

from translator.errors import DataError
from translator.vectors import Flags, Floats

IN_MEMORY = 2**30  # bytes of a matrix beyond which the disk holds it: about 900,000 rows of 300 numbers
ROWS = 8192  # a block


def rounding(size: float, terms: int) -> float:
    """Return the largest error of a float32 sum of ``terms`` numbers whose absolute values sum to ``size``.

    A result within it may be zero: what is left differs with the order in which a processor adds.
    """
    return terms * float(np.finfo(np.float32).eps) * size


def rowwise(transform: Callable[[Floats], Floats], matrix: Floats) -> Floats:
    """``transform`` of all rows, taken a block at a time, float32 [n, d] -> [n, e].

    :param transform: gives as many rows as it takes, each of which depends on its own row alone.
    :raises DataError: the result is to be held by the disk, and there is no room for it.
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
    """Which rows hold nothing but finite numbers, bool [n]."""
    blocks = (matrix[top : top + ROWS] for top in range(0, len(matrix), ROWS))
    finite = [np.isfinite(block).all(axis=1) for block in blocks]
    return np.concatenate([np.ones(0, bool), *finite])


def allocate(rows: int, columns: int) -> Floats:
    """A matrix to be filled, float32 [rows, columns]: in memory, or in a temporary file that ends with it.

    :raises DataError: there is no room for the file.
    """
    size = rows * columns * 4
    if size <= IN_MEMORY:
        return np.empty((rows, columns), np.float32)
    folder = tempfile.gettempdir()
    if shutil.disk_usage(folder).free < size:  # a full disk would kill the process while it writes
        raise DataError(
            f"{folder}: no room for a matrix of {rows:,} x {columns:,} ({size / 2**30:.1f} GiB)",
            "Set TMPDIR to a folder on a disk with room, or take fewer words with --limit.",
        )
    with tempfile.TemporaryFile() as file:
        file.truncate(size)
        return np.frombuffer(mmap.mmap(file.fileno(), size), np.float32).reshape(rows, columns)
