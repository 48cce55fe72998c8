"""Captions in tables: CSV and TSV with a header or without, JSON lines, Parquet."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

from translator.errors import FormatError, MissingDependencyError
from translator.files import existing
from translator.text_files import shown
from vse.dataset.caption_rows import Row, columns_of, rows_of

SEPARATORS = "\t,;|"  # the last is Flickr30k's
_NUMBERED = re.compile(r"#\d+$")  # Flickr's name.jpg#0
_FILE = re.compile(r"\.[A-Za-z]{3,4}(#\d+)?$")  # a first cell that is the name of a file

EXPECTED = "Expected a header such as image,caption, or lines such as IMG_1.jpg<tab>caption."


def read_table(text: str, file: Path) -> list[Row]:
    """Return the captions of a CSV or TSV.

    Without a header, a line is the name of an image and a caption, as in Flickr's ``name.jpg#0<tab>caption``.
    Where the captions are in the last column, a separator in them needs no quotes.

    :raises FormatError: the first line names no image and caption, or a line has no caption.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(SEPARATORS, key=lambda mark: (mark == "\t" and mark in first, first.count(mark)))
    header = [cell.strip() for cell in next(csv.reader([first], delimiter=separator), [])]
    columns = columns_of(header)
    if columns is None and not _FILE.search(header[0] if len(header) > 1 else ""):
        raise FormatError(f"{file}: the first line {shown(first)} names no image and caption", EXPECTED)
    literal = columns is None and separator == "\t"  # Flickr's captions have quotation marks of their own
    lines = csv.reader(
        io.StringIO(text.lstrip("\r\n"), newline=""),
        delimiter=separator,
        quoting=csv.QUOTE_NONE if literal else csv.QUOTE_MINIMAL,
        skipinitialspace=not literal,
    )
    try:
        cells = [line for line in lines if any(map(str.strip, line))]
    except csv.Error as error:
        raise FormatError(f"{file}:{lines.line_num}: {error}", EXPECTED) from None
    if columns is None:
        return [
            Row(_NUMBERED.sub("", line[0].strip()), " ".join(f"{separator} ".join(line[1:]).split()))
            for line in cells
        ]
    last = len(header) - 1
    records = [
        dict(zip(header, [*line[:last], f"{separator} ".join(line[last:])], strict=False))
        for line in cells[1:]
    ]
    rows = rows_of(records, header, file)
    return [row._replace(image=_NUMBERED.sub("", row.image)) for row in rows]


def read_json_lines(text: str, file: Path) -> list[Row]:
    """Return the captions of a file with a JSON object a line, such as ``metadata.jsonl`` of an imagefolder.

    :raises FormatError: a line is no JSON object, or its names do not say where images and captions are.
    """
    records: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise FormatError(
                f"{file}:{number}: no JSON ({error})", "Expected a JSON object a line."
            ) from None
        if not isinstance(record, dict):
            raise FormatError(f"{file}:{number}: {shown(line)}", "Expected a JSON object a line.")
        records.append(record)
    return rows_of(records, list(dict.fromkeys(name for record in records for name in record)), file)


def read_parquet(path: Path) -> list[Row]:
    """Return the captions of a Parquet file.

    :raises FormatError: it is damaged, or its columns do not say where images and captions are.
    :raises MissingDependencyError: pyarrow is not installed.
    """
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise MissingDependencyError("pyarrow", "parquet", f"Reading {path}") from None
    try:
        names = parquet.read_schema(existing(path)).names
        columns = columns_of(names)
        wanted = None if columns is None else [columns.image, *columns.texts, columns.language]
        kept = wanted and [name for name in names if name in wanted]
        return rows_of(parquet.read_table(path, columns=kept).to_pylist(), names, path)
    except ArrowException as error:
        raise FormatError(f"{path}: cannot be read as Parquet ({error})", EXPECTED) from None
