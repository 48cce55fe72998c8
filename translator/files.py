"""Writing so that nothing is ever half written, and naming files by their content."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from translator.errors import DataError


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a path beside ``path`` to write a file or fill a folder; it takes its place on success.

    On any error or interrupt what was written aside is removed and ``path`` stays as it was.

    :raises DataError: the folder that should hold ``path`` is missing or cannot be written.
    """
    target = Path(path)
    try:
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise DataError(
            f"cannot write {target}: {error.strerror}", "Choose another place with --output."
        ) from None
    try:
        draft = aside / target.name
        yield draft
        _move(draft, target, aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _move(draft: Path, target: Path, aside: Path) -> None:
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
