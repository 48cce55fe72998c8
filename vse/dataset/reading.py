"""Reading of the files that layouts consist of: lines of text, image features, captions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from translator.errors import DataError, FormatError
from translator.files import existing
from translator.progress import track
from translator.text_files import decoded
from translator.vectors import Indices
from vse.dataset import LANGUAGE, Captions, Features, check_features

BLOCK = 1 << 24  # bytes of features checked at a time

_EXPECTED = "Expected a .npy: float16, float32 or float64 [images, width]."
_AVERAGE = (
    "Average over the regions: np.save('averaged.npy', np.load({file!r}, mmap_mode='r').mean(axis=1)); "
    "then put averaged.npy in its place."
)


def language_files(folder: Path, begin: str, end: str) -> dict[str, Path]:
    """Return the files of a folder that are named ``begin``, language code, ``end``; by language."""
    files = {}
    for path in sorted(folder.iterdir()):
        language = path.name.removeprefix(begin).removesuffix(end)
        if path.name == begin + language + end and LANGUAGE.fullmatch(language):
            files[language] = path
    return files


def read_lines(path: Path) -> list[str]:
    """Return the lines of a file, see :func:`lines_of`."""
    return lines_of(existing(path).read_bytes(), path)


def lines_of(raw: bytes, file: Path) -> list[str]:
    """Return the lines of a UTF-8 text; only a line feed ends a line, and the CR of a CRLF stays.

    :param file: file of the text, for messages.
    :raises FormatError: it is empty, binary or not UTF-8.
    """
    text = decoded(raw, file)
    if not text:
        raise FormatError(f"{file}: is empty")
    return text.removesuffix("\n").split("\n")


def read_ids(path: Path, images: int, *, repeated: bool = False) -> list[str]:
    """Read the ids of images, one a line.

    :param repeated: each may be repeated on the lines that follow, the same number of times for all.
    :raises FormatError: their number is not that of the images, or one is blank or occurs twice.
    """
    ids = [line.strip() for line in read_lines(path)]
    times = max(1, len(ids) // images) if repeated else 1
    if len(ids) != times * images:
        raise FormatError(
            f"{path}: {len(ids)} ids, but there are {images} images",
            "Expected one id for each image"
            + (", or the same number of lines for each." if repeated else "."),
        )
    first_line: dict[str, int] = {}
    for line, name in enumerate(ids, start=1):
        first = line - (line - 1) % times
        if name != ids[first - 1]:
            raise FormatError(
                f"{path}:{line}: the id {name!r}, but line {first} has {ids[first - 1]!r}: {len(ids)} ids"
                f" of {images} images must be {times} equal ones in a row",
                "Are they ids of captions, not of images? Remove the file.",
            )
        if not name:
            raise FormatError(f"{path}:{line}: blank, expected an id")
        if first_line.setdefault(name, first) != first:
            raise FormatError(f"{path}:{line}: the id {name!r} is that of line {first_line[name]} already")
    return ids[::times]


def read_features(path: Path) -> Features:
    """Open image features as a read-only memory map [n, f], after checking all values.

    :raises FormatError: the file is damaged, its array is no matrix of features, or a value is not finite in
        float32.
    """
    file = existing(path)
    try:
        features = np.load(file, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # whatever damaged bytes make numpy raise
        why = "" if "allow_pickle" in str(error) else f" ({error})"  # numpy takes any other file for a pickle
        raise FormatError(f"{file}: cannot be read as .npy{why}", _EXPECTED) from None
    if not isinstance(features, np.ndarray):
        features.close()
        raise FormatError(f"{file}: an .npz archive", _EXPECTED)
    if features.ndim == 3:
        raise FormatError(
            f"{file}: features of regions, shape {features.shape}, expected one row for each image",
            _AVERAGE.format(file=str(file)),
        )
    try:
        check_features(features)
    except DataError as error:
        raise FormatError(f"{file}: {error.message}", error.hint or _EXPECTED) from None
    _check_finite(file, features)
    return features


def gather(file: Path, texts: Sequence[str], rows: Indices) -> Captions:
    """Sort captions by the rows of their images, int64 [len(texts)]; leave blank ones out.

    :raises FormatError: all are blank.
    """
    stripped = [text.strip() for text in texts]
    order = np.argsort(rows, kind="stable")
    order = order[[bool(stripped[place]) for place in order]]
    if not len(order):
        raise FormatError(f"{file}: holds no caption, only blank lines")
    return Captions([stripped[place] for place in order], rows[order])


def _check_finite(file: Path, features: Features) -> None:
    height = max(1, BLOCK // features[0].nbytes)
    for top in track(range(0, len(features), height), f"checking {file.name}"):
        with np.errstate(over="ignore"):
            finite = np.isfinite(features[top : top + height].astype(np.float32, copy=False)).all(axis=1)
        if not finite.all():
            row = top + int(np.argmin(finite))
            raise FormatError(
                f"{file}: row {row} (counted from 0) holds values that are not finite in float32",
                "Make the features again.",
            )
