"""word2vec's binary form, against what a plain loop writes, and gensim's own reader and writer."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from translator.errors import FormatError
from translator.formats import load_vectors, word2vec
from translator.vectors import Floats, WordVectors

WORDS = ["the", "New_York", "\u00e9t\u00e9", "水", "-1.5"]
MATRIX = np.random.default_rng(0).standard_normal((5, 7)).astype(np.float32)


def written(words: list[bytes], matrix: Floats, end: bytes = b"\n") -> bytes:
    entries = (
        word + b" " + row.astype("<f4").tobytes() + end for word, row in zip(words, matrix, strict=True)
    )
    return b"%d %d\n" % matrix.shape + b"".join(entries)


CONTENT = written([word.encode() for word in WORDS], MATRIX)


def read(path: Path, content: bytes, limit: int | None = None) -> WordVectors:
    path.write_bytes(content)
    return load_vectors(path, limit=limit).table()


@pytest.mark.parametrize("end", [b"\n", b""])
@pytest.mark.parametrize("name", ["x.bin", "x.bin.gz", "x.vec"])
@pytest.mark.parametrize("limit", [None, 2])
@pytest.mark.parametrize("block", [1, 1 << 22])
def test_both_ways_to_end_an_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: bytes, name: str, limit: int | None, block: int
) -> None:
    monkeypatch.setattr(word2vec, "BLOCK", block)
    monkeypatch.setattr(word2vec, "LONGEST", 20)
    content = written([word.encode() for word in WORDS], MATRIX, end)
    vectors = read(tmp_path / name, gzip.compress(content) if name.endswith(".gz") else content, limit)
    assert list(vectors.words) == WORDS[:limit]
    np.testing.assert_array_equal(vectors.matrix, MATRIX[:limit])


def test_what_gensim_writes(tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models", reason="the oracle")
    keyed = models.KeyedVectors(7)
    keyed.add_vectors(WORDS, MATRIX)
    keyed.save_word2vec_format(tmp_path / "x.bin", binary=True)
    vectors = load_vectors(tmp_path / "x.bin").table()
    assert list(vectors.words) == WORDS
    np.testing.assert_array_equal(vectors.matrix, MATRIX)


def test_irregular_entries_are_skipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    matrix = np.vstack([MATRIX, np.zeros((1, 7), np.float32)])
    vectors = read(tmp_path / "x.bin", written([b"</s>", b"a", b"\xff", b"a", b"", b"pad"], matrix))
    assert list(vectors.words) == ["a", "pad"]
    np.testing.assert_array_equal(vectors.matrix, matrix[[1, 5]])
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
        "skipped 1 entries with invalid UTF-8, the first on entry 3",
        "skipped 1 entries with a word seen before, the first on entry 4",
        "skipped 1 entries with an empty word, the first on entry 5",
        "1 words have a vector of zeros, the first is 'pad'",
    ]


def test_a_limit_reads_the_beginning_of_a_file_cut_off(tmp_path: Path) -> None:
    assert list(read(tmp_path / "x.bin", CONTENT[:-3], limit=4).words) == WORDS[:4]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (CONTENT[:-3], "4 whole entries, but the header says 5"),
        (
            CONTENT.replace(b"5 7", b"999999999999 7", 1),
            "5 whole entries, but the header says 999,999,999,999",
        ),
        (CONTENT.replace(b"5 7", b"5 999999999", 1), "expected the numbers of words and dimensions"),
        (CONTENT.replace(b"5 7", b"5 0", 1), "expected the numbers of words and dimensions"),
        (CONTENT.replace(b"5 7", b"5 65536", 1), "0 whole entries, but the header says 5"),
        (gzip.compress(CONTENT)[:-20], "damaged gzip file"),
        (written([b"a"], np.float32([[np.nan] * 7])), "the vector of 'a' is not finite"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(tmp_path / "x.bin", content)
    assert message in caught.value.message and caught.value.hint


def test_text_with_a_control_character_is_text(tmp_path: Path) -> None:
    assert list(read(tmp_path / "x.vec", b"3 2\na\x07 0.1234567 1\nb -1.5e-05 3\n\x1f 1 1\n").words) == [
        "a\x07",
        "b",
        "\x1f",
    ]
