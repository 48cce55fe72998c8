"""The table of language pairs that ``align-many`` reads."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from translator.errors import DataError, FormatError
from translator.fetching import is_code, is_pair
from translator.files import existing
from translator.text_files import is_comment, separator_of, shown, split_cells, text_lines
from translator.vectors.names import pair_name

from ..align import CLDR

FILES = ("source", "target", "dictionary")  # columns that hold files; only the last is optional
COLUMNS = (*FILES, "name")
SHORT = {"src": "source", "tgt": "target", "dict": "dictionary"}  # other names of columns
SUMMARY = "summary.tsv"  # written next to the folders of the pairs, so no pair can have this name
HEADER = "The first line must be source<tab>target<tab>dictionary<tab>name; dictionary and name are optional."


@dataclass(frozen=True)
class Pair:
    """Two languages to align.

    :param name: the name of the alignment folder, such as ``en-fr``.
    :param source: the file of the source vectors, or the code of a language; ``target`` likewise.
    :param dictionary: the file of the seed dictionary, or two codes, or the string
        :data:`~cli.align.CLDR`, or None.
    """

    name: str
    source: Path
    target: Path
    dictionary: Path | str | None = None


def load_pairs(path: str | os.PathLike[str], into: Path | None = None) -> list[Pair]:
    """Read a table of pairs: tab separated or CSV, with the column names in the first line, in any order.

    The columns ``source`` and ``target`` are required; ``dictionary`` and ``name`` may be missing, or empty
    in a row. The dictionary ``cldr`` is that of ``--dict cldr``. Paths are relative to the folder of the
    table; codes stay codes, unless there is a file of that name. Empty lines and lines that start with
    ``# `` are skipped. The text is UTF-8, or UTF-16 with a byte-order mark. A pair without a name gets one
    from :func:`~translator.vectors.names.pair_name`.

    :param into: the target vectors of every pair; the table then has no column ``target``.
    :raises FormatError: a line is malformed, names a missing file, or repeats the name of an earlier pair;
        the message gives the line number.
    :raises DataError: the table is missing or has no pair.
    """
    table = Path(path)
    numbered = [
        (number, line)
        for number, line in enumerate(text_lines(table), start=1)
        if line.strip() and not is_comment(line)
    ]
    if not numbered:
        raise DataError(f"{table}: the table is empty", HEADER)
    separator = separator_of([line for _, line in numbered]) or "\t"
    lines = [(number, split_cells(line, separator)) for number, line in numbered]
    columns = _columns(f"{table}:{lines[0][0]}", lines[0][1], into)
    pairs: list[Pair] = []
    line_of: dict[str, int] = {}
    for number, cells in lines[1:]:
        place = f"{table}:{number}"
        pairs.append(_pair(place, columns, cells, table.parent, into))
        name = pairs[-1].name
        if (first := line_of.setdefault(name.casefold(), number)) != number:  # some file systems ignore case
            raise FormatError(
                f"{place}: the pair is called {name!r}, like the pair in line {first}",
                "Give each pair its own name in the column 'name'.",
            )
    if not pairs:
        raise DataError(f"{table}: has column names, but no pairs", "Add a line for each pair of languages.")
    return pairs


def _columns(place: str, cells: list[str], into: Path | None) -> list[str]:
    names = [SHORT.get(cell.lower(), cell.lower()) for cell in cells]
    if unknown := [cell for cell, name in zip(cells, names, strict=True) if name not in COLUMNS]:
        if set(unknown[0].lower().split()) <= {*COLUMNS, *SHORT}:
            raise FormatError(f"{place}: cells separated by spaces, expected tabs", "Write a tab for each.")
        raise FormatError(
            f"{place}: unknown column {shown(unknown[0])}, expected {', '.join(COLUMNS)}", HEADER
        )
    if repeated := [cell for cell in names if names.count(cell) > 1]:
        raise FormatError(f"{place}: the column {repeated[0]!r} occurs twice", HEADER)
    if into is not None and "target" in names:
        raise FormatError(
            f"{place}: a column 'target', but every target is {into}",
            "Remove the column, or leave out `into`.",
        )
    required = ("source", "target") if into is None else ("source",)
    if missing := [name for name in required if name not in names]:
        raise FormatError(f"{place}: the column {missing[0]!r} is missing, found {', '.join(names)}", HEADER)
    return names


def _pair(place: str, columns: list[str], cells: list[str], folder: Path, into: Path | None) -> Pair:
    if len(cells) > len(columns):
        raise FormatError(
            f"{place}: expected {len(columns)} cells ({', '.join(columns)}), found {len(cells)}",
            "Separate cells by one tab each.",
        )
    row = {column: cell for column, cell in zip(columns, cells, strict=False) if cell}  # a row may be shorter
    files = {
        column: _file(place, column, row.get(column), folder)
        for column in FILES
        if (column, row.get(column)) != ("dictionary", CLDR)
    }
    source, target = files["source"], into or files["target"]
    if source is None or target is None:
        raise FormatError(
            f"{place}: the {'source' if source is None else 'target'} cell is empty",
            "Name a file of word vectors.",
        )
    name = row.get("name") or pair_name(source, target)
    _check_name(place, name)
    return Pair(name, source, target, files.get("dictionary", CLDR))


def _file(place: str, column: str, cell: str | None, folder: Path) -> Path | None:
    if cell is None:
        return None
    path, is_named = folder / cell, is_pair if column == "dictionary" else is_code
    if is_named(cell) and not path.is_file():
        return Path(cell)
    try:
        return existing(path)
    except DataError as error:
        raise FormatError(
            f"{place}: {column}: {error.message}", f"Paths are relative to the folder of the table, {folder}."
        ) from None


def _check_name(place: str, name: str) -> None:
    if name.startswith(".") or "/" in name or "\0" in name or name.casefold() == SUMMARY:
        raise FormatError(
            f"{place}: {name!r} cannot be the name of a folder here",
            f"Choose a name other than {SUMMARY}, without a slash and without a leading dot.",
        )
