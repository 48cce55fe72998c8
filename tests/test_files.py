"""Nothing is ever half written, and nothing of the user's is lost."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest

from translator.errors import DataError
from translator.files import check_replaceable, existing, fingerprint, replacing


def contents(folder: Path) -> dict[str, str]:
    return {str(f.relative_to(folder)): f.read_text() for f in folder.rglob("*") if f.is_file()}


def write_folder(path: Path, **files: str) -> None:
    with replacing(path) as draft:
        draft.mkdir()
        for name, text in files.items():
            (draft / name).write_text(text)


def test_a_file_is_made_and_replaced(tmp_path: Path) -> None:
    for text in ("one", "two"):
        with replacing(tmp_path / "file") as draft:
            draft.write_text(text)
            assert contents(tmp_path).get("file") == (None if text == "one" else "one")
        assert contents(tmp_path) == {"file": text} and len(list(tmp_path.iterdir())) == 1


def test_a_folder_is_made_and_replaced_whole(tmp_path: Path) -> None:
    write_folder(tmp_path / "model", a="1", b="2")
    assert contents(tmp_path) == {"model/a": "1", "model/b": "2"}
    write_folder(tmp_path / "model", b="3", c="4")
    assert contents(tmp_path) == {"model/b": "3", "model/c": "4"}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError, SystemExit])
def test_whatever_stops_the_writing_leaves_the_old(tmp_path: Path, stop: type[BaseException]) -> None:
    write_folder(tmp_path / "model", a="old")
    (tmp_path / "file").write_text("old")
    with pytest.raises(stop), replacing(tmp_path / "file") as draft:
        draft.write_text("half")
        raise stop
    with pytest.raises(stop), replacing(tmp_path / "model") as draft:
        draft.mkdir()
        (draft / "a").write_text("half")
        raise stop
    assert contents(tmp_path) == {"model/a": "old", "file": "old"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "model"]


def test_an_interrupt_in_the_middle_of_the_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(tmp_path / "model", a="old")
    rename, count = Path.rename, 0

    def interrupted(self: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count == 2:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "model", a="new")
    assert contents(tmp_path) == {"model/a": "old"} and count == 3


def test_a_file_never_takes_the_place_of_a_folder(tmp_path: Path) -> None:
    write_folder(tmp_path / "model", a="old")
    with pytest.raises(DataError, match="there is a folder of that name"), replacing(tmp_path / "model") as d:
        d.write_text("file")
    assert contents(tmp_path) == {"model/a": "old"}


def test_a_folder_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("old")
    with pytest.raises(DataError, match="there is a file of that name"):
        write_folder(tmp_path / "model", a="new")
    assert contents(tmp_path) == {"model": "old"}


@pytest.mark.parametrize("name", ["missing/file", "plain/file"])
def test_an_unwritable_place(tmp_path: Path, name: str) -> None:
    (tmp_path / "plain").write_text("a file where a folder should be")
    with pytest.raises(DataError, match=f"cannot write .*{name}: N") as caught, replacing(tmp_path / name):
        pytest.fail("must not get this far")
    assert "--output" in caught.value.hint


def test_a_place_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> NoReturn:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(DataError, match="file: Permission denied"), replacing(tmp_path / "file"):
        pytest.fail("must not get this far")


@pytest.mark.parametrize("name", [".", "..", "", "some/.."])
def test_a_place_without_a_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="it has no name of its own"), replacing(name):
        pytest.fail("must not get this far")


def test_a_folder_with_other_files_is_not_replaceable(tmp_path: Path) -> None:
    check_replaceable(tmp_path / "new", "model.safetensors")
    check_replaceable(tmp_path, "model.safetensors")
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(DataError, match=r"holds other files \(it has no model\.safetensors\)"):
        check_replaceable(tmp_path, "model.safetensors")
    with pytest.raises(DataError, match="is a file, expected a folder"):
        check_replaceable(tmp_path / "thesis.tex", "model.safetensors")
    (tmp_path / "model.safetensors").touch()
    check_replaceable(tmp_path, "model.safetensors")


def test_fingerprint_is_sha256(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\x00content\xff" * 100_000)
    assert fingerprint(tmp_path / "file") == hashlib.sha256(b"\x00content\xff" * 100_000).hexdigest()


def test_existing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert existing(str(tmp_path / "file")) == tmp_path / "file"
    with pytest.raises(DataError, match="none: no such file"):
        existing(tmp_path / "none")
    with pytest.raises(DataError, match="is a folder, expected a file"):
        existing(tmp_path)
