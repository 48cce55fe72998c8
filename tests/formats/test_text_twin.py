"""On any bytes at all, the reader gives or refuses what a slow twin does that reads line by line."""

from __future__ import annotations

import math
import re
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.errors import FormatError
from translator.formats import lines
from translator.formats.text import read_text

Entries = dict[str, list[float]]


def slow_read(content: bytes, limit: int | None) -> Entries | None:
    """The table of the reader's docstring, a line at a time; None where it says FormatError."""
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    *whole, last = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    rows = [line.removesuffix(b"\r") for line in whole] + [last]
    while rows[1:] and not rows[0].strip():
        rows = rows[1:]
    header = re.fullmatch(rb"(\d+)[ \t]+(\d+)\s*", rows[0])
    if header:
        count, dimension = int(header[1]), int(header[2])
        rows = rows[1:]
    else:
        count, dimension = 0, 0
        for text in reversed(re.split(rb"[ \t]+", rows[0].rstrip())[1:]):
            if slow_number(text) is None:
                break
            dimension += 1
    if dimension > len(content):
        return None
    kept: Entries = {}
    found = 0
    for line in rows if dimension else []:
        match = re.fullmatch(rb"(.*?)" + rb"[ \t]+([^ \t]+)" * dimension + rb"[ \t]*", line, re.DOTALL)
        if not line.strip(b" \t"):
            continue
        if match is None:
            return None
        found += 1
        numbers = [slow_number(text) for text in match.groups()[1:]]
        word = match[1].lstrip(b" \t")
        *before, final = re.split(rb"[ \t]", word)
        if before and slow_number(final) is not None:
            return None
        try:
            name = word.decode()
        except UnicodeDecodeError:
            continue
        if not name or name in kept or name == "</s>":
            continue
        if not all(number is not None and math.isfinite(number) for number in numbers):
            return None
        kept[name] = [number for number in numbers if number is not None]
        if len(kept) == limit:
            return kept
    return kept if kept and found >= count else None


def slow_number(text: bytes) -> float | None:
    try:
        with np.errstate(over="ignore"):
            return None if b"_" in text else float(np.float32(float(text)))
    except ValueError:
        return None


SPACES = [b" ", b" ", b" ", b"\t", b"\n", b"\n", b"\r\n", b"\r"]
NUMBERS = [b"1", b"0.25", b"-1.5", b"2e1", b"1_0", b".", b"-", b"nan"]
WORDS = [b"a", b"b", b"c", b"</s>", b"\xc3\xa9", b"\xff", b"\xc2\xa0"]
LINES = [b"2 2\n", b"a 1 2\n", b"b 3 4\n", b"c\t5\t6 \n", b"d e 7 8\r\n", b" 9 9\n", b"</s> 1 1\n", b"\n"]
pieces = st.one_of(st.sampled_from(LINES), st.sampled_from(LINES), st.sampled_from(SPACES + NUMBERS + WORDS))
contents = st.lists(pieces, max_size=20).map(b"".join)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("twin") / "words.vec"


@given(contents, st.sampled_from([None, 1, 2]), st.sampled_from([1, 5, 100]))
def test_agrees_with_the_slow_twin(path: Path, content: bytes, limit: int | None, block: int) -> None:
    path.write_bytes(content)
    found: Entries | None
    try:
        with mock.patch.object(lines, "BLOCK", block):
            vectors = read_text(path, limit)
        found = dict(zip(vectors.words, vectors.matrix.tolist(), strict=True))
    except FormatError:
        found = None
    assert found == slow_read(content, limit)
