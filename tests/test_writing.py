"""Nothing is ever half written, and nothing of the user's is lost."""

from __future__ import annotations

import os
import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import pytest

from translator.errors import DataError
from translator.writing import Kind, replacing


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
    assert "`output`" in caught.value.hint


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


NOTES = Kind("a pile of notes", lambda folder: (folder / "notes.txt").is_file(), ("notes.txt", "*.md"))


@pytest.mark.parametrize("inside", [[], ["notes.txt"], ["a.md", "notes.txt", "b.md"]])
def test_a_folder_of_the_kind_is_replaceable(inside: list[str], tmp_path: Path) -> None:
    NOTES.check_replaceable(tmp_path / "new")
    for name in inside:
        (tmp_path / name).touch()
    NOTES.check_replaceable(tmp_path)


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        (["thesis.tex"], "holds something other than a pile of notes, which stays untouched"),
        (["a.md"], "holds something other than a pile of notes"),
        (["notes.txt", "thesis.tex"], r"also holds thesis\.tex, which would be lost"),
        (["notes.txt", "notes.txt.old", "a.md"], r"also holds notes\.txt\.old, which"),
    ],
)
def test_a_folder_with_anything_else_is_not(inside: list[str], message: str, tmp_path: Path) -> None:
    for name in inside:
        (tmp_path / name).touch()
    with pytest.raises(DataError, match=message) as caught:
        NOTES.check_replaceable(tmp_path, "Choose with -o.")
    assert caught.value.hint == "Choose with -o."


def test_a_file_is_no_folder_to_replace(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(DataError, match="is a file, expected a folder"):
        NOTES.check_replaceable(tmp_path / "notes.txt")


def test_a_link_stays_a_link_and_what_it_points_to_is_replaced(tmp_path: Path) -> None:
    for name in ("far", "near"):
        (tmp_path / name).mkdir()
    (tmp_path / "far" / "file").write_text("old")
    link = tmp_path / "near" / "link"
    for target in ("../far/file", "../far/none yet"):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        with replacing(link) as draft:
            draft.write_text("new")
        assert link.is_symlink() and (link.parent / target).read_text() == "new"
    write_folder(tmp_path / "far" / "model", a="old")
    folder = tmp_path / "near" / "model"
    folder.symlink_to("../far/model")
    write_folder(folder, a="new")
    assert folder.is_symlink() and (tmp_path / "far" / "model" / "a").read_text() == "new"


def test_a_pipe_gets_the_content_and_stays_a_pipe(tmp_path: Path) -> None:
    """A device, too, such as ``/dev/null``, which root could replace by a file."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in ("pipe", "link"):
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit((tmp_path / "pipe").read_text)
            with replacing(tmp_path / name) as draft:
                draft.write_text(f"through the {name}")
            assert reading.result() == f"through the {name}"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode) and (tmp_path / "link").is_symlink()
    with replacing("/dev/null") as draft:
        draft.write_text("nothing")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert contents(tmp_path) == {}


def test_a_pipe_holds_no_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="holds no folder"):
        write_folder(tmp_path / "pipe", a="new")
