"""Vectors of any string equal those of stock fastText; hashes equal those of a plain loop."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.errors import DataError
from translator.formats.fasttext import read_fasttext
from translator.vectors import Embedder
from translator.vectors.subword import SubwordVectors, ngram_hashes

STRINGS = [
    "",
    " ",
    "a",
    "é",
    "</s>",
    "<",
    "ß<>ß",
    "unseen",
    "naïveté",
    "непонятность",
    "東京タワー",
    "한국어",
    "שלום",
    "👩‍👩‍👧",
    "two words",
    "no\u00a0break",
    "tab\tand\nline",
    "x" * 200,
    "\x00",
    "e\u0301",
]


def slow_hashes(word: str, minn: int, maxn: int) -> list[int]:
    """n-gram by n-gram and byte by byte."""
    characters = [c.encode("utf-8") for c in f"<{word}>"]
    found = []
    for start in range(len(characters)):
        for n in range(max(minn, 1), maxn + 1):
            gram = characters[start : start + n]
            if len(gram) < n or (n == 1 and start in (0, len(characters) - 1)):
                continue
            value = 2166136261
            for byte in b"".join(gram):
                signed = byte - 256 if byte > 127 else byte
                value = ((value ^ (signed % 2**32)) * 16777619) % 2**32
            found.append(value)
    return sorted(found)


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=1, max_size=5),
    st.integers(0, 4),
    st.integers(0, 6),
)
def test_hashes_equal_the_plain_loop(words: list[str], minn: int, maxn: int) -> None:
    owners, hashes = ngram_hashes([word.encode() for word in words], minn, maxn)
    for place, word in enumerate(words):
        assert sorted(hashes[owners == place].tolist()) == slow_hashes(word, minn, maxn)


def test_a_known_hash() -> None:
    # FNV-1a of "foobar", 32 bits, as published with the hash
    owners, hashes = ngram_hashes([b"foobar"], 6, 6)
    assert 0xBF9CF968 in hashes
    assert len(owners) == 3  # <fooba foobar oobar>


def test_any_string_equals_stock_fasttext(model_path: Path, stock: Any) -> None:
    vectors = read_fasttext(model_path)
    words = [*vectors.words, *STRINGS]
    expected = np.stack([stock.get_word_vector(word) for word in words])
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(vectors.embed(words), expected, atol=1e-6)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1, max_size=8))
def test_any_text_equals_stock_fasttext(model_path: Path, stock: Any, words: list[str]) -> None:
    expected = np.stack([stock.get_word_vector(word) for word in words])
    np.testing.assert_allclose(read_fasttext(model_path).embed(words), expected, atol=1e-6)


def test_vocabulary_is_that_of_stock_fasttext(model_path: Path, stock: Any) -> None:
    vectors = read_fasttext(model_path)
    words, counts = stock.get_words(include_freq=True)
    assert list(vectors.words) == words
    assert vectors.counts.tolist() == counts.tolist()
    assert (vectors.minn, vectors.maxn, vectors.bucket, vectors.dimension) == (2, 4, 2000, 16)
    assert len(vectors) == len(words)
    assert words[1] in vectors
    assert "unseen" not in vectors


def test_they_are_an_embedder_and_know_their_file(model_path: Path) -> None:
    vectors: Embedder = read_fasttext(model_path)
    assert vectors.path == model_path
    assert vectors.table(3).path == model_path


def test_table_leaves_out_the_end_of_sentence(model_path: Path, stock: Any) -> None:
    vectors = read_fasttext(model_path)
    assert "</s>" in vectors
    words = [word for word in vectors.words if word != "</s>"]
    table = vectors.table()
    assert list(table.words) == words
    np.testing.assert_allclose(table[words[3]], stock.get_word_vector(words[3]), atol=1e-6)
    few = vectors.table(5)
    assert list(few.words) == words[:5]
    np.testing.assert_array_equal(few.matrix, table.matrix[:5])


def tiny(words: list[str], minn: int = 1, maxn: int = 3, bucket: int = 7) -> SubwordVectors:
    rows = np.random.default_rng(0).normal(size=(len(words) + bucket, 3)).astype(np.float32)
    return SubwordVectors(words, np.ones(len(words), np.int64), rows, minn, maxn, bucket)


def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = tiny(["one", "two"])
    words = [f"word{i}" for i in range(10)]
    whole = vectors.embed(words)
    monkeypatch.setattr("translator.vectors.subword._BLOCK", 3)
    np.testing.assert_allclose(vectors.embed(words), whole, atol=1e-7)


def test_nothing_to_average_gives_zeros() -> None:
    vectors = tiny(["one"], minn=5, maxn=5)
    np.testing.assert_array_equal(vectors.embed(["", "ab", "</s>"]), np.zeros((3, 3)))
    assert vectors.embed([]).shape == (0, 3)


def test_an_absurd_longest_ngram_costs_nothing() -> None:
    plain, absurd = tiny(["one"], maxn=50), tiny(["one"], maxn=2**31 - 1)
    np.testing.assert_array_equal(absurd.embed(["one", "three"]), plain.embed(["one", "three"]))


def test_without_ngrams_only_the_vocabulary_has_vectors() -> None:
    vectors = tiny(["one", "two"], minn=0, maxn=0, bucket=0)
    np.testing.assert_allclose(vectors.embed(["two", "three"]), [vectors.rows[1], np.zeros(3)])


def test_words_that_are_not_utf8_keep_their_bytes_and_stay_out_of_the_table(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = b"caf\xe9".decode("utf-8", "surrogateescape")
    vectors = tiny(["one", broken, "two"])
    assert np.isfinite(vectors.embed([broken, "\ud800"])).all()
    assert list(vectors.table().words) == ["one", "two"]
    assert "1 words that are not valid UTF-8" in caplog.text


def test_a_vector_that_is_not_finite_is_named() -> None:
    vectors = tiny(["one", "two"])
    vectors.rows[1] = np.nan
    with pytest.raises(DataError, match="'two' is not finite"):
        vectors.table()


def test_shapes_must_agree() -> None:
    with pytest.raises(DataError, match=re.escape("2 words and 3 n-gram buckets")):
        SubwordVectors(["a", "b"], np.ones(2, np.int64), np.zeros((4, 2), np.float32), 1, 2, 3)
    with pytest.raises(DataError, match=re.escape("2 words and -1 n-gram buckets")):
        SubwordVectors(["a", "b"], np.ones(2, np.int64), np.zeros((1, 2), np.float32), 1, 2, -1)
    with pytest.raises(DataError, match="2 words but 1 counts"):
        SubwordVectors(["a", "b"], np.ones(1, np.int64), np.zeros((5, 2), np.float32), 1, 2, 3)


def test_a_decomposed_vocabulary_is_composed_and_embeds_both_forms() -> None:
    composed, decomposed, mixed = "\u00e9t\u00e9", "e\u0301te\u0301", "\u00e9te\u0301"
    rows = np.random.default_rng(0).standard_normal((53, 4)).astype(np.float32)
    vectors = SubwordVectors([decomposed, "house", mixed], np.ones(3, np.int64), rows, 3, 4, 50)
    table = vectors.table()
    assert table.words == [composed, "house"]
    np.testing.assert_array_equal(vectors.embed([composed]), vectors.embed([decomposed]))
    np.testing.assert_array_equal(table.matrix, vectors.embed([decomposed, "house"]))
    unseen = "pr\u00e9", "pre\u0301"
    np.testing.assert_array_equal(*(vectors.embed([word]) for word in unseen))
    others = SubwordVectors([composed, "house", mixed], np.ones(3, np.int64), rows, 3, 4, 50)
    assert (others.embed([unseen[0]]) != others.embed([unseen[1]])).any(), "composed: strings are as given"
