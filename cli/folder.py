"""Which alignment folder is meant, and where a new folder or file may go."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from translator import Alignment
    from translator.alignment.artefact import Config
    from translator.writing import Kind


def is_alignment(folder: Path) -> bool:
    """Whether the folder looks like one that ``translator align`` wrote."""
    from translator.alignment.artefact import ALIGNMENT

    return ALIGNMENT.recognised(folder)


def chosen(folder: Path | None) -> Path:
    """The folder that was named, or the one alignment in the current directory.

    :raises DataError: none was named, and there is none or more than one.
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
            f"several alignments in this directory: {', '.join(map(str, found))}",
            "Name the folder of the one you mean, before all else.",
        )
    return found[0]


def opened(folder: Path, moved: Mapping[str, Path | None]) -> Alignment:
    """Load an alignment.

    :param moved: where its ``source`` and ``target`` vectors are now, if they are elsewhere.
    :raises DataError: it cannot be read.
    """
    from translator import Alignment

    return Alignment.from_pretrained(folder, source=moved["source"], target=moved["target"])


def inputs(alignment: Alignment) -> list[Path]:
    """The files that an alignment was made from."""
    recorded = alignment.record.dictionary
    dictionary = [Path(recorded.path)] if recorded and recorded.path else []
    vectors = (alignment.source.vectors.path, alignment.target.vectors.path)
    return [*(path for path in vectors if path is not None), *dictionary]


def made_from_others(folder: Path, source: Path, target: Path) -> str | None:
    """The files that an alignment in ``folder`` was made from, if these are others than the two."""
    from translator.alignment.artefact import CONFIG
    from translator.files import json_of

    config = json_of(folder / CONFIG) if is_alignment(folder) else {}
    sides = [config.get(role) for role in ("source", "target")]
    before = [folder / str(side["path"]) for side in sides if isinstance(side, dict) and "path" in side]
    others = [path.resolve() for path in before] != [source.resolve(), target.resolve()]
    return " and ".join(map(str, before)) if before and others else None


def label(config: Config, role: str) -> str:
    """The name of a side, or its role where both sides have one name."""
    return config.side(role).name if config.source.name != config.target.name else role


def default_folder(source: Path, target: Path) -> Path:
    """``src-tgt`` for ``src.vec`` and ``tgt.vec``."""
    from translator.vectors.names import pair_name

    return Path(pair_name(source, target))


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Keep others that claim the folder out of it, until the end of the block or of this process.

    :raises DataError: another process has claimed it.
    """
    import fcntl

    from translator.errors import DataError

    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(
                f"{folder}: another command is at work there",
                "Wait for it, or choose another folder with -o.",
            ) from None
        yield
    finally:
        os.close(handle)


def check_replaceable(folder: Path, kind: Kind | None = None, option: str = "-o") -> None:
    """Make sure, before any work, that such a folder can be written here and nothing else is lost.

    :param kind: what is to be written; None for an alignment.
    :param option: which says where it goes.
    :raises DataError: something of another kind is there, or the place cannot be written.
    """
    from translator.alignment.artefact import ALIGNMENT
    from translator.errors import DataError

    check_parent(folder)
    hint = f"Choose another folder with {option}."
    if folder.resolve() == Path.cwd():
        raise DataError(f"{folder}: is the current directory, which cannot be replaced", hint)
    (kind or ALIGNMENT).check_replaceable(folder, hint)


def check_file(path: Path, keep: Iterable[Path] = ()) -> None:
    """Make sure that a file can be written here and takes no place that is needed.

    :param keep: files that must not be overwritten, as they are read, and folders whose files must not.
    :raises DataError: it would replace a folder or one of those, or the place cannot be written.
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
        raise DataError(f"{path}: would overwrite what is read", "Choose another name.")
    if path.exists() and not os.access(path, os.W_OK):
        raise DataError(f"{path}: is there, and cannot be written", "Choose another name.")


def check_parent(path: Path) -> None:
    """Make sure that a new entry can be made in the directory of ``path``.

    :raises DataError: there is no such directory, or it cannot be written.
    """
    from translator.errors import DataError

    parent = path.absolute().parent
    if not parent.is_dir():
        raise DataError(f"{parent}: no such directory", f"Make it first: mkdir -p {parent}")
    if not os.access(parent, os.W_OK):
        raise DataError(f"{parent}: cannot be written", "Choose another place.")
