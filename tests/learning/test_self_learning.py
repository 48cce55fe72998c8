"""Self-learning: from a few pairs to the whole vocabulary, on pairs that it finds itself."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from toys import same_rows, slow_csls, unit_spaces
from translator.learning.self_learning import SETTLED, mutual_pairs, self_learning

from translator.maps import ClosedForm, procrustes, whitening
from translator.maps.base import Maps, Spaces
from translator.options import SELF_LEARNING_ROUNDS
from translator.vectors import Floats, Indices
from translator.vectors.normalize import unit_rows


def accuracy(spaces: Spaces, maps: Maps) -> float:
    scores = slow_csls(unit_rows(spaces.source @ maps.source), unit_rows(spaces.target @ maps.target), 10)
    return float((scores.argmax(axis=1) == np.arange(len(scores))).mean())


@pytest.mark.parametrize("fit", [procrustes, whitening])
def test_a_few_pairs_grow_to_a_map(fit: ClosedForm) -> None:
    spaces, seed = unit_spaces(400, 20, noise=0.3), same_rows(range(12))
    before = accuracy(spaces, procrustes(spaces, seed))
    learnt = self_learning(spaces, seed, fit)
    assert accuracy(spaces, learnt) > max(0.9, before + 0.1)


def test_the_history_counts_each_round() -> None:
    spaces, seed = unit_spaces(300, 10, noise=0.3), same_rows(range(10))
    history = self_learning(spaces, seed, procrustes, rounds=4).history
    assert [record.round for record in history] == list(range(1, len(history) + 1)) and len(history) <= 4
    assert history[0].pairs == 10 and all(record.method == "self-learning" for record in history)
    for one, following in pairwise(history):
        assert int(one.mutual) <= int(following.pairs) <= int(one.mutual) + 10


def test_the_seed_stays_in_every_dictionary() -> None:
    spaces, seed = unit_spaces(100, 8), np.array([[0, 50], [1, 1], [2, 2], [3, 3]])
    seen: list[Indices] = []

    def watched(spaces: Spaces, pairs: Indices) -> Maps:
        seen.append(pairs)
        return procrustes(spaces, pairs)

    self_learning(spaces, seed, watched, rounds=3)
    assert len(seen) >= 3
    assert all({tuple(pair) for pair in seed} <= {tuple(pair) for pair in pairs} for pairs in seen)


def test_a_doubtful_seed_is_let_go() -> None:
    """A third of the seed is wrong. Kept, it turns the map to the end; let go, it leaves no trace."""
    spaces = unit_spaces(300, 10, noise=0.3)
    wrong = np.column_stack([np.arange(40, 60), np.arange(41, 61)])
    seed = np.concatenate([same_rows(range(40)), wrong])
    seen: list[Indices] = []

    def watched(spaces: Spaces, pairs: Indices) -> Maps:
        seen.append(pairs)
        return procrustes(spaces, pairs)

    true = procrustes(spaces, same_rows(range(300))).source
    kept = self_learning(spaces, seed, procrustes).source
    free = self_learning(spaces, seed, watched, kept=seed[:0]).source
    assert not {tuple(pair) for pair in wrong} & {tuple(pair) for pair in seen[-1]}
    assert np.linalg.norm(free - true) < np.linalg.norm(kept - true) / 3


def test_rounds_end_when_words_come_no_nearer() -> None:
    history = self_learning(unit_spaces(300, 10, noise=0.3), same_rows(range(12)), procrustes).history
    nearness = [float(one.nearness) for one in history]
    assert all(after >= before * (1 + SETTLED) for before, after in pairwise(nearness[:-1]))
    assert len(nearness) == SELF_LEARNING_ROUNDS or nearness[-1] < nearness[-2] * (1 + SETTLED)


def test_pairs_are_sought_among_the_frequent_words_only() -> None:
    spaces, highest = unit_spaces(200, 8), []

    def watched(spaces: Spaces, pairs: Indices) -> Maps:
        highest.append(int(pairs.max()))
        return procrustes(spaces, pairs)

    self_learning(spaces, same_rows(range(20)), watched, words=50)
    assert max(highest) == 49


def test_no_rounds_leave_the_closed_form() -> None:
    spaces, seed = unit_spaces(50, 6), same_rows(range(20))
    maps = self_learning(spaces, seed, procrustes, rounds=0)
    assert np.array_equal(maps.source, procrustes(spaces, seed).source) and maps.history == ()


def test_mutual_pairs_see_both_maps() -> None:
    spaces = unit_spaces(60, 6, noise=0.0)
    maps = procrustes(spaces, same_rows(range(60)))
    assert mutual_pairs(spaces, maps).tolist() == same_rows(range(60)).tolist()
    turned: Floats = np.linalg.inv(maps.source).astype(np.float32)
    swapped = Maps(np.eye(6, dtype=np.float32), turned)
    assert mutual_pairs(spaces, swapped).tolist() == same_rows(range(60)).tolist()
