"""Text vectors: ``.vec`` and ``.vec.gz``, one word and its numbers on each line.

=====================================  ==========================================================
found                                  what happens
=====================================  ==========================================================
first line is exactly two integers     a header, ``n d``
any other first line                   no header; d is the number of numbers at its end
fewer lines than the header says       FormatError: the file is cut off
more lines than the header says        all are read; one warning
too few or too many numbers            FormatError with file and line
a field that is not a number           FormatError with file and line
NaN, infinite, beyond float32          FormatError with file, line and word
several words before the numbers       kept as one word: the last d fields are the numbers; a number before
                                       them is one too many, a FormatError
NBSP, U+3000 ... inside a word         kept: only ASCII space and tab separate fields
tabs, several spaces, CRLF, CR, BOM    accepted
blank line                             ignored, also before the header
letter and accent as two characters    composed (Unicode NFC)
a word seen before                     the first is kept; one warning with count and first line
empty word, or invalid UTF-8           the entry is skipped; one warning with count and first line
most words beyond ASCII not UTF-8      FormatError: another encoding, such as Latin-1
a vector of zeros                      kept; one warning with count and first word
``</s>``                               skipped without a word: fastText's line break, as in its ``.bin``
empty file, or only a header           FormatError
gzip stream cut off or damaged         FormatError
``limit``                              reading stops after the first n words that are kept
=====================================  ==========================================================
"""

from __future__ import annotations

import gzip
import logging
import os
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO, NoReturn, cast

import numpy as np

from translator.errors import DataError, FormatError
from translator.files import existing
from translator.formats.ahead import ahead
from translator.formats.checks import check_storable
from translator.formats.decimals import is_number, parse_decimals
from translator.formats.lines import Fields, blocks, line_feeds, opened
from translator.formats.vocabulary import Vocabulary
from translator.vectors import Floats, WordVectors
from translator.vectors.matrices import GrowingMatrix
from translator.writing import replacing

_CUT_OFF = "The file may be cut off: download it again, or pass a smaller `limit`."

logger = logging.getLogger(__name__)


def read_text(path: str | os.PathLike[str], limit: int | None = None) -> WordVectors:
    """Read text vectors; the table at the top of this module says how irregular files are treated.

    :param limit: keep the first ``limit`` words and stop reading there.
    :raises FormatError: the file has one of the faults that the table calls a FormatError.
    """
    file = existing(path)
    vectors, irregular = parse_text(file, limit)
    warn(file, irregular)
    return vectors


def warn(file: Path, irregular: Iterable[str]) -> None:
    """Log the warnings of :func:`parse_text`.

    :param irregular: one sentence for each kind of irregularity.
    """
    for sentence in irregular:
        logger.warning("%s: %s", file, sentence)


def parse_text(file: Path, limit: int | None = None) -> tuple[WordVectors, list[str]]:
    """Read text vectors as :func:`read_text` does, and return its warnings instead of logging them."""
    try:
        with opened(file) as stream:
            reader = _Reader(file, line_feeds(stream), limit)
            return reader.read(), reader.irregular
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FormatError(f"{file}: damaged gzip file ({error})", _CUT_OFF) from None


def announced_words(path: str | os.PathLike[str]) -> int | None:
    """Return the number of words that the header of text vectors says, or None if there is no header."""
    with opened(existing(path)) as stream:
        reader = _Reader(Path(path), line_feeds(stream), None)
        reader.read_header()
        return reader.announced


def write_text(vectors: WordVectors, path: str | os.PathLike[str]) -> None:
    """Write a header ``n d`` and a line for each word, with six significant digits; gzip for ``.gz``.

    :raises DataError: a word cannot be stored, or would be read back as another word.
    """
    check_storable(vectors.words)
    for word in vectors.words:
        *before, last = re.split("[ \t]", word)
        if before and (word != word.strip(" \t") or is_number(last.encode())):
            raise DataError(
                f"{path}: {word!r} would be read back as another word", "Use .npz or .safetensors."
            )
    line = "%s" + " %.6g" * vectors.dimension + "\n"
    with replacing(path) as draft, _created(draft) as stream:
        stream.write(f"{len(vectors)} {vectors.dimension}\n".encode())
        for word, row in zip(vectors.words, vectors.matrix, strict=True):
            stream.write((line % (word, *row.tolist())).encode())


def _created(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.GzipFile(path, "wb", 6, mtime=0)) if path.suffix == ".gz" else path.open("wb")


class _Reader:
    """Reader of one file, with the words and vectors read so far."""

    def __init__(self, path: Path, stream: BinaryIO, limit: int | None) -> None:
        self.path, self.stream, self.limit = path, stream, limit
        self.vocabulary = Vocabulary(path)
        self.announced: int | None = None  # vectors, as the header says
        self.lines = self.entries = 0  # so far; entries are lines that are neither blank nor the header
        self.irregular: list[str] = []  # warnings, complete when the whole file is read

    def read(self) -> WordVectors:
        line = self.read_header()
        self.matrix = GrowingMatrix(self.dimension, self.announced or 0)
        parse = partial(_Block.parsed, dimension=self.dimension)
        for block in ahead(parse, blocks(self.stream, line)):
            self._take(block)
            if self._full:
                break
        self._check_end()
        return WordVectors(self.vocabulary.words, self.matrix.whole())

    @property
    def _full(self) -> bool:
        return self.limit is not None and len(self.vocabulary.words) >= self.limit

    def read_header(self) -> bytes:
        """Set the dimension; return the first line if it is an entry, and nothing if it is a header."""
        line = self.stream.readline().removeprefix(b"\xef\xbb\xbf")
        while line and not line.strip():
            self.lines += 1
            line = self.stream.readline()
        if not line:
            raise FormatError(
                f"{self.path}: the file is empty", "Expected a word and its numbers on each line."
            )
        if header := re.fullmatch(rb"(\d{1,12})[ \t]+(\d{1,9})\s*", line):
            self.announced, self.dimension = int(header[1]), int(header[2])
            self.lines += 1
        else:
            numbers = takewhile(is_number, reversed(re.split(rb"[ \t]+", line.rstrip())[1:]))
            self.dimension = len(list(numbers))
        if self.dimension == 0:
            raise FormatError(
                f"{self.path}:{self.lines + 1}: expected a header 'n d', or a word and its numbers;"
                f" found {_shown(line)}",
                "Is this a file of word vectors in text form?",
            )
        return b"" if header else line

    def _take(self, block: _Block) -> None:
        kept = self._read_words(block.text, block.fields)
        rows = block.rows if len(kept) == len(block.rows) else block.rows[kept]
        finite = np.isfinite(rows)
        if not finite.all():
            row, column = divmod(int(np.argmin(finite)), self.dimension)
            line = self.lines + 1 + int(block.fields.lines[kept[row]])
            self._refuse_number(block.number(kept[row], column), line, self.vocabulary.words[row - len(kept)])
        self.vocabulary.note_zeros(rows)
        self.matrix.append(rows)
        self.lines += block.fields.count

    def _read_words(self, block: bytes, fields: Fields) -> list[int]:
        """Keep the words of a block up to the limit; return the places of their entries in the block."""
        kept = []
        starts = fields.starts[fields.first].tolist()
        ends = fields.ends[np.maximum(fields.last - self.dimension - 1, 0)].tolist()
        counts = (fields.last - fields.first - self.dimension).tolist()
        for entry, (line, count) in enumerate(zip(fields.lines.tolist(), counts, strict=True)):
            if self._full:
                break
            self.entries += 1
            start, line = starts[entry], self.lines + 1 + line
            indented = start > 0 and block[start - 1] != ord("\n")
            if self._keep(block[start : ends[entry]], count, line, indented):
                kept.append(entry)
        return kept

    def _keep(self, text: bytes, count: int, line: int, indented: bool) -> bool:
        """Add the word of an entry with ``count`` fields before its numbers; return whether it was kept."""
        if count < 0 or (count == 0 and not indented):
            raise FormatError(
                f"{self.path}:{line}: too few numbers: {self.dimension + count - 1} after the word,"
                f" expected {self.dimension}",
                _CUT_OFF,
            )
        if count > 1 and is_number(text.replace(b"\t", b" ").rsplit(b" ", 1)[1]):
            raise FormatError(
                f"{self.path}:{line}: too many numbers: expected {self.dimension} after the word",
                "Every line must have as many numbers as the header says, or as the first line has.",
            )
        return self.vocabulary.add(text if count else b"", line)

    def _refuse_number(self, text: bytes, line: int, word: str) -> NoReturn:
        problem = "is not a finite 32-bit number" if is_number(text) else "is not a number"
        raise FormatError(
            f"{self.path}:{line}: {_shown(text)} in the vector of {word!r} {problem}",
            "Remove the line, or train the vectors again.",
        )

    def _check_end(self) -> None:
        self.irregular = self.vocabulary.irregular("line")
        if self.announced is not None and not self._full:
            found = f"{self.entries} vectors, but the header says {self.announced}"
            if self.entries < self.announced:
                raise FormatError(f"{self.path}: {found}", _CUT_OFF)
            if self.entries > self.announced:
                self.irregular.append(f"{found}; all were read")
        if not self.vocabulary.words:
            raise FormatError(
                f"{self.path}: no vectors", "The file ends after its header, or no entry was usable."
            )


@dataclass(frozen=True, eq=False)
class _Block:
    """Whole lines of the file, parsed.

    :param rows: the last d fields of each entry as numbers, up to the first entry with fewer fields.
    """

    text: bytes
    fields: Fields
    rows: Floats

    @classmethod
    def parsed(cls, text: bytes, dimension: int) -> _Block:
        """Parse a block of whole lines."""
        fields = Fields.find(text)
        short = np.flatnonzero(fields.last - fields.first < dimension)
        whole = fields.last[: short[0] if len(short) else None]
        if not len(whole):  # a wrong header may name any dimension
            return cls(text, fields, np.empty((0, dimension), np.float32))
        columns = (whole[:, None] + np.arange(-dimension, 0)).ravel()
        values = parse_decimals(text, fields.starts[columns], fields.ends[columns])
        return cls(text, fields, values.reshape(-1, dimension))

    def number(self, entry: int, column: int) -> bytes:
        """Return the text of one number."""
        field = self.fields.last[entry] - self.rows.shape[1] + column
        return self.text[self.fields.starts[field] : self.fields.ends[field]]


def _shown(text: bytes) -> str:
    """Return text for a message: one line, at most 40 characters."""
    return repr(text[:40].decode(errors="replace").strip())
