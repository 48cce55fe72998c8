"""Matrices made by blocks are those made at once, wherever they are kept."""

from __future__ import annotations

import tempfile
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from full_disk import file_size_limit
from toys import gaussian

from translator.errors import DataError
from translator.vectors import Floats, matrices
from translator.vectors.matrices import GrowingMatrix, allocate, rowwise


def halved(rows: Floats) -> Floats:
    return rows[:, :2] / 2


@pytest.mark.parametrize("in_memory", [0, 2**30])
@pytest.mark.parametrize("n", [0, 1, 6, 7, 8, 30])
def test_blocks_give_what_the_whole_gives(n: int, in_memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrices, "ROWS", 7)
    monkeypatch.setattr(matrices, "IN_MEMORY", in_memory)
    rows = gaussian(n, 5)
    made = rowwise(halved, rows)
    assert made.dtype == np.float32 and made.flags.writeable
    np.testing.assert_array_equal(made, halved(rows))


def test_a_large_matrix_is_a_file_that_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(matrices, "IN_MEMORY", 100)
    assert allocate(5, 5).base is None, "this one is small"
    large = allocate(300, 100)
    large[:] = 3
    maps = Path("/proc/self/maps")
    assert not maps.exists() or str(tmp_path) in maps.read_text()
    assert list(tmp_path.iterdir()) == []
    assert large.sum() == 90_000


def test_no_room_is_said_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(matrices.shutil, "disk_usage", lambda _: usage(10**6, 10**6 - 1000, 1000))
    monkeypatch.setattr(matrices, "IN_MEMORY", 100)
    with pytest.raises(DataError, match=r"no room for a matrix of 1,000 x 10 \(0.0 GiB\)") as caught:
        allocate(1000, 10)
    assert "TMPDIR" in caught.value.hint


@pytest.mark.parametrize("in_memory", [0, 100, 2**30])
@pytest.mark.parametrize("expected", [0, 30])
def test_a_growing_matrix_is_that_of_all_rows(
    in_memory: int, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(matrices, "IN_MEMORY", in_memory)
    rows, growing = gaussian(30, 5), GrowingMatrix(5, expected)
    for start in range(0, 30, 4):
        growing.append(rows[start : start + 4])
    whole = growing.whole()
    np.testing.assert_array_equal(whole, rows)
    assert whole.flags.writeable and (whole.base is None) == (in_memory == 2**30)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_growing_matrix() -> None:
    assert GrowingMatrix(5).whole().shape == (0, 5)


def test_no_room_for_a_growing_matrix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrices, "IN_MEMORY", 100)
    growing = GrowingMatrix(10, 1000)
    with file_size_limit(200_000), pytest.raises(DataError, match="no room for a matrix of 10,000 x 10"):
        growing.append(gaussian(10_000, 10))
