"""CSLS as an inner product: the ranking of the index, by one product and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from toys import Doubles, assert_same_order, gaussian, slow_best, slow_csls, unit_spaces

from translator.errors import DataError
from translator.retrieval import Index, neighbourhoods
from translator.retrieval.inner_product import csls_queries, csls_targets, equal_lengths
from translator.vectors import Floats, Indices


def order(scores: Doubles | Floats, k: int) -> Indices:
    return slow_best(scores.astype(np.float64), k)[0]


@st.composite
def eighths(draw: st.DrawFn) -> tuple[Floats, Floats, Floats]:
    """Queries, targets and means on a grid where float32 computes every product exactly, with many ties."""
    width = draw(st.integers(1, 4))

    def rows(*shape: int) -> Floats:
        numbers = draw(arrays(np.int64, shape, elements=st.integers(-8, 8)))
        return (numbers / 8).astype(np.float32)

    number = draw(st.integers(1, 12))
    return rows(draw(st.integers(1, 5)), width), rows(number, width), rows(number)


@given(eighths(), st.integers(1, 12))
def test_exactly_the_ranking_of_the_index(made: tuple[Floats, Floats, Floats], top: int) -> None:
    queries, targets, means = made
    found = Index(targets, criterion="csls", target_means=means, csls_k=1).search(queries, top)
    scores = csls_queries(queries) @ csls_targets(targets, means).T
    assert np.array_equal(order(scores, top), found.indices)
    own = (queries @ targets.T).max(axis=1, keepdims=True)  # r_T with k = 1
    assert np.array_equal(np.take_along_axis(scores - own, found.indices, axis=1), found.scores)


@given(st.integers(2, 60), st.integers(2, 16), st.integers(0, 10_000), st.integers(1, 10))
def test_the_ranking_of_csls_in_double_precision(n: int, d: int, seed: int, k: int) -> None:
    spaces = unit_spaces(n, d, seed)
    k = min(k, n)
    means = neighbourhoods(spaces.source, spaces.target, k)
    scores = csls_queries(spaces.source) @ csls_targets(spaces.target, means.target).T
    slow = slow_csls(spaces.source, spaces.target, k)
    assert_same_order(order(scores, n), slow_best(slow, n)[0], slow)
    np.testing.assert_allclose(scores - means.source[:, None], slow, atol=1e-5)


@given(st.integers(1, 40), st.integers(1, 8), st.integers(0, 10_000))
def test_of_equal_lengths_every_measure_ranks_alike(n: int, d: int, seed: int) -> None:
    rows, queries = gaussian(n, d, seed), gaussian(5, d, seed + 1)
    level = equal_lengths(rows).astype(np.float64)
    asked = np.column_stack([queries, np.zeros(5)])
    lengths = np.linalg.norm(level, axis=1)
    np.testing.assert_allclose(lengths, np.linalg.norm(rows, axis=1).max(), rtol=1e-5)
    products = queries.astype(np.float64) @ rows.T.astype(np.float64)
    np.testing.assert_allclose(asked @ level.T, products, atol=1e-9)
    distances = np.linalg.norm(asked[:, None] - level, axis=2)
    for scores in (asked @ level.T / lengths, -distances):
        ranked = np.take_along_axis(products, order(scores, n), axis=1)
        assert (np.diff(ranked, axis=1) < 1e-4).all()


def test_types_and_shapes() -> None:
    rows = gaussian(6, 3)
    made = csls_targets(rows, rows[:, 0]), csls_queries(rows), equal_lengths(rows)
    assert [(one.shape, one.dtype) for one in made] == [((6, 4), np.float32)] * 3
    assert [csls_queries(rows[:0]).shape, equal_lengths(rows[:0]).shape] == [(0, 4), (0, 4)]


@pytest.mark.parametrize("means", [np.zeros(5, np.float32), np.zeros((6, 1), np.float32)])
def test_means_that_do_not_belong_to_the_targets(means: Floats) -> None:
    with pytest.raises(DataError, match=r"targets of shape \[6, 3\] but means of shape"):
        csls_targets(gaussian(6, 3), means)
