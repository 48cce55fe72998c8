"""Writing so that nothing is ever half written, and naming files by their content."""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from translator.errors import DataError, FormatError


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a path beside ``path`` to write a file or fill a folder; it takes its place on success.

    On any error or interrupt what was written aside is removed and ``path`` stays as it was.

    :raises DataError: the folder that should hold ``path`` is missing or cannot be written, or a file
        stands where a folder should come, or the other way round.
    """
    target = Path(path)
    if target.name in ("", ".."):
        raise DataError(
            f"cannot write {target}: it has no name of its own", "Name the file or folder to make."
        )
    try:
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise DataError(
            f"cannot write {target}: {error.strerror}", "Choose another place with --output."
        ) from None
    try:
        draft = aside / target.name
        yield draft
        _open_up(draft)
        _move(draft, target, aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def sweep(path: str | os.PathLike[str]) -> None:
    """Remove what :func:`replacing` wrote aside in processes that were killed before it took its place."""
    target = Path(path)
    for aside in target.parent.glob(f".{glob.escape(target.name)}.????????"):
        shutil.rmtree(aside, ignore_errors=True)


def check_replaceable(folder: str | os.PathLike[str], marker: str) -> None:
    """See that writing ``folder`` anew loses nothing of the user's: it holds ``marker``, or nothing at all.

    :raises DataError: it holds other files, or is itself a file.
    """
    place = Path(folder)
    if place.is_dir() and not (place / marker).is_file() and any(place.iterdir()):
        raise DataError(
            f"{place}: a folder that holds other files (it has no {marker}); it would be replaced",
            "Choose a new folder.",
        )
    if place.exists() and not place.is_dir():
        raise DataError(f"{place}: is a file, expected a folder", "Choose a new folder.")


def _open_up(draft: Path) -> None:
    """Give what was written the permissions any new file has; some libraries write for the owner only."""
    mask = os.umask(0)
    os.umask(mask)
    for path in [draft, *draft.rglob("*")]:
        path.chmod((0o777 if path.is_dir() else 0o666) & ~mask)


def _move(draft: Path, target: Path, aside: Path) -> None:
    if target.exists() and target.is_dir() != draft.is_dir():
        raise DataError(
            f"cannot write {target}: there is a {'folder' if target.is_dir() else 'file'} of that name",
            "Choose another name.",
        )
    if target.is_dir():  # a folder cannot be renamed over one that holds files: step the old one aside first
        old = aside / "replaced"
        target.rename(old)
        try:
            draft.rename(target)
        except BaseException:
            old.rename(target)
            raise
    else:
        draft.replace(target)


def fingerprint(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def identity(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What a file is known by later: its ``bytes``, ``mtime_ns`` and ``sha256``."""
    state = Path(path).stat()
    return {"bytes": state.st_size, "mtime_ns": state.st_mtime_ns, "sha256": fingerprint(path)}


def unchanged(path: str | os.PathLike[str], known: Mapping[str, Any]) -> bool:
    """Whether a file has the content of which :func:`identity` was ``known``.

    Size and time of change settle it where they can; else the content is read.
    """
    state = Path(path).stat()
    if (state.st_size, state.st_mtime_ns) == (known["bytes"], known["mtime_ns"]):
        return True
    return bool(state.st_size == known["bytes"] and fingerprint(path) == known["sha256"])


def located(folder: Path, recorded: str) -> Path:
    """Where a file that a folder refers to was, or a file of that name beside the folder."""
    path = folder / recorded
    beside = folder.resolve().parent / path.name
    return path if path.is_file() or not beside.is_file() else beside


def existing(path: str | os.PathLike[str]) -> Path:
    """``path`` as a :class:`Path`.

    :raises DataError: there is no such file, or it is a folder or cannot be read.
    """
    file = Path(path)
    if not file.exists():
        raise DataError(f"{file}: no such file", "Check the path; it is relative to the current folder.")
    if file.is_dir():
        raise DataError(f"{file}: is a folder, expected a file")
    if not os.access(file, os.R_OK):
        raise DataError(f"{file}: cannot be read", "Check the file's permissions.")
    return file


def text_lines(path: str | os.PathLike[str]) -> list[str]:
    """The lines of a UTF-8 text file, a byte-order mark at its start left out.

    :raises DataError: there is no such file.
    :raises FormatError: it is binary, or not UTF-8 (the message names the line).
    """
    file = existing(path)
    try:
        return file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        content = file.read_bytes()
        if b"\0" in content[:4096]:
            raise FormatError(f"{file}: a binary file, expected text") from None
        line = content[: error.start].count(b"\n") + 1
        raise FormatError(f"{file}:{line}: not UTF-8", "Convert the file: iconv -t utf-8 ...") from None
