"""Search, neighbourhoods, mutual neighbours and the criteria against double precision and full sorts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import Doubles, floats, gaussian, slow_best, slow_csls

from translator.errors import DataError
from translator.retrieval import (
    BETA,
    CRITERIA,
    Index,
    Neighbourhoods,
    csls_bias,
    neighbourhoods,
    ranks,
    reciprocal,
    reciprocal_ranks,
    search,
    search_both,
)
from translator.vectors import Floats, Indices
from translator.vectors.normalize import unit_rows

SOURCE, TARGET = unit_rows(gaussian(150, 8, 0)), unit_rows(gaussian(200, 8, 1))
COSINES: Doubles = SOURCE.astype(np.float64) @ TARGET.astype(np.float64).T

seeds = st.integers(0, 2**31)


def spaces(seed: int, n: int = 20, m: int = 25) -> tuple[Floats, Floats]:
    return unit_rows(gaussian(n, 5, seed)), unit_rows(gaussian(m, 5, seed + 1))


def mutual(source: Floats, target: Floats, means: Neighbourhoods) -> Indices:
    biases = csls_bias(means.source), csls_bias(means.target)
    forward, backward = search_both(source, target, 1, source_bias=biases[0], target_bias=biases[1])
    return reciprocal(forward.indices[:, 0], backward.indices[:, 0])


def test_search_is_a_sort_of_the_product() -> None:
    found, (order, scores) = search(SOURCE, TARGET, 10), slow_best(COSINES, 10)
    assert np.array_equal(found.indices, order)
    np.testing.assert_allclose(found.scores, scores, atol=1e-6)


def test_each_side_has_its_own_bias() -> None:
    of_source, of_target = gaussian(150, 1, 2)[:, 0], gaussian(200, 1, 3)[:, 0]
    forward, backward = search_both(SOURCE, TARGET, 7, source_bias=of_source, target_bias=of_target)
    assert np.array_equal(forward.indices, slow_best(COSINES + of_target, 7)[0])
    assert np.array_equal(backward.indices, slow_best(COSINES.T + of_source, 7)[0])
    np.testing.assert_allclose(backward.scores, slow_best(COSINES.T + of_source, 7)[1], atol=1e-5)


def test_k_is_cut_down_to_the_candidates() -> None:
    forward, backward = search_both(SOURCE[:4], TARGET[:6], 99)
    assert forward.indices.shape == (4, 6) and backward.indices.shape == (6, 4)
    assert (np.sort(forward.indices, axis=1) == np.arange(6)).all()


def test_memory_changes_nothing() -> None:
    small, large = (search_both(SOURCE, TARGET, 5, memory=memory) for memory in (10_000, 2**30))
    for one, other in zip(small, large, strict=True):
        assert np.array_equal(one.indices, other.indices)


@pytest.mark.parametrize("shape", [(4, 7), (4,), (4, 8, 1)])
def test_vectors_that_cannot_be_compared(shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match="cannot compare vectors of shapes"):
        search(SOURCE, np.zeros(shape, np.float32), 1)


@pytest.mark.parametrize("k", [1, 4, 500])
def test_neighbourhoods_are_means_of_the_k_largest(k: int) -> None:
    means = neighbourhoods(SOURCE, TARGET, k)
    np.testing.assert_allclose(means.source, np.sort(COSINES, axis=1)[:, -k:].mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(means.target, np.sort(COSINES, axis=0)[-k:].mean(axis=0), atol=1e-6)


def test_sampled_neighbourhoods_are_those_among_words_drawn_at_random() -> None:
    means = neighbourhoods(SOURCE, TARGET, 4, sample=60, random_state=3)
    chosen = [np.random.default_rng(3).permutation(len(side))[:60] for side in (SOURCE, TARGET)]
    among = COSINES[:, chosen[1]], COSINES[chosen[0]]
    np.testing.assert_allclose(means.source, np.sort(among[0], axis=1)[:, -4:].mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(means.target, np.sort(among[1], axis=0)[-4:].mean(axis=0), atol=1e-6)
    assert (means.sample, means.inverse().sample) == (60, 60)
    every = neighbourhoods(SOURCE, TARGET, 4, sample=10_000)
    assert every.sample is None and np.array_equal(every.source, neighbourhoods(SOURCE, TARGET, 4).source)


def test_mutual_pairs_are_each_others_best() -> None:
    scores = slow_csls(SOURCE, TARGET, 10)
    best, backward = scores.argmax(axis=1), scores.argmax(axis=0)
    expected = [[row, best[row]] for row in range(150) if backward[best[row]] == row]
    found = mutual(SOURCE, TARGET, neighbourhoods(SOURCE, TARGET))
    assert found.tolist() == expected and 0 < len(expected) < 150


def test_index_under_cosine() -> None:
    found = Index(TARGET, criterion="cosine").search(SOURCE, 3)
    assert np.array_equal(found.indices, slow_best(COSINES, 3)[0])


@pytest.mark.parametrize("k", [1, 10])
def test_index_under_csls(k: int) -> None:
    order, scores = slow_best(slow_csls(SOURCE, TARGET, k), 5)
    known = neighbourhoods(SOURCE, TARGET, k).target
    for index in (Index(TARGET, SOURCE, csls_k=k), Index(TARGET, csls_k=k, target_means=known)):
        found = index.search(SOURCE, 5)
        assert np.array_equal(found.indices, order)
        np.testing.assert_allclose(found.scores, scores, atol=1e-5)


def test_index_under_inverted_softmax() -> None:
    scores = BETA * COSINES - np.log(np.exp(BETA * COSINES).sum(axis=0))
    order, best = slow_best(scores, 5)
    found = Index(TARGET, SOURCE, "inverted-softmax").search(SOURCE, 5)
    assert np.array_equal(found.indices, order)
    np.testing.assert_allclose(found.scores, best, atol=1e-4)


def test_a_criterion_corrects_a_hub() -> None:
    middle = floats([10, 0, 0, 0, 0, 0, 0, 0])  # near to every source
    sources = unit_rows(gaussian(150, 8, 0) + middle)
    targets = unit_rows(np.concatenate([middle[None], sources + gaussian(150, 8, 1) / 4]))
    drawn = {
        criterion: (Index(targets, sources, criterion).search(sources, 1).indices == 0).mean()
        for criterion in CRITERIA
    }
    assert drawn["csls"] < 0.75 * drawn["cosine"] and drawn["inverted-softmax"] < drawn["cosine"] / 2


@pytest.mark.parametrize("criterion", ["csls", "inverted-softmax"])
def test_a_correction_needs_the_sources(criterion: str) -> None:
    with pytest.raises(DataError, match="needs the source vectors"):
        Index(TARGET, None, criterion)  # type: ignore[arg-type]


def test_an_unknown_criterion() -> None:
    with pytest.raises(DataError, match="'euclid': expected one of cosine, csls, inverted-softmax"):
        Index(TARGET, SOURCE, "euclid")  # type: ignore[arg-type]


@settings(deadline=None)
@given(seeds)
def test_csls_is_symmetric_in_its_sides(seed: int) -> None:
    source, target = spaces(seed)
    forward = Index(target, source, csls_k=3).search(source, len(target))
    backward = Index(source, target, csls_k=3).search(target, len(source))
    scores, mirrored = np.empty((2, len(source), len(target)), np.float32)
    np.put_along_axis(scores, forward.indices, forward.scores, 1)
    np.put_along_axis(mirrored.T, backward.indices, backward.scores, 1)
    np.testing.assert_allclose(scores, mirrored, atol=1e-5)


@settings(deadline=None)
@given(seeds)
def test_mutual_pairs_are_the_same_from_both_sides(seed: int) -> None:
    source, target = spaces(seed)
    means = neighbourhoods(source, target, 3)
    backward = mutual(target, source, Neighbourhoods(means.target, means.source))
    assert {tuple(pair) for pair in mutual(source, target, means)} == {
        (left, right) for right, left in backward
    }


@settings(deadline=None)
@given(seeds, st.integers(-8, 8))
def test_a_constant_bias_changes_no_ranking(seed: int, constant: int) -> None:
    rng = np.random.default_rng(seed)  # whole numbers, so that sums are exact and ties stay ties
    source, target = (rng.integers(-3, 4, (n, 3)).astype(np.float32) for n in (12, 15))
    bias = rng.integers(-2, 3, 15).astype(np.float32)
    plain = search(source, target, 6, bias=bias)
    shifted = search(source, target, 6, bias=bias + np.float32(constant))
    assert np.array_equal(plain.indices, shifted.indices)
    assert np.array_equal(plain.scores + constant, shifted.scores)


@settings(deadline=None)
@given(seeds)
def test_duplicates_of_a_candidate_follow_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    source = rng.integers(-3, 4, (12, 3)).astype(np.float32)
    target = rng.permutation(np.array([(1, 0, 0), (0, 10, 0), (0, 0, 100), (1, 10, 100)], np.float32))
    source += floats([0.5, 0.25, 0.125])  # no two candidates score alike
    once, twice = search(source, target, 4).indices, search(source, np.repeat(target, 2, axis=0), 8).indices
    assert np.array_equal(twice, np.repeat(2 * once, 2, axis=1) + np.tile([0, 1], 4))


@settings(deadline=None)
@given(seeds)
def test_ranks_against_a_plain_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found = np.stack([rng.permutation(9)[:4] for _ in range(5)])
    query, gold = rng.integers(0, 5, 8), rng.integers(0, 9, 8)
    expected = []
    for row in range(5):
        places = [
            list(found[row]).index(g) + 1
            for q, g in zip(query, gold, strict=True)
            if q == row and g in found[row]
        ]
        expected.append(min(places, default=0))
    assert ranks(found, query, gold).tolist() == expected
    assert reciprocal_ranks(np.array(expected)).tolist() == [1 / rank if rank else 0.0 for rank in expected]
