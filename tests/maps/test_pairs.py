"""Weighted pairs: every selection against a plain loop over the pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.maps.pairs import WeightedPairs, among

Drawn = list[tuple[int, int, float]]
WORDS = st.integers(0, 6)
PAIRS = st.lists(
    st.tuples(WORDS, WORDS, st.sampled_from([0.1, 0.25, 0.5, 1.0])),
    max_size=20,
    unique_by=lambda one: one[:2],
)


def weighted(drawn: Drawn) -> WeightedPairs:
    rows = np.array([one[:2] for one in drawn], np.int64).reshape(-1, 2)
    return WeightedPairs(rows, np.array([one[2] for one in drawn], np.float32))


def listed(pairs: WeightedPairs) -> Drawn:
    assert pairs.rows.dtype == np.int64 and pairs.weights.dtype == np.float32
    return [(*row, weight) for row, weight in zip(pairs.rows.tolist(), pairs.weights.tolist(), strict=True)]


@given(PAIRS, st.sampled_from([0.0, 0.25, 0.3]))
def test_one_to_one_keeps_the_heaviest_pair_of_both_words(drawn: Drawn, least: float) -> None:
    floats = listed(weighted(drawn))

    def first(place: int, side: int) -> bool:
        rivals = [one for one in floats if one[side] == floats[place][side]]
        return floats[place] == max(rivals, key=lambda one: one[2])  # of equal weights, the first

    expected = [
        one for place, one in enumerate(floats) if first(place, 0) and first(place, 1) and one[2] >= least
    ]
    assert listed(weighted(drawn).one_to_one(least)) == expected


@given(PAIRS, st.lists(WORDS, max_size=3), st.lists(WORDS, max_size=3))
def test_pairs_without_words_of_either_side(drawn: Drawn, source: list[int], target: list[int]) -> None:
    expected = [one for one in listed(weighted(drawn)) if one[0] not in source and one[1] not in target]
    assert listed(weighted(drawn).without(np.array(source, int), np.array(target, int))) == expected


@given(PAIRS, st.tuples(WORDS, WORDS))
def test_pairs_within_the_most_frequent_words(drawn: Drawn, sizes: tuple[int, int]) -> None:
    expected = [one for one in listed(weighted(drawn)) if one[0] < sizes[0] and one[1] < sizes[1]]
    assert listed(weighted(drawn).within(sizes)) == expected


@given(PAIRS, PAIRS)
def test_a_sum_holds_the_pairs_of_both_in_order(one: Drawn, other: Drawn) -> None:
    both = weighted(one) + weighted(other)
    assert listed(both) == [*listed(weighted(one)), *listed(weighted(other))]
    assert both.expected == pytest.approx(sum(pair[2] for pair in (*one, *other)))


def test_certain_pairs_and_none() -> None:
    rows = np.array([[3, 1], [0, 2]])
    assert listed(WeightedPairs.certain(rows)) == [(3, 1, 1.0), (0, 2, 1.0)]
    assert listed(WeightedPairs.none()) == [] and WeightedPairs.none().expected == 0
    assert len(WeightedPairs.none()) == len(WeightedPairs.none().one_to_one(0.2)) == 0


@given(PAIRS, st.lists(st.tuples(st.integers(-1, 8), st.lists(st.integers(0, 8), min_size=3, max_size=3))))
def test_rows_are_among_pairs_as_in_a_set(drawn: Drawn, asked: list[tuple[int, list[int]]]) -> None:
    sources = np.array([source for source, _ in asked], np.int64)[:, None]
    targets = np.array([rows for _, rows in asked], np.int64).reshape(-1, 3)
    found = among(weighted(drawn).rows, sources, targets)
    pairs = {pair[:2] for pair in drawn}
    assert found.shape == targets.shape and found.dtype == bool
    assert found.tolist() == [[(source, target) in pairs for target in rows] for source, rows in asked]
