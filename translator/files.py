"""Read files, find files that have moved, and identify files by their content."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Mapping
from glob import escape
from pathlib import Path
from typing import Any, Literal

from translator.errors import DataError, FormatError, kind_of


def read_json(file: Path) -> dict[str, Any]:
    """Read a file that holds one JSON object.

    :raises FormatError: the file cannot be read, or holds anything else.
    """
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        raise FormatError(f"{file}: cannot be read as JSON ({error})", "Write the file again.") from None
    if not isinstance(value, dict):
        raise FormatError(f"{file}: expected a JSON object, found {type(value).__name__}")
    return value


def check_format(file: Path, config: Mapping[str, Any], newest: int) -> None:
    """Check that this version can read the format number of a config.

    :param config: the content of ``file``.
    :param newest: the newest format number that this version reads.
    :raises FormatError: the format is newer.
    """
    form = config.get("format")
    if isinstance(form, int) and form > newest:
        raise FormatError(
            f"{file}: format {form}, expected at most {newest}", "Install a newer version of bli-translator."
        )


def json_of(file: Path) -> dict[str, Any]:
    """Read a JSON object like :func:`read_json`, or return an empty one if there is none."""
    try:
        return read_json(file)
    except FormatError:
        return {}


def read_safetensors(
    path: str | os.PathLike[str],
    *,
    framework: Literal["numpy", "pt"] = "numpy",
    mapped: bool = False,
    hint: str = "Write the file again.",
) -> tuple[dict[str, Any], dict[str, str]]:
    """Read all tensors of a ``.safetensors`` file and its metadata.

    :param framework: ``numpy`` for arrays, ``pt`` for torch tensors, which may be bfloat16.
    :param mapped: leave float32 arrays in the file, as read-only memory maps (``numpy`` only).
    :param hint: the next step for the user if the file is missing or damaged.
    :returns: the tensors by name, and the metadata, empty where the file has none.
    :raises FormatError: the file is missing or damaged, or has a number type that the framework lacks.
    """
    from safetensors import SafetensorError, safe_open

    file = Path(path)
    try:
        with safe_open(file, framework) as stored:
            tensors = {
                name: _memory_map(file, name)
                if mapped and stored.get_slice(name).get_dtype() == "F32"
                else stored.get_tensor(name)
                for name in stored.keys()  # noqa: SIM118 it is not a mapping
            }
            # With ml_dtypes imported, bfloat16 would be read as a type that numpy itself does not have
            if framework == "numpy" and not all(one.dtype.isbuiltin == 1 for one in tensors.values()):
                raise TypeError("it has a number type that numpy lacks")
            return tensors, stored.metadata() or {}
    # Number types that numpy does not have raise the last three
    except (SafetensorError, OSError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"{file}: cannot be read as .safetensors ({error})", hint) from None


def _memory_map(file: Path, name: str) -> Any:
    """Return a float32 tensor as a memory map; safetensors has checked the file's header."""
    import numpy as np

    with file.open("rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        tensor = json.loads(stream.read(length))[name]
    start = 8 + length + tensor["data_offsets"][0]
    if 0 in tensor["shape"]:
        return np.empty(tensor["shape"], np.float32)
    return np.asarray(np.memmap(file, "<f4", "r", start, tuple(tensor["shape"])))


def fingerprint(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def state_of(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Return a file's size in bytes and its modification time in nanoseconds, without reading it."""
    state = Path(path).stat()
    return state.st_size, state.st_mtime_ns


def within(path: Path, folder: Path) -> bool:
    """Return whether a path is the folder or lies in it, after following links."""
    return path.resolve().is_relative_to(folder.resolve())


def identity(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return a file's ``bytes``, ``mtime_ns`` and ``sha256``, to recognise it later by :func:`unchanged`."""
    size, modified = state_of(path)
    return {"bytes": size, "mtime_ns": modified, "sha256": fingerprint(path)}


def unchanged(path: str | os.PathLike[str], recorded: Mapping[str, Any]) -> bool:
    """Return whether a file has the content that was recorded.

    The content is read only if the size is the same and the modification time is not.

    :param recorded: what :func:`identity` returned earlier.
    """
    size, modified = state_of(path)
    if (size, modified) == (recorded["bytes"], recorded["mtime_ns"]):
        return True
    return bool(size == recorded["bytes"] and fingerprint(path) == recorded["sha256"])


def located(folder: Path, recorded: str) -> Path:
    """Return the path of a file that a folder refers to.

    If the file is gone and a file of that name is next to the folder, return that one.

    :param recorded: the file's path, absolute or relative to ``folder``.
    """
    path = folder / recorded
    neighbour = folder.resolve().parent / path.name
    return path if path.is_file() or not neighbour.is_file() else neighbour


def existing(path: str | os.PathLike[str]) -> Path:
    """Return the path of a readable file.

    :raises DataError: there is no such file, it is a folder, its permissions forbid reading, or ``path`` is
        of another kind.
    """
    if not isinstance(path, str | os.PathLike):
        raise DataError(
            f"expected the path of a file, found {kind_of(path)}", "Pass a str or a pathlib.Path."
        )
    file = Path(path)
    if not file.exists():
        raise DataError(f"{file}: no such file", _alternatives(file))
    if file.is_dir():
        raise DataError(f"{file}: is a folder, expected a file", "Name a file in it.")
    if not os.access(file, os.R_OK):
        raise DataError(f"{file}: cannot be read", "Check the file's permissions.")
    return file


def _alternatives(file: Path) -> str:
    """Name the files that differ from a missing one by their ending only."""
    try:
        near = sorted(str(one) for one in file.parent.glob(f"{escape(file.stem)}.*") if one.is_file())
    except (OSError, ValueError):
        near = []
    if near and file.stem:
        return f"Did you mean {' or '.join(near[:3])}?"
    return "Check the path; it is relative to the current folder."
