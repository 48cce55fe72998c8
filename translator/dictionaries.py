"""Pairs of words in the files that dictionaries come in: text, CSV, JSON, FreeDict's TEI and TMX."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Any
from unicodedata import normalize
from xml.etree import ElementTree

from translator.errors import FormatError
from translator.text_files import decoded, is_comment, separator_of, shown, split_cells, split_lines

WRITE = "Write one pair a line: source<tab>target."
_WRITE_JSON = 'Write {"source": ["target", ...], ...} or [["source", "target"], ...].'
_HEADERS = {"source", "src", "target", "tgt", "word", "translation"}  # names of columns in a first line
_XML = re.compile(r"\s*<(\?xml|!DOCTYPE|TEI|tmx)\b")
_JSON = re.compile(r'\s*[\[{]\s*[\[{]?\s*"')  # no line of words begins so
_NUMBER = re.compile(r"-?[\d.]+(e-?\d+)?")
_STARDICT = (".ifo", ".idx", ".syn", ".dict", ".dz", ".index")  # endings of StarDict's and DICT's files
_ARCHIVES = {  # first bytes -> what the file is, and the next step
    b"\x1f\x8b": ("compressed by gzip", "Decompress it: gunzip {file}"),
    b"PK\x03\x04": ("a zip archive or a spreadsheet", "Unzip it, or save the spreadsheet as CSV."),
    b"\xd0\xcf\x11\xe0": ("an old spreadsheet or document", "Save it as CSV."),
}

Pairs = list[tuple[str, str]]


def read_pairs(content: bytes, file: Path) -> Pairs:
    """Return the pairs of words in the content of a dictionary file, in Unicode NFC.

    :param file: where the content comes from, for messages.
    :raises FormatError: the content is of another kind, or a line does not hold two words; the message names
        the line.

    >>> read_pairs(b"house,maison\\ntree,arbre\\n", Path("d.csv"))
    [('house', 'maison'), ('tree', 'arbre')]
    >>> read_pairs(b'{"house": ["maison", "foyer"]}', Path("d.json"))
    [('house', 'maison'), ('house', 'foyer')]
    """
    _check_kind(content, file)
    text = normalize("NFC", decoded(content, file))
    if _XML.match(text):
        return _xml_pairs(content, file)
    pairs = _json_pairs(text, file) if text.lstrip()[:1] in ("{", "[") else None
    return _line_pairs(text, file) if pairs is None else pairs


def _check_kind(content: bytes, file: Path) -> None:
    """Refuse dictionaries of other programs, and archives."""
    if file.suffix.lower() in _STARDICT or content.startswith(b"StarDict's dict ifo file"):
        whole = file.with_suffix("").with_suffix("") if file.suffix == ".dz" else file.with_suffix("")
        index = whole.with_suffix(".index" if whole.with_suffix(".index").exists() else ".ifo")
        raise FormatError(
            f"{file}: a StarDict or DICT dictionary, expected text",
            f"Convert it with PyGlossary: pyglossary {quote(str(index))} {quote(f'{whole}.txt')}",
        )
    for start, (kind, hint) in _ARCHIVES.items():
        if content.startswith(start):
            raise FormatError(f"{file}: {kind}, expected text", hint.format(file=quote(str(file))))


def _line_pairs(text: str, file: Path) -> Pairs:
    lines = enumerate(split_lines(text), start=1)
    numbered = [(number, line) for number, line in lines if line.strip() and not is_comment(line)]
    separator = separator_of([line for _, line in numbered])
    rows = [split_cells(line, separator) for _, line in numbered]
    _check_columns(rows, file)
    pairs: Pairs = []
    for (number, line), cells in zip(numbered, rows, strict=True):
        if pairs or not _is_header(cells):
            pairs.append(_pair(cells, line, separator, f"{file}:{number}"))
    return pairs


def _check_columns(rows: list[list[str]], file: Path) -> None:
    """Refuse a table whose two columns of words follow a column of numbers, with a header or without."""
    body = [cells for cells in rows[:1] if cells[0].isdigit()] + rows[1:]
    numbered = bool(body) and all(len(cells) > 2 and cells[0].isdigit() for cells in body)
    if numbered and not all(_NUMBER.fullmatch(cells[2]) for cells in body):  # scores may follow numerals
        raise FormatError(
            f"{file}: {len(rows[0])} columns, the first all numbers: {shown(', '.join(rows[0]))}; "
            "expected two, source and target",
            "Remove the column of numbers.",
        )


def _is_header(cells: list[str]) -> bool:
    """Return whether a line names two different columns; ``source source`` may well be a pair of words."""
    names = {cell.lower().removeprefix("#") for cell in cells[:2]}
    return len(names) == 2 and names <= _HEADERS


def _pair(cells: list[str], line: str, separator: str | None, place: str) -> tuple[str, str]:
    if len(cells) < 2 or not cells[0] or not cells[1]:
        mark = {None: "", "\t": ""}.get(separator, f" separated by {separator!r}")
        raise FormatError(f"{place}: expected two words{mark}, found {shown(line)}", WRITE)
    if separator is None and len(cells) > 2:
        if all(_NUMBER.fullmatch(cell) for cell in cells[1:]):
            raise FormatError(f"{place}: word vectors, expected a dictionary: {shown(line)}", WRITE)
        hint = "Separate the two sides by a tab where an entry has several words."
        raise FormatError(f"{place}: expected two words, found {len(cells)}: {shown(line)}", hint)
    return cells[0], cells[1]


def _json_pairs(text: str, file: Path) -> Pairs | None:
    """Return the pairs of an object ``{source: target or [targets]}`` or a list of pairs; None for no JSON.

    :raises FormatError: damaged JSON, or JSON of another form.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        if file.suffix.lower() != ".json" and not _JSON.match(text):
            return None
        raise FormatError(f"{file}:{error.lineno}: not valid JSON ({error.msg})", _WRITE_JSON) from None
    except RecursionError:
        value = None
    pairs = _pairs_of(value)
    if pairs is None:
        raise FormatError(f"{file}: JSON of another form: {shown(text)}", _WRITE_JSON)
    return pairs


def _pairs_of(value: Any) -> Pairs | None:
    entries = value.items() if isinstance(value, dict) else value
    pairs = []
    for entry in entries if isinstance(entries, list) or isinstance(value, dict) else [None]:
        if not isinstance(entry, tuple | list) or len(entry) != 2:
            return None
        source, targets = entry
        pairs += [(source, target) for target in (targets if isinstance(targets, list) else [targets])]
    return pairs if all(isinstance(word, str) and word for pair in pairs for word in pair) else None


def _xml_pairs(content: bytes, file: Path) -> Pairs:
    """Return the pairs of FreeDict's TEI, or the first two texts of each unit of a TMX."""
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise FormatError(f"{file}: damaged XML ({error})", "Download the file again.") from None
    kind = root.tag.rpartition("}")[2]
    if kind.startswith("TEI"):
        found = [pair for entry in root.iterfind(".//{*}entry") for pair in _translations(entry)]
    elif kind == "tmx":
        units = [_texts(unit, "seg")[:2] for unit in root.iterfind(".//{*}tu")]
        found = [(unit[0], unit[1]) for unit in units if len(unit) == 2]
    else:
        raise FormatError(
            f"{file}: XML with the root <{kind}>, expected FreeDict's TEI or TMX",
            f"Convert it with PyGlossary: pyglossary {quote(str(file))} {quote(f'{file}.txt')}",
        )
    return found


def _translations(entry: ElementTree.Element) -> Iterator[tuple[str, str]]:
    """Yield each headword of an entry with each of its translations: ``quote``, in old files ``tr``."""
    targets = [
        text
        for path in (".//{*}cit[@type='trans']", ".//{*}cit[@type='translation']", ".//{*}trans")
        for translation in entry.iterfind(path)
        for text in (*_texts(translation, "quote"), *_texts(translation, "tr"))
    ]
    yield from ((source, target) for source in _texts(entry, "orth") for target in targets)


def _texts(element: Any, tag: str) -> list[str]:
    """Return the texts of the elements of a tag, composed and with single spaces."""
    texts = (" ".join("".join(one.itertext()).split()) for one in element.iterfind(f".//{{*}}{tag}"))
    return [normalize("NFC", text) for text in texts if text]
