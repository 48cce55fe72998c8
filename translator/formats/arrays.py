"""Arrays: ``.npz`` of numpy and ``.safetensors``, both with the same two entries.

``vectors`` is float32 or float16 [n, d]; ``words`` is uint8: the words in UTF-8, joined by line feeds (a
tenth of the bytes of numpy's unicode arrays, and no pickle). An ``.npz`` made elsewhere may have a
unicode array as ``words`` instead. Numbers of other widths are read as float32.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from translator.errors import DataError, FormatError
from translator.files import existing
from translator.formats.checks import check_read, check_storable
from translator.vectors import WordVectors
from translator.writing import replacing

_EXPECTED = (
    "Expected an array 'vectors' [n, d], and 'words': their UTF-8 bytes (uint8), joined by line feeds."
)

Arrays = dict[str, npt.NDArray[Any]]


def read_npz(path: str | os.PathLike[str], limit: int | None = None) -> WordVectors:
    """Read the first ``limit`` words of an ``.npz``; never unpickles.

    :raises FormatError: the file is damaged, or its arrays are not those expected.
    """
    file = existing(path)
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            members = archive.files
            arrays = {name: archive[name] for name in ("words", "vectors") if name in members}
    except Exception as error:  # whatever damaged bytes make zipfile, zlib and numpy raise
        raise FormatError(f"{file}: cannot be read as .npz ({error})", _EXPECTED) from None
    if not arrays:
        raise FormatError(
            f"{file}: holds {', '.join(members[:5])}", f"{_EXPECTED} A packed text file? Unzip it."
        )
    return vectors_of(file, arrays, limit)


def write_npz(vectors: WordVectors, path: str | os.PathLike[str], *, half: bool = False) -> None:
    """Write an ``.npz``, in float16 if ``half``.

    :raises DataError: a word cannot be stored, or a number is too large for float16.
    """
    arrays = _arrays_of(vectors, half)
    with replacing(path) as draft, draft.open("wb") as stream:
        np.savez(stream, **arrays)  # type: ignore[arg-type]


def write_safetensors(vectors: WordVectors, path: str | os.PathLike[str], *, half: bool = False) -> None:
    """Write a ``.safetensors``, in float16 if ``half``.

    :raises DataError: a word cannot be stored, or a number is too large for float16.
    """
    arrays = _arrays_of(vectors, half)
    with replacing(path) as draft:
        save_file(arrays, draft)


def pack_words(words: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Words as UTF-8 bytes joined by line feeds, uint8.

    :raises DataError: a word cannot be stored.
    """
    check_storable(words)
    return np.frombuffer(bytearray("\n".join(words), "utf-8"), np.uint8)


def unpack_words(packed: npt.NDArray[np.uint8]) -> list[str]:
    """The inverse of :func:`pack_words`.

    :raises ValueError: the bytes are not UTF-8.
    """
    return packed.tobytes().decode().split("\n")


def read_words(file: Path, packed: npt.NDArray[Any]) -> list[str]:
    """The words of a file: packed, or a unicode array.

    :raises FormatError: they are neither, no UTF-8, or none at all.
    """
    if packed.ndim == 1 and packed.dtype.kind == "U":
        return [str(word) for word in packed]
    if packed.ndim != 1 or packed.dtype != np.uint8:
        raise FormatError(f"{file}: 'words' is {packed.dtype} of shape {packed.shape}", _EXPECTED)
    if not len(packed):
        raise FormatError(f"{file}: no vectors", "The file holds an empty vocabulary.")
    try:
        return unpack_words(packed)
    except UnicodeDecodeError as error:
        raise FormatError(f"{file}: 'words' is not UTF-8 ({error})", _EXPECTED) from None


def _arrays_of(vectors: WordVectors, half: bool) -> Arrays:
    matrix: npt.NDArray[Any] = np.ascontiguousarray(vectors.matrix)
    if half:
        with np.errstate(over="ignore"):
            matrix = matrix.astype(np.float16)
        if not np.isfinite(matrix).all():
            raise DataError(
                "a number is too large for float16, whose largest is 65504", "Write float32 instead."
            )
    return {"vectors": matrix, "words": pack_words(vectors.words)}


def vectors_of(file: Path, arrays: Mapping[str, npt.NDArray[Any]], limit: int | None) -> WordVectors:
    """Check the arrays ``words`` and ``vectors`` of a file, and widen the numbers to float32.

    :raises FormatError: an array is missing, or is not one of those expected.
    """
    for name in ("words", "vectors"):
        if name not in arrays:
            raise FormatError(f"{file}: has no array {name!r}", _EXPECTED)
    vectors, packed = arrays["vectors"], arrays["words"]
    if vectors.ndim != 2 or vectors.dtype.kind != "f":
        raise FormatError(f"{file}: 'vectors' is {vectors.dtype} of shape {vectors.shape}", _EXPECTED)
    words = read_words(file, packed)
    if len(words) != len(vectors):
        raise FormatError(f"{file}: {len(words)} words but {len(vectors)} vectors", _EXPECTED)
    with np.errstate(over="ignore"):
        matrix = vectors[:limit].astype(np.float32, copy=False)
    return check_read(file, WordVectors(words[:limit], matrix))
