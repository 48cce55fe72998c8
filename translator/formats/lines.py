"""Read a text file in blocks of whole lines that end in LF, and find the fields of the lines."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from translator.vectors import Indices

BLOCK = 3 << 17  # bytes read at once: many enough for numpy, few enough for the processor's cache
LARGEST_ARRAY = 1 << 22  # bytes: no array computed from a block is larger
_HEAD = 1 << 16  # bytes that contain the end of the first line


def blocks(stream: BinaryIO, first: bytes) -> Iterator[bytes]:
    """Yield whole lines with LF line ends, in blocks of ``BLOCK`` bytes or slightly more.

    :param first: bytes before those of ``stream``, which were read earlier.

    >>> import io
    >>> list(blocks(io.BytesIO(b"t 1 0\\r\\ndog 0 1"), first=b"ca"))
    [b'cat 1 0\\ndog 0 1\\n']
    """
    # glibc returns large freed memory to the system at once, and getting it again costs more time than the
    # work on it. After it has freed an array of this size, it keeps smaller ones for the next block.
    np.empty(LARGEST_ARRAY, np.uint8)
    block = first + stream.read(BLOCK) + stream.readline()
    while block:
        if b"\r" in block:  # a fast test; searching for both bytes is slow
            block = block.replace(b"\r\n", b"\n")
        yield block if block.endswith(b"\n") else block + b"\n"
        block = stream.read(BLOCK) + stream.readline()


def opened(file: Path) -> BinaryIO:
    """Open a file for reading, decompressed if it is gzip."""
    with file.open("rb") as stream:
        compressed = stream.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(file)) if compressed else file.open("rb")


def line_feeds(stream: BinaryIO) -> BinaryIO:
    """Return a stream at its start, with LF for CR if its lines end in CR alone, as those of old Macs.

    >>> line_feeds(io.BytesIO(b"cat 1 0\\rdog 0 1\\r")).readline()
    b'cat 1 0\\n'
    """
    head = stream.read(_HEAD)
    stream.seek(0)
    if b"\r" not in head or b"\n" in head:
        return stream
    return cast(BinaryIO, io.BufferedReader(_LineFeeds(stream)))


class _LineFeeds(io.RawIOBase):
    """A stream with LF for each CR of another one."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self.stream.read(len(buffer)).replace(b"\r", b"\n")
        buffer[: len(chunk)] = chunk
        return len(chunk)


@dataclass(frozen=True)
class Fields:
    """The positions of the fields of a block, and which fields belong to each line that is not blank.

    :param starts: int64 [f], first byte of each field.
    :param ends: int64 [f], the byte after the last of each field.
    :param lines: int64 [n], number of each line that is not blank, from 0 at the start of the block.
    :param first: int64 [n], first field of each of these lines.
    :param last: int64 [n], the field after the last of each of these lines.
    :param count: lines of the block, including blank lines.
    """

    starts: Indices
    ends: Indices
    lines: Indices
    first: Indices
    last: Indices
    count: int

    @classmethod
    def find(cls, block: bytes) -> Fields:
        """Find the fields of a block of whole lines; spaces and tabs separate fields.

        >>> fields = Fields.find(b"cat 1 0\\n\\ndog 0 1\\n")
        >>> fields.lines.tolist(), fields.first.tolist(), fields.last.tolist(), fields.count
        ([0, 2], [0, 3], [3, 6], 3)
        """
        codes = np.frombuffer(block, np.uint8)
        newline = codes == ord("\n")
        gap = (codes == ord(" ")) | (codes == ord("\t")) | newline
        edges = np.flatnonzero(np.diff(gap, prepend=True))
        last = np.searchsorted(edges[::2], np.flatnonzero(newline))
        first = np.concatenate([[0], last[:-1]])
        lines = np.flatnonzero(first < last)
        return cls(edges[::2], edges[1::2], lines, first[lines], last[lines], len(last))
