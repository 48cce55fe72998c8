"""Scores of listed candidates are those of the whole product."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import gaussian

from translator.retrieval import listed


@given(st.integers(0, 40), st.integers(0, 9), st.integers(1, 8), st.integers(1, 5000), st.integers(0, 2**31))
def test_each_list_has_the_scores_of_its_query(n: int, length: int, d: int, cache: int, seed: int) -> None:
    queries, candidates = gaussian(n, d, seed), gaussian(25, d, seed + 1)
    lists = np.random.default_rng(seed).integers(0, 25, (n, length))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listed, "CACHE", cache)
        scores = listed.listed_scores(queries, candidates, lists)
    product = queries.astype(np.float64) @ candidates.astype(np.float64).T
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, np.take_along_axis(product, lists, axis=1), rtol=1e-5, atol=1e-5)


def test_an_error_in_a_thread_is_not_lost() -> None:
    with pytest.raises(IndexError):
        listed.listed_scores(gaussian(4, 3), gaussian(5, 3), np.full((4, 2), 5))
