"""``.npz`` and ``.safetensors``: there and back, other makers' files, and damaged ones."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from toys import gaussian

from translator.errors import DataError, FormatError
from translator.files import read_safetensors
from translator.formats.arrays import read_npz, vectors_of, write_npz, write_safetensors
from translator.vectors import WordVectors

WORDS = ["a", "New York", "全\u3000角", "😀", "10\u00a0000"]

Reader = Callable[..., WordVectors]
Writer = Callable[..., None]


def read_tensors(path: Path, limit: int | None = None) -> WordVectors:
    return vectors_of(path, read_safetensors(path, mapped=True)[0], limit)


both = pytest.mark.parametrize(
    ("read", "write", "suffix"),
    [
        pytest.param(read_npz, write_npz, ".npz", id="npz"),
        pytest.param(read_tensors, write_safetensors, ".safetensors", id="safetensors"),
    ],
)


def save(path: Path, **arrays: Any) -> Path:
    arrays = {name: array for name, array in arrays.items() if array is not None}
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    else:
        save_file(arrays, path)
    return path


def packed(text: str) -> Any:
    return np.frombuffer(bytearray(text, "utf-8"), np.uint8)


@pytest.fixture
def vectors() -> WordVectors:
    return WordVectors(WORDS, np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32))


@both
def test_there_and_back(
    vectors: WordVectors, tmp_path: Path, read: Reader, write: Writer, suffix: str
) -> None:
    path = tmp_path / f"x{suffix}"
    write(vectors, path)
    again = read(path)
    assert again.words == WORDS
    np.testing.assert_array_equal(again.matrix, vectors.matrix)
    few = read(path, 2)
    assert few.words == WORDS[:2]
    np.testing.assert_array_equal(few.matrix, vectors.matrix[:2])


@both
def test_half_precision(
    vectors: WordVectors, tmp_path: Path, read: Reader, write: Writer, suffix: str
) -> None:
    path = tmp_path / f"x{suffix}"
    write(vectors, path, half=True)
    raw = np.load(path)["vectors"] if suffix == ".npz" else load_file(path)["vectors"]
    assert raw.dtype == np.float16
    again = read(path)
    assert again.matrix.dtype == np.float32
    np.testing.assert_array_equal(again.matrix, vectors.matrix.astype(np.float16).astype(np.float32))


@both
def test_too_large_for_half_precision(tmp_path: Path, read: Reader, write: Writer, suffix: str) -> None:
    with pytest.raises(DataError, match="65504"):
        write(WordVectors(["a"], np.array([[1e5]], np.float32)), tmp_path / f"x{suffix}", half=True)
    assert not list(tmp_path.iterdir())


@both
def test_views_are_written_as_they_look(tmp_path: Path, read: Reader, write: Writer, suffix: str) -> None:
    matrix = np.arange(12, dtype=np.float32).reshape(3, 4).T[::2]
    write(WordVectors(["a", "b"], matrix), tmp_path / f"x{suffix}")
    np.testing.assert_array_equal(read(tmp_path / f"x{suffix}").matrix, matrix)


@both
@pytest.mark.parametrize("word", ["", "a\nb", "\udce9"])
def test_words_that_cannot_be_stored(
    tmp_path: Path, read: Reader, write: Writer, suffix: str, word: str
) -> None:
    with pytest.raises(DataError, match="cannot be stored"):
        write(WordVectors([word], np.zeros((1, 2), np.float32)), tmp_path / f"x{suffix}")


ONES = np.ones((2, 3), np.float32)


@both
@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"vectors": ONES}, "has no array 'words'"),
        ({"words": packed("a\nb")}, "has no array 'vectors'"),
        ({"vectors": ONES, "words": packed("a\nb\nc")}, "3 words but 2 vectors"),
        ({"vectors": ONES[0], "words": packed("a\nb")}, r"float32 of shape \(3,\)"),
        ({"vectors": ONES.astype(np.int32), "words": packed("a\nb")}, "'vectors' is int32"),
        ({"vectors": ONES, "words": ONES}, "'words' is float32"),
        ({"vectors": ONES, "words": np.array([97, 10, 255], np.uint8)}, "not UTF-8"),
        ({"vectors": np.array([[1], [np.nan]], np.float32), "words": packed("a\nb")}, "'b' is not finite"),
        ({"vectors": np.array([[1], [1e300]]), "words": packed("a\nb")}, "'b' is not finite"),
        ({"vectors": ONES, "words": packed("a\na")}, "'a' occurs more than once"),
        ({"vectors": ONES[:0], "words": packed("")}, "no vectors"),
    ],
)
def test_other_contents_are_refused(
    tmp_path: Path, read: Reader, write: Writer, suffix: str, arrays: dict[str, Any], message: str
) -> None:
    with pytest.raises(FormatError, match=message):
        read(save(tmp_path / f"x{suffix}", **arrays))


@both
@pytest.mark.parametrize("keep", [0, 3, 60, -20])
def test_damaged_files_are_refused(
    vectors: WordVectors, tmp_path: Path, read: Reader, write: Writer, suffix: str, keep: int
) -> None:
    path = tmp_path / f"x{suffix}"
    write(vectors, path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(FormatError, match="cannot be read as"):
        read(path)


@both
def test_damaged_bytes_are_never_more_than_refused(
    vectors: WordVectors, tmp_path: Path, read: Reader, write: Writer, suffix: str
) -> None:
    path = tmp_path / f"x{suffix}"
    write(vectors, path)
    if suffix == ".npz":
        np.savez_compressed(path, vectors=vectors.matrix, words=packed("\n".join(WORDS)))
    whole, generator, refusals = path.read_bytes(), random.Random(0), 0
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[generator.randrange(len(whole))] ^= generator.randrange(1, 256)
        path.write_bytes(damaged)
        try:
            read(path)
        except FormatError:
            refusals += 1
    assert refusals > 50


def test_a_unicode_array_of_words_is_read(tmp_path: Path) -> None:
    path = save(tmp_path / "x.npz", vectors=np.eye(2), words=np.array(["a", "été"]))
    assert read_npz(path).words == ["a", "été"]


def test_the_members_of_another_archive_are_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", other=np.zeros(3))
    with pytest.raises(FormatError, match="a zip archive of other") as caught:
        read_npz(tmp_path / "x.npz")
    assert "an array 'vectors'" in caught.value.hint


class Harmful:
    """Touches a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def test_no_pickle_is_opened(tmp_path: Path) -> None:
    words = np.array([Harmful(tmp_path / "mark")], object)
    np.savez(tmp_path / "x.npz", vectors=np.ones((1, 2)), words=words)
    with pytest.raises(FormatError, match=r"cannot be read as \.npz"):
        read_npz(tmp_path / "x.npz")
    assert not (tmp_path / "mark").exists()


def test_a_float32_matrix_of_a_safetensors_stays_in_the_file(tmp_path: Path) -> None:
    matrix = gaussian(50, 7)
    write_safetensors(WordVectors([f"w{row}" for row in range(50)], matrix), tmp_path / "x.safetensors")
    mapped = read_tensors(tmp_path / "x.safetensors").matrix
    owner: Any = mapped
    while isinstance(owner, np.ndarray) and not isinstance(owner, np.memmap):
        owner = owner.base
    assert isinstance(owner, np.memmap) and not mapped.flags.writeable
    np.testing.assert_array_equal(mapped, matrix)
    np.testing.assert_array_equal(mapped, load_file(tmp_path / "x.safetensors")["vectors"])
