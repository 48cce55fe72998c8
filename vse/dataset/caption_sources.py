"""Find out where the captions of a folder of images are, and read them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from translator.errors import DataError
from vse.dataset.caption_json import read_json_captions
from vse.dataset.caption_rows import Row
from vse.dataset.caption_tables import read_json_lines, read_parquet, read_table
from vse.dataset.caption_text import text_of
from vse.dataset.image_captions import descriptions, sidecars

NAMES = ("metadata", "captions")  # of files within the folder of images; the first is an imagefolder's
ENDINGS = (".csv", ".tsv", ".jsonl", ".json", ".parquet")

Place = str | os.PathLike[str]


@dataclass(frozen=True)
class Source:
    """Captions as they were read.

    :param name: file and format, for messages.
    :param rows: the captions.
    """

    name: str
    rows: list[Row]


def read_captions(
    images: Mapping[str, Path],
    folder: Path,
    captions: Place | None = None,
    encoding: str | None = None,
) -> Source:
    """Read captions.

    :param images: files by id.
    :param folder: of the images.
    :param captions: a file; or None or ``folder`` to look there for ``metadata.csv`` or ``captions.csv`` and
        the like, then for text files next to the images, then in the images themselves.
    :param encoding: of the files; None for UTF-8.
    :raises FormatError: the file is in no known format.
    :raises DataError: there is no such file, or the folder has no captions.
    """
    if captions is not None and not Path(captions).is_dir():
        return _read_file(Path(captions), encoding)
    place = folder if captions is None else Path(captions)
    files = [place / f"{name}{ending}" for name in NAMES for ending in ENDINGS]
    if (file := next((file for file in files if file.is_file()), None)) is not None:
        return _read_file(file, encoding)
    if rows := sidecars({name: place / path.relative_to(folder) for name, path in images.items()}, encoding):
        return Source("text files next to the images", rows)
    if rows := descriptions(images):
        return Source("the images' own descriptions", rows)
    raise DataError(
        f"{place}: no captions: no {files[0].name}, no text files next to images, no descriptions in them",
        "Pass captions=FILE.",
    )


def _read_file(file: Path, encoding: str | None) -> Source:
    ending = file.suffix.lower()
    if ending == ".parquet":
        return Source(f"{file.name} (Parquet)", read_parquet(file))
    text = text_of(file, encoding)
    if ending in (".jsonl", ".ndjson"):
        return Source(f"{file.name} (JSON lines)", read_json_lines(text, file))
    if ending == ".json" or text.lstrip()[:1] in ("{", "["):
        form, rows = read_json_captions(text, file)
        return Source(f"{file.name} ({form})", rows)
    return Source(f"{file.name} (a table)", read_table(text, file))
