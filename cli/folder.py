"""Find the alignment folder of a command, and check where a new folder or file may be written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from translator import Alignment
    from translator.alignment.artefact import Config
    from translator.writing import Kind


def is_alignment(folder: Path) -> bool:
    """Return whether the folder looks like one that ``translator align`` wrote."""
    from translator.alignment.artefact import ALIGNMENT

    return ALIGNMENT.recognised(folder)


def chosen(folder: Path | None, given: Sequence[str] = ()) -> Path:
    """Return the given folder, or else the one alignment in the current directory.

    :param given: arguments of which the first may have been meant as the folder.
    :raises DataError: no folder is given, and the directory has no alignment or several.
    """
    from translator.errors import DataError

    if folder is not None:
        return folder
    found = sorted(place for place in Path().iterdir() if place.is_dir() and is_alignment(place))
    if not found:
        raise DataError(
            "no alignment in this directory",
            "Make one with: translator align SOURCE TARGET, or name its folder.",
        )
    if len(found) > 1:
        raise DataError(
            f"several alignments in this directory: {', '.join(map(str, found))}"
            + "".join(f"; {first!r} is none of them" for first in given[:1]),
            "Give one of them as the first argument.",
        )
    return found[0]


def opened(folder: Path, moved: Mapping[str, Path | None]) -> Alignment:
    """Load an alignment.

    :param moved: the files of its ``source`` and ``target`` vectors, if they were moved.
    :raises DataError: the folder cannot be read.
    """
    from translator import Alignment

    return Alignment.from_pretrained(folder, source=moved["source"], target=moved["target"])


def inputs(alignment: Alignment) -> list[Path]:
    """Return the files that an alignment was made from."""
    recorded = alignment.record.dictionary
    dictionary = [Path(recorded.path)] if recorded and recorded.path else []
    vectors = (alignment.source.vectors.path, alignment.target.vectors.path)
    return [*(path for path in vectors if path is not None), *dictionary]


def made_from_others(folder: Path, source: Path, target: Path) -> str | None:
    """Return the files that an alignment in ``folder`` was made from, if they differ from the two given."""
    from translator.alignment.artefact import CONFIG
    from translator.files import json_of

    config = json_of(folder / CONFIG) if is_alignment(folder) else {}
    sides = [config.get(role) for role in ("source", "target")]
    before = [folder / str(side["path"]) for side in sides if isinstance(side, dict) and "path" in side]
    others = [path.resolve() for path in before] != [source.resolve(), target.resolve()]
    return " and ".join(map(str, before)) if before and others else None


def label(config: Config, role: str) -> str:
    """Return the name of a side, or its role if both sides have the same name."""
    return config.side(role).name if config.source.name != config.target.name else role


def default_folder(source: Path, target: Path) -> Path:
    """Return the default output folder: ``src-tgt`` for ``src.vec`` and ``tgt.vec``."""
    from translator.vectors.names import pair_name

    return Path(pair_name(source, target))


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Lock a folder against other commands until the end of the block or of this process.

    :raises DataError: another process has locked it.
    """
    import fcntl

    from translator.errors import DataError

    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(
                f"{folder}: another command is running in this folder",
                "Wait until it ends, or choose another folder with -o.",
            ) from None
        yield
    finally:
        os.close(handle)


def check_replaceable(folder: Path, kind: Kind | None = None, option: str = "-o") -> None:
    """Check, before any work, that the folder can be written without losing anything else.

    :param kind: what will be written; None for an alignment.
    :param option: the flag for another folder, to be named in the hint.
    :raises DataError: the folder holds something of another kind, or it cannot be written.
    """
    from translator.alignment.artefact import ALIGNMENT
    from translator.errors import DataError

    check_parent(folder)
    hint = f"Choose another folder with {option}."
    if folder.resolve() == Path.cwd():
        raise DataError(f"{folder}: is the current directory, which cannot be replaced", hint)
    (kind or ALIGNMENT).check_replaceable(folder, hint)


def check_file(path: Path, keep: Iterable[Path] = ()) -> None:
    """Check that a file can be written without replacing a file that is read.

    :param keep: files that must not be overwritten, and folders whose files must not.
    :raises DataError: it would replace a folder or one of those, or it cannot be written.
    """
    from translator.errors import DataError
    from translator.files import within
    from translator.writing import is_stream

    if is_stream(path):
        return
    check_parent(path)
    if path.is_dir():
        raise DataError(f"{path}: is a folder, expected a file name")
    if path.exists() and any(within(path, read) for read in keep):
        raise DataError(f"{path}: would overwrite a file that the command reads", "Choose another name.")
    if path.exists() and not os.access(path, os.W_OK):
        raise DataError(f"{path}: exists and cannot be written", "Choose another name.")


def check_parent(path: Path) -> None:
    """Check that the directory of ``path`` exists and can be written.

    :raises DataError: it does not, or it cannot.
    """
    from translator.errors import DataError

    parent = path.absolute().parent
    if not parent.is_dir():
        raise DataError(f"{parent}: no such directory", f"Make it first: mkdir -p {parent}")
    if not os.access(parent, os.W_OK):
        raise DataError(f"{parent}: cannot be written", "Choose another directory.")
