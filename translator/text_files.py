"""Read text that people wrote: its encoding, its lines, and the cells of tables."""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from shlex import quote

from translator.errors import FormatError
from translator.files import existing

MARKS = (  # byte-order marks and their encodings; that of UTF-16 begins that of UTF-32
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SHOWN = 60  # characters of a file's text in a message


def text_lines(path: str | os.PathLike[str]) -> list[str]:
    """Return the lines of a text file; encodings and errors are those of :func:`decoded`.

    :raises DataError: there is no such file.
    """
    return lines_of(existing(path).read_bytes(), path)


def lines_of(content: bytes, file: str | os.PathLike[str]) -> list[str]:
    """Split text into lines, which may end in LF, CRLF or CR; encodings and errors as in :func:`decoded`.

    :param file: where the content comes from, for messages.

    >>> lines_of(b"one\\r\\ntwo", "words.txt")
    ['one', 'two']
    """
    return split_lines(decoded(content, file))


def split_lines(text: str) -> list[str]:
    """Split text into lines, which may end in LF, CRLF or CR."""
    return io.StringIO(text, newline=None).read().split("\n")


def decoded(content: bytes, file: str | os.PathLike[str]) -> str:
    """Decode text: UTF-8, or UTF-16 and UTF-32 that begin with their byte-order mark, which is left out.

    :param file: where the content comes from, for messages.
    :raises FormatError: the content is binary or in another encoding; the message names the line.

    >>> decoded("häuser".encode("utf-16"), "words.txt")
    'häuser'
    """
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in content[:4096]:
        raise _not_text(content[:4096], file)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1  # both without the mark
        expected = "UTF-8" if encoding.startswith("utf-8") else encoding.upper()
        raise FormatError(f"{file}:{line}: not {expected}", conversion(file)) from None


def _not_text(head: bytes, file: str | os.PathLike[str]) -> FormatError:
    """Return the error for bytes with NULs: binary, or UTF-16 without a byte-order mark."""
    for encoding, nul in (("utf-16le", head[1::2]), ("utf-16be", head[::2])):
        # Half of the bytes of UTF-16 are NUL for Latin letters; in binary files they are in both places
        if len(head) > 8 and nul.count(0) > 0.9 * len(nul) and head.count(0) < 0.6 * len(head):
            return FormatError(f"{file}: UTF-16 without a byte-order mark", conversion(file, encoding))
    return FormatError(f"{file}: a binary file, expected text", "Name a text file in UTF-8.")


def conversion(file: str | os.PathLike[str], encoding: str | None = None) -> str:
    """Return the hint that converts a text file to UTF-8.

    :param file: named in the command if it is there; else it came through a pipe.
    :param encoding: the file's, or None if it is unknown.

    >>> conversion("standard input", "utf-16")
    'Convert it: iconv -f utf-16 -t utf-8 FILE > FILE.utf8'
    """
    path = Path(file) if Path(file).is_file() else Path("FILE")
    new = quote(str(path.with_suffix(f".utf8{path.suffix}")))
    start = "Convert it" if encoding else "If it is Latin-1, convert it"
    return f"{start}: iconv -f {encoding or 'latin1'} -t utf-8 {quote(str(path))} > {new}"


def shown(text: str) -> str:
    """Quote text for a message, cut to one short line.

    >>> shown("a" * 100) == repr("a" * 60) + "..."
    True
    """
    return repr(text[:SHOWN]) + ("..." if len(text) > SHOWN else "")


def separator_of(lines: Sequence[str]) -> str | None:
    """Return what separates the cells of a table in text form.

    :returns: a tab if a line has one; else the comma or semicolon that most lines have; else None for white
        space.

    >>> separator_of(["house,maison", "tree,arbre"]), separator_of(["house maison", "1,000 mille", "a b"])
    (',', None)
    """
    if any("\t" in line for line in lines):
        return "\t"
    counts = {mark: sum(mark in line.strip()[1:-1] for line in lines) for mark in ";,"}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] > len(lines) / 2 else None


def split_cells(line: str, separator: str | None) -> list[str]:
    """Split a line of a table into cells without white space around them; CSV cells may be quoted.

    >>> split_cells('"house, big" ; maison', ";")
    ['house, big', 'maison']
    """
    cells = line.split(separator)
    if separator in (",", ";"):
        with suppress(csv.Error):  # a cell of more than 100,000 characters
            cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True), cells)
    return [cell.strip() for cell in cells]


def is_comment(line: str) -> bool:
    """Return whether a line is a comment: ``# `` and text, or ``#`` alone; ``#1`` is a word.

    >>> is_comment("# made by hand"), is_comment("#1 #1")
    (True, False)
    """
    return line.startswith("# ") or line.strip() == "#"
