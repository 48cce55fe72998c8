"""A table of many alignments to make: one pair of languages a line."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from translator.errors import DataError, FormatError
from translator.files import existing, text_lines
from translator.vectors.names import pair_name

FILES = ("source", "target", "dictionary")  # columns that hold files; the last may be left out
COLUMNS = (*FILES, "name")
SUMMARY = "summary.tsv"  # stands among the folders of the pairs
HEADER = "Begin with the line source<tab>target<tab>dictionary<tab>name; dictionary and name may be left out."


@dataclass(frozen=True)
class Pair:
    """One alignment to make.

    :param name: what to call it, such as ``en-fr``: the name of a folder.
    :param source: the file of the source vectors; ``target`` likewise.
    :param dictionary: the file of seed pairs, or None.
    """

    name: str
    source: Path
    target: Path
    dictionary: Path | None = None


def load_pairs(path: str | os.PathLike[str]) -> list[Pair]:
    """Read a table of pairs: UTF-8, tab separated, the columns named in the first line, in any order.

    ``source`` and ``target`` must be there; ``dictionary`` and ``name`` may be missing, or empty in a row.
    Files are relative to the folder of the table. Empty lines and lines that start with ``#`` are skipped.
    A pair without a name gets that of :func:`pair_name`.

    :raises FormatError: a line is not as expected, names a file that is not there, or has the name of an
        earlier one; the message says which line.
    :raises DataError: the table is missing or holds no pair.
    """
    table = Path(path)
    lines = [
        (number, [cell.strip() for cell in line.split("\t")])
        for number, line in enumerate(text_lines(table), start=1)
        if line.strip() and not line.startswith("#")
    ]
    if not lines:
        raise DataError(f"{table}: holds no pair of languages", HEADER)
    columns = _columns(f"{table}:{lines[0][0]}", lines[0][1])
    pairs: list[Pair] = []
    line_of: dict[str, int] = {}
    for number, cells in lines[1:]:
        place = f"{table}:{number}"
        pairs.append(_pair(place, columns, cells, table.parent))
        name = pairs[-1].name
        if (first := line_of.setdefault(name.casefold(), number)) != number:  # some systems fold cases
            raise FormatError(
                f"{place}: the pair is called {name!r}, as is that of line {first}",
                "Add a column 'name' that tells them apart.",
            )
    if not pairs:
        raise DataError(f"{table}: holds no pair of languages, only the names of columns")
    return pairs


def _columns(place: str, cells: list[str]) -> list[str]:
    if strange := [cell for cell in cells if cell not in COLUMNS]:
        raise FormatError(
            f"{place}: expected the names of columns, found {strange[0]!r}, which is none of "
            f"{', '.join(COLUMNS)}",
            HEADER,
        )
    if twice := [cell for cell in cells if cells.count(cell) > 1]:
        raise FormatError(f"{place}: the column {twice[0]!r} occurs twice", HEADER)
    if missing := [name for name in ("source", "target") if name not in cells]:
        raise FormatError(f"{place}: there is no column {missing[0]!r}, found {', '.join(cells)}", HEADER)
    return cells


def _pair(place: str, columns: list[str], cells: list[str], folder: Path) -> Pair:
    if len(cells) > len(columns):
        raise FormatError(
            f"{place}: expected {len(columns)} cells ({', '.join(columns)}), found {len(cells)}",
            "Separate cells by one tab each.",
        )
    found = {column: cell for column, cell in zip(columns, cells, strict=False) if cell}  # may end early
    files = {column: _file(place, column, found.get(column), folder) for column in FILES}
    source, target = files["source"], files["target"]
    if source is None or target is None:
        raise FormatError(
            f"{place}: expected a {'source' if source is None else 'target'}, found an empty cell",
            "Name a file of vectors.",
        )
    name = _checked(place, found.get("name") or pair_name(source, target))
    return Pair(name, source, target, files["dictionary"])


def _file(place: str, column: str, cell: str | None, folder: Path) -> Path | None:
    if cell is None:
        return None
    try:
        return existing(folder / cell)
    except DataError as error:
        raise FormatError(
            f"{place}: {column}: {error.message}", f"Files are relative to the folder of the table, {folder}."
        ) from None


def _checked(place: str, name: str) -> str:
    if name.startswith(".") or "/" in name or "\0" in name or name.casefold() == SUMMARY:
        raise FormatError(
            f"{place}: the pair is called {name!r}, expected the name of a folder other than {SUMMARY}",
            "Give it another name.",
        )
    return name
