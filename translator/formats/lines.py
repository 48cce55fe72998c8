"""Lines of a text file in blocks, and where their fields lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from translator.vectors import Indices

BLOCK = 3 << 17  # bytes taken at once: large enough for numpy, small enough for the processor's cache
KEPT = 1 << 22  # bytes: no array that is made of a block is larger


def blocks(stream: BinaryIO, first: bytes) -> Iterator[bytes]:
    """Whole lines, ``BLOCK`` bytes or a little more at a time, with LF line ends; begins with ``first``."""
    # The C library gives large memory back as soon as it is freed, and taking it again costs more than what
    # is done with it. Once it has freed something as large as this, glibc keeps what is smaller.
    np.empty(KEPT, np.uint8)
    block = first + stream.read(BLOCK) + stream.readline()
    while block:
        if b"\r" in block:  # which is found out fast; looking for both bytes is not
            block = block.replace(b"\r\n", b"\n")
        yield block if block.endswith(b"\n") else block + b"\n"
        block = stream.read(BLOCK) + stream.readline()


@dataclass(frozen=True)
class Fields:
    """Where the fields of a block lie, and which belong to each line that is not blank."""

    starts: Indices  # of each field
    ends: Indices
    lines: Indices  # places of the lines among all of the block
    first: Indices  # first field of each of them
    last: Indices  # the field after its last
    count: int  # lines of the block, the blank ones too

    @classmethod
    def find(cls, block: bytes) -> Fields:
        """The fields of a block of whole lines."""
        codes = np.frombuffer(block, np.uint8)
        newline = codes == ord("\n")
        gap = (codes == ord(" ")) | (codes == ord("\t")) | newline
        edges = np.flatnonzero(np.diff(gap, prepend=True))
        last = np.searchsorted(edges[::2], np.flatnonzero(newline))
        first = np.concatenate([[0], last[:-1]])
        lines = np.flatnonzero(first < last)
        return cls(edges[::2], edges[1::2], lines, first[lines], last[lines], len(last))
