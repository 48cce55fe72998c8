"""Local agreement against plain loops over anchors."""

from __future__ import annotations

import numpy as np
import pytest

from translator.ranking import local_agreement as module
from translator.ranking import shared_space
from translator.ranking.local_agreement import FEATURES, local_agreement
from translator.ranking.shared_space import SharedSpace
from translator.retrieval import Neighbourhoods
from translator.vectors import Floats, Indices, WordVectors
from translator.vectors.normalize import unit_rows

N, WIDTH = 60, 8


def space_of(anchors: Indices) -> SharedSpace:
    rng = np.random.default_rng(0)
    source = rng.standard_normal((N, WIDTH)).astype(np.float32)
    target = source[: N - 9] + rng.standard_normal((N - 9, WIDTH)).astype(np.float32)
    sides = [
        WordVectors([f"{name}{row}" for row in range(len(rows))], unit_rows(rows))
        for name, rows in (("s", source), ("t", target))
    ]
    return SharedSpace(sides[0], sides[1], Neighbourhoods(np.ones(1), np.ones(1)), anchors)


@pytest.fixture(autouse=True)
def any_number_of_anchors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEWEST", 1)


def slow_means(space: SharedSpace, vector: Floats, row: int, nearest: int) -> tuple[Floats, Floats]:
    """Sort the anchors by similarity, and average both sides of the first, except those of the word."""
    pairs = sorted(space.anchors.tolist(), key=lambda pair: -float(vector @ space.source.matrix[pair[0]]))
    others = [pair for pair in pairs[:nearest] if pair[0] != row]
    sources, targets = (
        [vectors.matrix[pair[side]] for pair in others]
        for side, vectors in enumerate((space.source, space.target))
    )
    empty = np.zeros(WIDTH, np.float32)
    return (np.mean(sources, axis=0), np.mean(targets, axis=0)) if others else (empty, empty)


def slow_twin(space: SharedSpace, vectors: Floats, rows: Indices, candidates: Indices) -> Floats:
    result = np.zeros((*candidates.shape, 4), np.float32)
    for word, (vector, row) in enumerate(zip(vectors, rows, strict=True)):
        around = slow_means(space, vector, row, shared_space.NEAREST)
        for place, candidate in enumerate(candidates[word]):
            target = space.target.matrix[candidate]
            back = slow_means(space.inverse(), target, candidate, shared_space.NEAREST)
            result[word, place] = [target @ mean for mean in around] + [vector @ mean for mean in back]
    return result


@pytest.mark.parametrize("count", [1, 2, 7, 40, 51])
def test_it_equals_a_slow_twin(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_space, "NEAREST", 7)
    monkeypatch.setattr(shared_space, "ROWS", 16)
    monkeypatch.setattr(module, "BLOCK", 4)
    rng = np.random.default_rng(count)
    anchors = np.column_stack([rng.permutation(N)[:count], rng.permutation(N - 9)[:count]])
    space, rows = space_of(anchors), rng.permutation(N)[:45]
    candidates = np.array([rng.permutation(N - 9)[:5] for _ in rows])
    found = local_agreement(space, space.source.matrix[rows], rows, candidates)
    expected = slow_twin(space, space.source.matrix[rows], rows, candidates)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    again = local_agreement(space.inverse().inverse(), space.source.matrix[rows], rows, candidates)
    assert np.array_equal(again, found), "what was found is remembered"
    assert found.shape[2] == len(FEATURES) and found.dtype == np.float32


def test_an_unseen_word_may_have_any_anchor() -> None:
    space = space_of(np.arange(40)[:, None].repeat(2, axis=1))
    vectors, candidates = space.source.matrix[:3], np.array([[1, 5]] * 3)
    unseen = local_agreement(space, vectors, np.full(3, N), candidates)
    np.testing.assert_allclose(unseen, slow_twin(space, vectors, np.full(3, N), candidates), atol=1e-6)
    assert not np.allclose(unseen, local_agreement(space, vectors, np.arange(3), candidates), atol=1e-3)


@pytest.mark.parametrize("count", [0, 19])
def test_with_too_few_anchors_nothing_is_known(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEWEST", 20)
    space = space_of(np.arange(count)[:, None].repeat(2, axis=1))
    found = local_agreement(space, space.source.matrix, np.arange(N), np.zeros((N, 3), np.int64))
    assert np.isnan(found).all()


def test_the_right_candidate_agrees_more_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_space, "NEAREST", 5)
    space = space_of(np.arange(0, 50, 2)[:, None].repeat(2, axis=1))
    rows = np.arange(1, 50, 2)
    candidates = np.column_stack([rows, (rows + 6) % 51])
    agreement = local_agreement(space, space.source.matrix[rows], rows, candidates)
    assert (agreement[:, 0].mean(axis=0) > agreement[:, 1].mean(axis=0)).all()
