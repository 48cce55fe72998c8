"""Atomic writing: no file or folder is ever half written, and no file of the user is lost."""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from translator.errors import DataError

ASIDE = ".aside-"  # marks the names of temporary folders with unfinished content


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path to write a file or a folder to; on success it replaces ``path``.

    The temporary path is in the same folder as ``path``. On any error or interrupt it is removed and ``path``
    stays as it was. A symbolic link stays a link, and its target is replaced. A pipe or a device, such as
    ``/dev/stdout``, receives the content of the file.

    :raises DataError: the folder that should hold ``path`` is missing or cannot be written, or a folder would
        replace a file or a file a folder.
    """
    target = Path(path)
    if target.name in ("", ".."):
        raise DataError(
            f"cannot write {target}: it has no name of its own", "Name the file or folder to make."
        )
    streamed = is_stream(target)
    target = target.resolve() if target.is_symlink() and not streamed else target
    try:
        aside = Path(
            tempfile.mkdtemp(prefix=f".{target.name}{ASIDE}", dir=None if streamed else target.parent)
        )
    except OSError as error:
        raise DataError(f"cannot write {target}: {error.strerror}", "Choose another `output`.") from None
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
    """Remove temporary folders for ``path`` that :func:`replacing` left in processes that were killed."""
    target = Path(path)
    target = target.resolve() if target.is_symlink() else target
    for aside in target.parent.glob(f".{glob.escape(target.name)}{ASIDE}????????"):
        shutil.rmtree(aside, ignore_errors=True)


def is_stream(path: Path) -> bool:
    """Whether the path is a pipe or a device."""
    return path.exists() and not path.is_file() and not path.is_dir()


@dataclass(frozen=True)
class Kind:
    """A kind of folder that is written as a whole and may only replace a folder of its kind.

    :param name: with its article, such as ``an alignment``.
    :param recognised: tells whether a folder is of this kind.
    :param files: shell patterns of all files that such a folder may hold.
    """

    name: str
    recognised: Callable[[Path], bool]
    files: tuple[str, ...]

    def check_replaceable(self, folder: str | os.PathLike[str], hint: str = "Choose another folder.") -> None:
        """Check that no file of the user is lost when ``folder`` is replaced.

        :raises DataError: ``folder`` is a file, or holds files that do not belong to this kind of folder.
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


def _pour(draft: Path, target: Path) -> None:
    """Write the content of a file into a pipe or a device."""
    if draft.is_dir():
        raise DataError(
            f"cannot write {target}: a pipe or a device holds no folder", "Name a folder to make."
        )
    with draft.open("rb") as content, target.open("wb") as stream:
        shutil.copyfileobj(content, stream)


def _open_up(draft: Path) -> None:
    """Set the permissions of any new file; some libraries write files that only the owner can read."""
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
