"""Reading files: what stands in them, where they are now, and naming them by their content."""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from translator.errors import DataError, FormatError


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
    """As :func:`read_json`, but empty where there is no JSON object."""
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
    :param hint: the next step for a reader whose file is missing or damaged.
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
            return tensors, stored.metadata() or {}
    # number types unknown to numpy raise the last three
    except (SafetensorError, OSError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"{file}: cannot be read as .safetensors ({error})", hint) from None


def _memory_map(file: Path, name: str) -> Any:
    """Map a float32 tensor into memory; safetensors has checked the header before."""
    import numpy as np

    with file.open("rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        tensor = json.loads(stream.read(length))[name]
    start = 8 + length + tensor["data_offsets"][0]
    if 0 in tensor["shape"]:
        return np.empty(tensor["shape"], np.float32)
    return np.asarray(np.memmap(file, "<f4", "r", start, tuple(tensor["shape"])))


def fingerprint(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def state_of(path: str | os.PathLike[str]) -> tuple[int, int]:
    """What tells at no cost whether a file has changed: its bytes, and the time of change in nanoseconds."""
    state = Path(path).stat()
    return state.st_size, state.st_mtime_ns


def within(path: Path, folder: Path) -> bool:
    """Whether a path is a folder itself or lies in it, links followed."""
    return path.resolve().is_relative_to(folder.resolve())


def identity(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What a file is known by later: its ``bytes``, ``mtime_ns`` and ``sha256``."""
    size, changed = state_of(path)
    return {"bytes": size, "mtime_ns": changed, "sha256": fingerprint(path)}


def unchanged(path: str | os.PathLike[str], known: Mapping[str, Any]) -> bool:
    """Whether a file has the content of which :func:`identity` was ``known``.

    Size and time of change settle it where they can; else the content is read.
    """
    state = state_of(path)
    if state == (known["bytes"], known["mtime_ns"]):
        return True
    return bool(state[0] == known["bytes"] and fingerprint(path) == known["sha256"])


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
    """The lines of :func:`decoded` text, whatever they end with."""
    return io.StringIO(decoded(content, file), newline=None).read().split("\n")


def decoded(content: bytes, file: str | os.PathLike[str]) -> str:
    """UTF-8 text that came from ``file``, a byte-order mark at its start left out.

    :raises FormatError: it is binary, or not UTF-8 (the message names the line).
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\0" in content[:4096]:
            raise FormatError(f"{file}: a binary file, expected text") from None
        line = error.object[: error.start].count(b"\n") + 1  # from behind the mark, as error.start is
        hint = "Convert the file: iconv -f ENCODING -t utf-8 FILE > NEW"
        raise FormatError(f"{file}:{line}: not UTF-8", hint) from None
