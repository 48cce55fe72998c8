"""Read word2vec's binary form, ``.bin`` and ``.bin.gz``, as word2vec and gensim write it.

A line ``n d``, then for each word: its UTF-8 bytes, a space, d float32 numbers (little-endian), and, from
word2vec but not from gensim, a line feed. Words are treated as in :mod:`translator.formats.text`.
"""

from __future__ import annotations

import gzip
import logging
import os
import re
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from translator.errors import FormatError
from translator.files import existing
from translator.formats.checks import check_finite
from translator.formats.lines import opened
from translator.formats.vocabulary import Vocabulary
from translator.vectors import Floats, WordVectors
from translator.vectors.matrices import GrowingMatrix

# A header, a word, and after a space what are no numbers in decimals
BEGINS = re.compile(
    rb"\d{1,12} \d{1,9}\s?\n[^ ]+ (?![-+.\deE \t]{8})(?=.{0,500}[\x00-\x08\x0e-\x1f])", re.DOTALL
)
WIDEST = 1 << 16  # dimensions: a larger header is damaged, and would ask for all memory
LONGEST = 1 << 16  # bytes of a word: without a space among so many, the file is damaged
BLOCK = 1 << 22  # bytes read at once
_CUT_OFF = "The file may be cut off: download it again, or pass a smaller `limit`."

logger = logging.getLogger(__name__)


def read_word2vec(path: str | os.PathLike[str], limit: int | None = None) -> WordVectors:
    """Read word2vec's binary form, or its first ``limit`` words.

    :raises FormatError: the file is damaged or cut off, or has a number that is not finite.
    """
    file = existing(path)
    with opened(file) as stream:
        try:
            vocabulary, matrix = _read(file, stream, limit)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FormatError(f"{file}: damaged gzip file ({error})", _CUT_OFF) from None
    for sentence in vocabulary.irregular("entry"):
        logger.warning("%s: %s", file, sentence)
    if not vocabulary.words:
        raise FormatError(f"{file}: no vectors, no entry is usable", "Write the file again.")
    vectors = WordVectors(vocabulary.words, matrix)
    check_finite(file, vectors)
    return vectors


def _read(file: Path, stream: BinaryIO, limit: int | None) -> tuple[Vocabulary, Floats]:
    """Read entries up to the limit; numbers are copied for many entries at once."""
    count, dimension = _header(file, stream.readline(40))
    vocabulary, matrix = Vocabulary(file), GrowingMatrix(dimension, min(count, limit or count))
    size, rest, entry = 4 * dimension, b"", 0
    while entry < count and (limit is None or len(vocabulary.words) < limit):
        block = rest + stream.read(max(BLOCK, LONGEST + size))
        starts: list[int] = []  # of the numbers of words that are kept
        position = first = 0
        while entry < count and (limit is None or len(vocabulary.words) < limit):
            space = block.find(b" ", position, position + LONGEST)
            if space < 0 or space + 1 + size > len(block):
                break
            entry, first = entry + 1, first + 1
            if vocabulary.add(block[position:space].lstrip(b"\n"), entry):
                starts.append(space + 1)
            position = space + 1 + size
        if not first:
            raise FormatError(f"{file}: {entry:,} whole entries, but the header says {count:,}", _CUT_OFF)
        if starts:
            windows = np.ndarray((len(block) - size + 1,), f"V{size}", block, strides=(1,))
            rows = windows[starts].view("<f4").reshape(len(starts), dimension)
            vocabulary.note_zeros(rows)
            matrix.append(rows)
        rest = block[position:]
    return vocabulary, matrix.whole()


def _header(file: Path, line: bytes) -> tuple[int, int]:
    """Return the number of words and of dimensions that the first line says."""
    header = re.fullmatch(rb"(\d{1,12}) (\d{1,9})\s*", line)
    if not header or not 1 <= int(header[2]) <= WIDEST or not int(header[1]):
        raise FormatError(
            f"{file}: a first line {line!r}, expected the numbers of words and dimensions (up to {WIDEST:,})",
            "Download the file again.",
        )
    return int(header[1]), int(header[2])
