"""Writing so that nothing is ever half written, and naming files by their content."""

from __future__ import annotations

import glob
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from translator.errors import DataError, FormatError


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a path beside ``path`` to write a file or fill a folder; it takes its place on success.

    On any error or interrupt what was written aside is removed and ``path`` stays as it was. A link stays a
    link: what it points to is replaced. A pipe or a device, such as ``/dev/stdout``, gets the file's content.

    :raises DataError: the folder that should hold ``path`` is missing or cannot be written, or a file stands
        where a folder should come, or the other way round.
    """
    target = Path(path)
    if target.name in ("", ".."):
        raise DataError(
            f"cannot write {target}: it has no name of its own", "Name the file or folder to make."
        )
    streamed = target.exists() and not target.is_file() and not target.is_dir()
    target = target.resolve() if target.is_symlink() and not streamed else target
    try:
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=None if streamed else target.parent))
    except OSError as error:
        raise DataError(
            f"cannot write {target}: {error.strerror}", "Choose another place with --output."
        ) from None
    try:
        draft = aside / target.name
        yield draft
        if streamed:
            _pour(draft, target)
            return
        _open_up(draft)
        _move(draft, target, aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def sweep(path: str | os.PathLike[str]) -> None:
    """Remove what :func:`replacing` wrote aside in processes that were killed before it took its place."""
    target = Path(path)
    target = target.resolve() if target.is_symlink() else target
    for aside in target.parent.glob(f".{glob.escape(target.name)}.????????"):
        shutil.rmtree(aside, ignore_errors=True)


@dataclass(frozen=True)
class Kind:
    """A kind of folder that is written as a whole, and replaces one of its kind.

    :param name: with its article, such as ``an alignment``.
    :param recognised: whether a folder is one.
    :param files: all that it may hold, as shell patterns.
    """

    name: str
    recognised: Callable[[Path], bool]
    files: tuple[str, ...]

    def check_replaceable(self, folder: str | os.PathLike[str], hint: str = "Choose another folder.") -> None:
        """See that writing ``folder`` anew loses nothing of the user's.

        :raises DataError: it is a file, or holds something that is not of this kind.
        """
        place = Path(folder)
        if not place.exists():
            return
        if not place.is_dir():
            raise DataError(f"{place}: is a file, expected a folder", hint)
        inside = sorted(file.name for file in place.iterdir())
        if inside and not self.recognised(place):
            raise DataError(f"{place}: holds something other than {self.name}, which stays untouched", hint)
        foreign = [name for name in inside if not any(fnmatch(name, pattern) for pattern in self.files)]
        if foreign:
            raise DataError(f"{place}: also holds {', '.join(foreign)}, which would be lost", hint)


def read_json(file: Path) -> dict[str, Any]:
    """A JSON object.

    :raises FormatError: the file holds anything else.
    """
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        raise FormatError(f"{file}: cannot be read as JSON ({error})", "Make it again.") from None
    if not isinstance(value, dict):
        raise FormatError(f"{file}: expected a JSON object, found {type(value).__name__}")
    return value


def check_format(file: Path, config: Mapping[str, Any], newest: int) -> None:
    """See that a config is of no format that is newer than this version knows.

    :raises FormatError: it is.
    """
    form = config.get("format")
    if isinstance(form, int) and form > newest:
        raise FormatError(f"{file}: format {form}, this version reads {newest}", "Upgrade bli-translator.")


def json_of(file: Path) -> dict[str, Any]:
    """A JSON object out of a file; empty where there is none."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _pour(draft: Path, target: Path) -> None:
    """The content of a file into a pipe or a device."""
    if draft.is_dir():
        raise DataError(
            f"cannot write {target}: a pipe or a device holds no folder", "Name a folder to make."
        )
    with draft.open("rb") as content, target.open("wb") as stream:
        shutil.copyfileobj(content, stream)


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
    return lines_of(existing(path).read_bytes(), path)


def lines_of(content: bytes, file: str | os.PathLike[str]) -> list[str]:
    """The lines of UTF-8 text that came from ``file``, a byte-order mark at its start left out.

    :raises FormatError: it is binary, or not UTF-8 (the message names the line).
    """
    try:
        return io.StringIO(content.decode("utf-8-sig"), newline=None).read().split("\n")
    except UnicodeDecodeError as error:
        if b"\0" in content[:4096]:
            raise FormatError(f"{file}: a binary file, expected text") from None
        line = content[: error.start].count(b"\n") + 1
        raise FormatError(f"{file}:{line}: not UTF-8", "Convert the file: iconv -t utf-8 ...") from None
