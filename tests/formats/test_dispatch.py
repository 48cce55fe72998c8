"""Formats are distinguished by content when reading, and by name when writing."""

from __future__ import annotations

import gzip
import os
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from translator.errors import DataError, FormatError
from translator.formats import FORMATS, cache, load_vectors, save_vectors
from translator.vectors import WordVectors
from translator.vectors.subword import SubwordVectors

WORDS = ["a", "New York", "全\u3000角"]
OLD_FASTTEXT = struct.pack("<12id", 100, 5, 5, 5, 5, 1, 2, 2, 2000000, 3, 6, 100, 1e-4) + bytes(50)
TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
MATRIX = np.array([[1, 0.5], [-2, 0.25], [3, 4]], np.float32)
SUFFIXES = [".vec", ".vec.gz", ".txt", ".npz", ".safetensors", ".kv"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_there_and_back(tmp_path: Path, suffix: str) -> None:
    if suffix == ".kv":
        pytest.importorskip("gensim", reason="only gensim reads its pickles")
    path = tmp_path / f"x{suffix}"
    save_vectors(WordVectors(WORDS, MATRIX), path)
    vectors = load_vectors(path)
    assert isinstance(vectors, WordVectors)
    assert vectors.path == path
    assert list(vectors.words) == WORDS
    np.testing.assert_array_equal(vectors.matrix, MATRIX)
    assert list(load_vectors(path, limit=2).words) == WORDS[:2]


@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if suffix != ".kv"])
@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_what_could_not_be_read_is_not_written(tmp_path: Path, suffix: str, value: float) -> None:
    matrix = MATRIX.copy()
    matrix[1, 1] = value
    with pytest.raises(DataError, match=rf"x{suffix}: the vector of 'New York' is not finite"):
        save_vectors(WordVectors(WORDS, matrix), tmp_path / f"x{suffix}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".vec", ".vec.gz", ".npz", ".safetensors"])
def test_the_name_does_not_matter_for_reading(tmp_path: Path, suffix: str) -> None:
    save_vectors(WordVectors(WORDS, MATRIX), tmp_path / f"x{suffix}")
    path = (tmp_path / f"x{suffix}").rename(tmp_path / "vectors.bin")
    assert list(load_vectors(path).words) == WORDS


def test_a_fasttext_model_keeps_its_subwords(model_path: Path, tmp_path: Path) -> None:
    vectors = load_vectors(model_path, limit=3)
    assert isinstance(vectors, SubwordVectors)
    assert len(vectors) > 3
    assert vectors.path == model_path
    save_vectors(vectors, tmp_path / "again.bin")
    again = load_vectors(tmp_path / "again.bin")
    np.testing.assert_array_equal(again.embed(["unseen"]), vectors.embed(["unseen"]))


@pytest.mark.parametrize("suffix", [".vec", ".npz", ".safetensors"])
def test_the_vocabulary_of_a_fasttext_model_goes_anywhere(
    model_path: Path, tmp_path: Path, suffix: str
) -> None:
    vectors = load_vectors(model_path)
    save_vectors(vectors, tmp_path / f"x{suffix}")
    again, table = load_vectors(tmp_path / f"x{suffix}").table(), vectors.table()
    assert list(again.words) == list(table.words)
    np.testing.assert_allclose(again.matrix, table.matrix, rtol=1e-5)


def test_plain_vectors_have_no_subwords_to_write(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="rows for n-grams"):
        save_vectors(WordVectors(WORDS, MATRIX), tmp_path / "x.bin")


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_half_precision_halves_the_file(tmp_path: Path, suffix: str) -> None:
    vectors = WordVectors(["a", "b"], np.ones((2, 4000), np.float32))
    save_vectors(vectors, tmp_path / f"whole{suffix}")
    save_vectors(vectors, tmp_path / f"half{suffix}", half=True)
    whole, half = (tmp_path / f"{name}{suffix}" for name in ("whole", "half"))
    assert half.stat().st_size < 0.6 * whole.stat().st_size
    np.testing.assert_array_equal(load_vectors(half).table().matrix, vectors.matrix)


@pytest.mark.parametrize("suffix", [".vec", ".kv", ".bin"])
def test_other_formats_have_no_half_precision(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(DataError, match="no float16 form"):
        save_vectors(WordVectors(WORDS, MATRIX), tmp_path / f"x{suffix}", half=True)


@pytest.mark.parametrize("name", ["x", "x.ftz", "x.pt", "vec"])
def test_an_unknown_name_lists_those_known(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError) as caught:
        save_vectors(WordVectors(WORDS, MATRIX), tmp_path / name)
    for form in FORMATS:
        assert not form.write or all(suffix in caught.value.hint for suffix in form.suffixes)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_is_at_least_one(tmp_path: Path, limit: int) -> None:
    save_vectors(WordVectors(WORDS, MATRIX), tmp_path / "x.npz")
    with pytest.raises(DataError, match=f"the first {limit} words"):
        load_vectors(tmp_path / "x.npz", limit=limit)


def test_there_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        load_vectors(tmp_path / "none.vec")


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"\x7fELF\x00\x01\x02", "not a known format", "fastText (.bin)"),
        (b"3 2\na \x00\x00\x80?\x00\x00\x00@", "1 whole entries, but the header says 3", "`limit`"),
        (b"3 2\na \xcd\xcc\x8c?33\x13@\nb \x1f\x85+@", "1 whole entries, but the header says 3", "`limit`"),
        ("3 2\na 1 2\n".encode("utf-16"), "text in UTF-16", "iconv -f utf-16 -t utf-8 "),
        (b"<!DOCTYPE html><html>", "a web page", "Download"),
        (b"BZh91AY&SY", "compressed by bzip2", "bunzip2"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer", "git lfs pull"),
        (TORCH + b"\x80\x02M\xe9\x03.", "a PyTorch file", "numpy.savez"),
        (b"", "the file is empty", "a word and its numbers"),
        (gzip.compress(b"\xba\x16\x4f\x2f" + bytes(9), mtime=0), "compressed by gzip", "gunzip"),
        (gzip.compress(b"2 1\na 1\nb 2\n", mtime=0)[:-12], "damaged gzip", "`limit`"),
        (b"\x1f\x8bno gzip after all", "damaged gzip", "`limit`"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, content: bytes, message: str, hint: str) -> None:
    (tmp_path / "x.vec").write_bytes(content)
    with pytest.raises(FormatError) as caught:
        load_vectors(tmp_path / "x.vec")
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_pickle_is_opened_only_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.vec").write_bytes(pickle.dumps({"words": WORDS}))
    with pytest.raises(FormatError, match="can run any code") as caught:
        load_vectors(tmp_path / "x.vec")
    assert "from someone you trust" in caught.value.hint


@pytest.mark.parametrize("use", [True, False])
def test_the_cache_can_be_left_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, use: bool) -> None:
    monkeypatch.setenv("TRANSLATOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "SMALLEST", 1)
    save_vectors(WordVectors(WORDS, MATRIX), tmp_path / "x.vec")
    for _ in range(2):
        assert list(load_vectors(tmp_path / "x.vec", cache=use).words) == WORDS
    assert (tmp_path / "cache").exists() == use


def test_a_pipe_of_vectors_is_refused_in_words(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.vec")
    with pytest.raises(DataError, match=r"x\.vec: not a regular file"):
        load_vectors(tmp_path / "x.vec")


def test_an_old_fasttext_model_names_the_text_file_next_to_it(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(OLD_FASTTEXT)
    for more in (", which fastText wrote together with it", ""):
        with pytest.raises(FormatError, match="a fastText model from before") as caught:
            load_vectors(tmp_path / "x.bin")
        assert caught.value.hint == f"Use {tmp_path / 'x.vec'}{more}."
        (tmp_path / "x.vec").touch()


@pytest.mark.parametrize(
    ("member", "message", "hint"),
    [
        ("m/data.pkl", "a PyTorch file, which can run any code", "numpy.savez"),
        ("wiki.vec", "a zip archive of wiki.vec", "unzip "),
        ("photo.png", "a zip archive of photo.png", "an array 'vectors'"),
    ],
)
def test_zip_archives_of_other_programs(tmp_path: Path, member: str, message: str, hint: str) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(member, "x")
    with pytest.raises(FormatError) as caught:
        load_vectors(tmp_path / "x.zip")
    assert message in caught.value.message and hint in caught.value.hint


@pytest.mark.parametrize("value", [5, None, ["a"]])
def test_what_is_no_path_is_refused(value: Any) -> None:
    with pytest.raises(DataError, match=r"expected the path of a file, found an? "):
        load_vectors(value)


def test_a_missing_file_names_those_with_another_ending(tmp_path: Path) -> None:
    for name in ("en.bin", "en.vec", "en2.vec"):
        (tmp_path / name).touch()
    for missing in ("en", "en.txt"):
        with pytest.raises(DataError) as caught:
            load_vectors(tmp_path / missing)
        assert caught.value.hint == f"Did you mean {tmp_path / 'en.bin'} or {tmp_path / 'en.vec'}?"


def test_a_folder_names_a_file_in_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder, expected a file, or a model of model2vec"):
        load_vectors(tmp_path)
    (tmp_path / "en.vec").touch()
    with pytest.raises(DataError) as caught:
        load_vectors(tmp_path)
    assert caught.value.hint == f"Name a file in it, such as {tmp_path / 'en.vec'}."


@pytest.mark.parametrize("suffix", [".vec", ".npz", ".safetensors"])
def test_words_are_composed_and_the_first_of_each_is_kept(
    tmp_path: Path, suffix: str, caplog: pytest.LogCaptureFixture
) -> None:
    save_vectors(
        WordVectors(["e\u0301te\u0301", "a\u0308", "\u00e9t\u00e9"], MATRIX), tmp_path / f"x{suffix}"
    )
    vectors = load_vectors(tmp_path / f"x{suffix}").table()
    assert list(vectors.words) == ["\u00e9t\u00e9", "\u00e4"]
    np.testing.assert_array_equal(vectors.matrix, MATRIX[:2])
    assert len(caplog.records) == 1


@pytest.mark.parametrize("suffix", [".vec", ".npz", ".safetensors"])
def test_vectors_of_zeros_are_logged(tmp_path: Path, suffix: str, caplog: pytest.LogCaptureFixture) -> None:
    matrix = MATRIX.copy()
    matrix[1:] = 0
    save_vectors(WordVectors(WORDS, matrix), tmp_path / f"x{suffix}")
    assert len(load_vectors(tmp_path / f"x{suffix}").words) == 3
    assert "2 words have a vector of zeros, the first is 'New York'" in caplog.text
