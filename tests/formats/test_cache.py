"""The cache gives what the parser gives, notices changes, and never gets in the way."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from translator.formats import cache
from translator.formats.cache import cache_folder, read_text_cached
from translator.formats.text import parse_text, read_text
from translator.vectors import WordVectors


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRANSLATOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "SMALLEST", 10)
    return tmp_path / "cache"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "x.vec").write_text("3 2\na 1 2\nNew York 3 4\n全\u3000角 5 6\n", "utf-8")
    return tmp_path / "x.vec"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were parsed."""
    files: list[Path] = []

    def noted(file: Path, limit: int | None) -> tuple[WordVectors, list[str]]:
        files.append(file)
        return parse_text(file, limit)

    monkeypatch.setattr(cache, "parse_text", noted)
    return files


def test_a_file_is_parsed_once(folder: Path, path: Path, parsed: list[Path]) -> None:
    first, second = read_text_cached(path), read_text_cached(path)
    assert parsed == [path]
    assert list(first.words) == list(second.words) == ["a", "New York", "全\u3000角"]
    np.testing.assert_array_equal(first.matrix, second.matrix)
    assert second.matrix.dtype == np.float32
    assert not first.matrix.flags.writeable and not second.matrix.flags.writeable


def test_another_limit_is_another_entry(folder: Path, path: Path, parsed: list[Path]) -> None:
    for limit in (1, None, 2, 1, 2, None):
        assert len(read_text_cached(path, limit)) == (limit or 3)
    assert len(parsed) == 3


@pytest.mark.parametrize("change", ["size", "time"])
def test_a_changed_file_is_parsed_again_and_the_old_entry_removed(
    folder: Path, path: Path, parsed: list[Path], change: str
) -> None:
    read_text_cached(path)
    if change == "size":
        path.write_text("1 2\nchanged 1.25 2\n", "utf-8")
    else:
        state = path.stat()
        path.write_text(path.read_text("utf-8").replace("a", "b"), "utf-8")
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1_000_000))
    assert read_text_cached(path).words[0] == ("changed" if change == "size" else "b")
    assert len(parsed) == 2
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("part", ["vectors.npy", "words.txt"])
@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"\x93NUMPY\x01\x00\x08\x00{\x00(    \n", None])
def test_a_damaged_entry_is_made_again(
    folder: Path,
    path: Path,
    parsed: list[Path],
    part: str,
    damage: bytes | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    read_text_cached(path)
    (entry,) = folder.iterdir()
    (entry / part).unlink() if damage is None else (entry / part).write_bytes(damage)
    assert len(read_text_cached(path)) == 3
    assert "damaged cache entry" in caplog.text
    assert len(read_text_cached(path)) == 3
    assert len(parsed) == 2


def test_many_may_fill_an_entry_at_once(folder: Path, path: Path) -> None:
    expected = read_text(path)
    with ThreadPoolExecutor(8) as pool:
        for vectors in pool.map(lambda _: read_text_cached(path), range(32)):
            assert list(vectors.words) == list(expected.words)
            np.testing.assert_array_equal(vectors.matrix, expected.matrix)
    (entry,) = folder.iterdir()
    assert {part.name for part in entry.iterdir()} == {"vectors.npy", "words.txt", "warnings.txt"}


def test_a_cache_that_cannot_be_written_is_only_a_warning(
    folder: Path, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.write_text("a file where the folder should be")
    assert len(read_text_cached(path)) == 3
    assert "could not be cached" in caplog.text


def test_without_a_home_there_is_no_cache(
    path: Path, monkeypatch: pytest.MonkeyPatch, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(cache, "cache_folder", no_home)
    assert len(read_text_cached(path)) == 3
    assert "are not cached" in caplog.text


def test_small_files_are_not_cached(folder: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "SMALLEST", 1 << 20)
    assert len(read_text_cached(path)) == 3
    assert not folder.exists()


def test_where_the_cache_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRANSLATOR_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("TRANSLATOR_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder().name == "bli-translator"
    if sys.platform == "linux":
        assert cache_folder() == tmp_path / "xdg" / "bli-translator"


def test_warnings_come_again_with_the_parsed_form(
    folder: Path, path: Path, parsed: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text("2 2\na 1 2\na 3 4\nb 5 6\n")
    said = []
    for _ in range(2):
        caplog.clear()
        read_text_cached(path)
        said.append([record.getMessage() for record in caplog.records])
    assert len(parsed) == 1
    assert (
        said[0]
        == said[1]
        == [
            f"{path}: skipped 1 entries with a word seen before, the first on line 3",
            f"{path}: 3 vectors, but the header says 2; all were read",
        ]
    )
