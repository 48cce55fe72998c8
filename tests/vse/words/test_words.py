"""Texts as rows into a table of distinct words, against a slow twin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_images import WIDTH, made_vectors, word

from translator import DataError, save_vectors
from translator.vectors import Floats, WordVectors
from vse.words import Words, look_up
from vse.words.embeddings import Embeddings

VECTORS = made_vectors("en")
KNOWN = [word("en", number) for number in range(8)]

texts_of = st.lists(st.lists(st.sampled_from([*KNOWN, "strange"]), max_size=6).map(" ".join), min_size=1)


def vector_of(token: str) -> Floats:
    return VECTORS[token] if token in VECTORS else np.zeros(WIDTH, np.float32)


def spelled(words: Words, text: int) -> Floats:
    """The vectors of a text, one a word."""
    return words.table[words.rows[words.starts[text] : words.starts[text + 1]]]


@given(texts_of)
def test_every_text_has_the_vectors_of_its_words_in_order(texts: list[str]) -> None:
    words = look_up(texts, VECTORS, lowercase=True)
    for place, text in enumerate(texts):
        expected = [vector_of(token) for token in text.split()] or [np.zeros(WIDTH, np.float32)]
        assert np.array_equal(spelled(words, place), np.stack(expected))


@given(texts_of, st.data())
def test_a_batch_holds_the_same_texts_with_its_own_words_only(texts: list[str], data: st.DataObject) -> None:
    words = look_up(texts, VECTORS, lowercase=True)
    some = np.array(data.draw(st.lists(st.integers(0, len(texts) - 1), min_size=1)))
    batch = words.batch(some)
    for place, text in enumerate(some):
        assert np.array_equal(spelled(batch, place), spelled(words, text))
    assert len(batch.table) == len(set(batch.rows.tolist()))
    padded = batch.padded()
    for place, length in enumerate(batch.lengths):
        assert np.array_equal(batch.table[padded[place, :length]], spelled(batch, place))


def test_each_distinct_word_is_embedded_once() -> None:
    asked: list[str] = []

    class Counting(WordVectors):
        def embed(self, words: Sequence[str]) -> Floats:
            asked.extend(words)
            return super().embed(words)

    look_up(
        [f"{KNOWN[0]} {KNOWN[1]} {KNOWN[0]}", KNOWN[1]],
        Counting(VECTORS.words, VECTORS.matrix),
        lowercase=True,
    )
    assert sorted(asked) == sorted(KNOWN[:2])


def test_the_share_of_unknown_words_counts_repetitions() -> None:
    assert look_up([f"{KNOWN[0]} strange strange", ""], VECTORS, lowercase=True).unknown == 0.75


def test_case_is_kept_for_a_cased_vocabulary() -> None:
    vectors = WordVectors(["Hund"], np.ones((1, 2), np.float32))
    assert look_up(["Hund"], vectors, lowercase=False).unknown == 0
    assert look_up(["Hund"], vectors, lowercase=True).unknown == 1


def test_a_pickle_that_only_a_config_names_is_not_opened(tmp_path: Path) -> None:
    pytest.importorskip("gensim", reason="only gensim reads its pickles")
    save_vectors(made_vectors("en"), tmp_path / "en.kv")
    opened = Embeddings.open("en", tmp_path / "en.kv")
    found = Embeddings.restore("en", opened.record, tmp_path)
    with pytest.raises(DataError, match="a Python pickle, which can run any code") as caught:
        _ = found.vectors
    assert "embeddings" in caught.value.hint
    named = Embeddings.restore("en", opened.record, tmp_path, tmp_path / "en.kv")
    assert np.array_equal(named.vectors.embed(["a"]), opened.vectors.embed(["a"]))
