"""Read and write vectors as arrays: numpy's ``.npz``, and ``.safetensors``.

Both have two entries. ``vectors`` is float32 or float16 [n, d]; ``words`` is uint8: the words in UTF-8,
joined by line feeds (a tenth of the size of numpy's unicode arrays, and no pickle). An ``.npz`` of another
program may have a unicode array as ``words``. Floating-point numbers of any width are read as float32.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from translator.errors import DataError, FormatError
from translator.files import existing
from translator.formats.checks import check_read, check_storable
from translator.formats.foreign import SAVE, TORCH_ZIP
from translator.vectors import WordVectors
from translator.writing import replacing

_EXPECTED = (
    "Expected an array 'vectors' [n, d], and 'words': n strings (ids.astype(str) makes strings of numbers) "
    "or their UTF-8 bytes, uint8, joined by line feeds."
)

Arrays = dict[str, npt.NDArray[Any]]


def read_npz(path: str | os.PathLike[str], limit: int | None = None) -> WordVectors:
    """Read the first ``limit`` words of an ``.npz``, without ever unpickling.

    :raises FormatError: the file is damaged, or has no arrays as described at the top of this module.
    """
    file = existing(path)
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            members = archive.files
            arrays = {name: archive[name] for name in ("words", "vectors") if name in members}
    except Exception as error:  # whatever damaged bytes make zipfile, zlib and numpy raise
        raise FormatError(f"{file}: cannot be read as .npz ({error})", _EXPECTED) from None
    if not arrays:
        raise _other_zip(file, members)
    return vectors_of(file, arrays, limit)


def _other_zip(file: Path, members: Sequence[str]) -> FormatError:
    """Return the error for a zip archive without arrays of vectors."""
    if any(name.endswith(TORCH_ZIP) for name in members):
        return FormatError(f"{file}: a PyTorch file, which can run any code when it is opened", SAVE)
    contents = f"{file}: a zip archive of {', '.join(members[:5])}"
    if any(name.endswith((".vec", ".txt", ".bin")) for name in members):
        return FormatError(contents, f"Unzip it: unzip {quote(str(file))}")
    return FormatError(contents, _EXPECTED)


def write_npz(vectors: WordVectors, path: str | os.PathLike[str], *, half: bool = False) -> None:
    """Write an ``.npz``, in float16 if ``half``.

    :raises DataError: a word cannot be stored, or a number is too large for float16.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_npz(WordVectors(["cat", "dog"], [[1, 0], [0, 1]]), f"{folder}/en.npz")
    ...     read_npz(f"{folder}/en.npz")["dog"].tolist()
    [0.0, 1.0]
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
    """Return words as UTF-8 bytes joined by line feeds, uint8.

    :raises DataError: a word cannot be stored.

    >>> unpack_words(pack_words(["cat", "dog"]))
    ['cat', 'dog']
    """
    check_storable(words)
    return np.frombuffer(bytearray("\n".join(words), "utf-8"), np.uint8)


def unpack_words(packed: npt.NDArray[np.uint8]) -> list[str]:
    """Return the words of :func:`pack_words`.

    :raises ValueError: the bytes are not UTF-8.
    """
    return packed.tobytes().decode().split("\n")


def read_words(file: Path, packed: npt.NDArray[Any]) -> list[str]:
    """Return the words of a file, stored packed or as a unicode array.

    :raises FormatError: the array is neither, is not UTF-8, or is empty.
    """
    if packed.ndim == 1 and packed.dtype.kind == "U":
        return [str(word) for word in packed]
    if packed.ndim != 1 or packed.dtype != np.uint8:
        raise FormatError(f"{file}: 'words' is {packed.dtype} of shape {packed.shape}", _EXPECTED)
    if not len(packed):
        raise FormatError(f"{file}: no vectors, the vocabulary is empty", "Write the file again.")
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
    """Return the vectors in a file's arrays ``words`` and ``vectors``, checked and as float32.

    :param file: where the arrays come from, for messages.
    :raises FormatError: an array is missing or malformed, a word occurs twice, or a number is not finite.
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
    return checked(file, words, vectors, limit)


def checked(file: Path, words: Sequence[str], vectors: npt.NDArray[Any], limit: int | None) -> WordVectors:
    """Return the first ``limit`` vectors of a file, checked by :func:`check_read` and as float32."""
    if vectors.ndim != 2 or vectors.dtype.kind not in "fi":
        raise FormatError(f"{file}: {vectors.dtype} of shape {vectors.shape}", "Expected a matrix [n, d].")
    with np.errstate(over="ignore"):
        matrix = vectors[:limit].astype(np.float32, copy=False)
    return check_read(file, WordVectors(words[:limit], matrix))
