"""The layout with a folder for each split; :func:`write_split` writes it.

``train/features.npy`` holds the features, ``train/ids.txt`` the id of each image, one a line, and
``train/captions.<language>.tsv`` the captions of a language, one a line: row of the image (from 0), tab,
caption; or row, tab, source of the caption, tab, caption. An image may have any number, in any order.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from translator.errors import DataError, FormatError
from translator.writing import Kind, replacing
from vse.dataset import Captions, Split
from vse.dataset.reading import gather, language_files, read_features, read_ids, read_lines

SPLIT = Kind(
    "a split",
    lambda folder: (folder / "features.npy").is_file(),
    ("features.npy", "ids.txt", "captions.*.tsv"),
)

_ROW = re.compile(r"[0-9]{1,18}")
_BREAK = re.compile(r"[\t\r\n]+")


def caption_files(folder: Path, split: str, asked: Sequence[str] | None = None) -> dict[str, Path]:
    """Return the caption files of a split by language; ``asked`` is for other layouts."""
    return language_files(folder / split, "captions.", ".tsv")


def read(folder: Path, split: str, files: Mapping[str, Path]) -> Split:
    """Read the split, with the captions in ``files``.

    :raises FormatError: a file does not have the format of the layout, or does not fit the others.
    """
    features = read_features(folder / split / "features.npy")
    ids = read_ids(folder / split / "ids.txt", len(features))
    captions = {language: _captions(file, len(ids)) for language, file in files.items()}
    return Split(split, ids, features, captions)


def write_split(split: Split, folder: str | os.PathLike[str]) -> None:
    """Write a split as a folder of its name within ``folder``.

    An existing split of that name is replaced. Tabs and line breaks within captions are written
    as spaces.

    :raises DataError: the folder cannot be written or would replace other files, or a text is no
        valid Unicode.
    """
    root = Path(folder)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"cannot write {root}: {error.strerror}", "Choose another place.") from None
    SPLIT.check_replaceable(root / split.name)
    with replacing(root / split.name) as draft:
        draft.mkdir()
        np.save(draft / "features.npy", split.features)
        _write_lines(draft / "ids.txt", split.ids)
        for language, captions in split.captions.items():
            texts = (_BREAK.sub(" ", text) for text in captions.texts)
            lines = [f"{row}\t{text}" for row, text in zip(captions.images.tolist(), texts, strict=True)]
            _write_lines(draft / f"captions.{language}.tsv", lines)


def _captions(file: Path, images: int) -> Captions:
    rows, texts = [], []
    for number, line in enumerate(read_lines(file), start=1):
        if not line.strip():
            continue
        row, *rest = line.split("\t", 2)
        if not rest:
            raise FormatError(f"{file}:{number}: no tab in {line[:40]!r}", "Expected: row<tab>caption.")
        if not _ROW.fullmatch(row):
            raise FormatError(
                f"{file}:{number}: {row[:40]!r} is no row number", "Expected a number from 0, then a tab."
            )
        if int(row) >= images:
            raise FormatError(
                f"{file}:{number}: row {row}, but there are {images} images", "Rows count from 0."
            )
        if not rest[-1].strip():
            raise FormatError(f"{file}:{number}: the caption is blank", "Leave the line out.")
        rows.append(int(row))
        texts.append(rest[-1])
    return gather(file, texts, np.array(rows, np.int64))


def _write_lines(path: Path, lines: Sequence[str]) -> None:
    try:
        path.write_bytes("".join(f"{line}\n" for line in lines).encode())
    except UnicodeEncodeError as error:
        line = error.object[: error.start].count("\n") + 1
        bad = error.object[error.start]
        raise DataError(f"{path.name}:{line} cannot be written: {bad!r} is no valid Unicode") from None
