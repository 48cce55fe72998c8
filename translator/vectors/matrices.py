"""Matrices made block by block; one too large for memory is a memory-mapped temporary file."""

from __future__ import annotations

import mmap
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from typing import IO

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
    if (
        shutil.disk_usage(tempfile.gettempdir()).free < size
    ):  # a full disk would kill the process as it writes
        raise _no_room(rows, columns)
    with tempfile.TemporaryFile() as file:
        file.truncate(size)
        return np.frombuffer(mmap.mmap(file.fileno(), size), np.float32).reshape(rows, columns)


class GrowingMatrix:
    """A matrix to which rows are appended, in memory until it is large, and then in a temporary file.

    :param columns: width of the rows.
    :param expected: number of rows if it is known, 0 otherwise.

    >>> matrix = GrowingMatrix(2)
    >>> matrix.append(np.float32([[1, 2], [3, 4]]))
    >>> matrix.whole().tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """

    def __init__(self, columns: int, expected: int = 0) -> None:
        self._memory = np.empty((0, columns), np.float32)
        self._file: IO[bytes] | None = None
        self._count, self._expected = 0, expected

    def __del__(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # what it could not write is not needed any more
                self._file.close()

    def append(self, rows: Floats) -> None:
        """Append rows, float32 [n, columns].

        :raises DataError: the matrix must be kept on disk, and the disk has no room.
        """
        before, self._count = self._count, self._count + len(rows)
        columns = self._memory.shape[1]
        try:
            if self._file is None and self._count * columns * 4 > IN_MEMORY:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 closed by __del__ at the latest
                self._file.write(self._memory[:before].data)
            if self._file is not None:
                self._memory = self._memory[:0].copy()
                self._file.write(np.ascontiguousarray(rows).data)
                return
        except OSError:
            raise _no_room(max(self._count, self._expected), columns) from None
        if self._count > len(self._memory):  # a quarter more than needed, so that it seldom moves
            room = min(self._count + self._count // 4, max(self._count, self._expected or self._count * 2))
            self._memory.resize((room, columns), refcheck=False)
        self._memory[before : self._count] = rows

    def whole(self) -> Floats:
        """Return all rows; nothing can be appended afterwards."""
        if self._file is None:
            self._memory.resize((self._count, self._memory.shape[1]), refcheck=False)
            return self._memory
        with self._file:
            self._file.flush()
            content = mmap.mmap(self._file.fileno(), 0)
        return np.frombuffer(content, np.float32).reshape(self._count, -1)


def _no_room(rows: int, columns: int) -> DataError:
    size = rows * columns * 4 / 2**30
    return DataError(
        f"{tempfile.gettempdir()}: no room for a matrix of {rows:,} x {columns:,} ({size:.1f} GiB)",
        "Set TMPDIR to a folder on a disk with room, or pass a smaller `limit`.",
    )
