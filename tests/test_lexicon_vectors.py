"""Vectors through the lexicon against a loop over the candidates of `translate`."""

from __future__ import annotations

import numpy as np
import pytest
from toys import Doubles, dictionary, rotated

from translator.alignment import Alignment
from translator.errors import DataError
from translator.lexicon_vectors import TEMPERATURE, LexiconVectors
from translator.pipeline import align
from translator.translation import translate
from translator.vectors import has_vector

WORDS = ["s3", "s70", "s299", "S4"]


@pytest.fixture(scope="module", params=[True, False], ids=["ranker", "no ranker"])
def alignment(request: pytest.FixtureRequest) -> Alignment:
    return align(*rotated(noise=0.4), dictionary(range(120)), rerank=request.param)


def expected(alignment: Alignment, word: str, k: int) -> Doubles:
    """Sum over the candidates, one by one."""
    raw = alignment.target.vectors
    total, mean = 0.0, np.zeros(raw.dimension)
    found = translate(alignment, word, k).candidates
    for candidate in found:
        weight = candidate.probability
        if weight is None:
            weight = float(np.exp((candidate.score - found[0].score) / TEMPERATURE))
        total += weight
        mean += weight * raw.embed([candidate.word])[0]
    return mean / total


@pytest.mark.parametrize("k", [1, 4, 10])
def test_a_vector_is_the_mean_of_the_candidates(alignment: Alignment, k: int) -> None:
    vectors = LexiconVectors(alignment, k).embed(WORDS)
    assert vectors.dtype == np.float32 and vectors.shape == (4, alignment.target.vectors.dimension)
    for word, row in zip(WORDS, vectors, strict=True):
        np.testing.assert_allclose(row, expected(alignment, word, k), atol=1e-3)


def test_unknown_words_have_no_vector(alignment: Alignment) -> None:
    vectors = LexiconVectors(alignment)
    assert has_vector(vectors.embed(["s1", "nothing", "", "s2"])).tolist() == [True, False, False, True]
    assert vectors.embed([]).shape == (0, vectors.dimension)


def test_words_seen_before_keep_their_vectors(alignment: Alignment) -> None:
    vectors = LexiconVectors(alignment)
    first = vectors.embed(["s1", "s2"])
    again = vectors.embed(["s2", "s5", "s1", "s2"])
    assert np.array_equal(again[[2, 0]], first) and np.array_equal(again[0], again[3])


def test_the_table_is_the_source_vocabulary(alignment: Alignment) -> None:
    vectors = LexiconVectors(alignment)
    table = vectors.table(7)
    assert table.words == vectors.words[:7] and np.array_equal(table.matrix, vectors.embed(table.words))
    assert vectors.words == alignment.source.mapped.words and vectors.dimension == table.dimension


def test_a_word_without_candidates_asked_for_is_an_error(alignment: Alignment) -> None:
    with pytest.raises(DataError, match="k=0"):
        LexiconVectors(alignment, 0)
