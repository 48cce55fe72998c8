"""Probable pairs against plain loops over all scores; which of them are right."""

from __future__ import annotations

import numpy as np
import pytest
from toys import Doubles, slow_csls

from translator.learning import probable_pairs as module
from translator.learning.mutual_pairs import mutual_pairs
from translator.learning.probable_pairs import DEPTH, LEAST, probable_pairs
from translator.maps.base import Maps, Spaces
from translator.ranking.candidates import SPARE, FoundCandidates, describe
from translator.ranking.ranker import Ranker
from translator.ranking.shared_space import SharedSpace
from translator.retrieval import Neighbourhoods
from translator.vectors import Indices, WordVectors
from translator.vectors.normalize import unit_rows

Sides = tuple[WordVectors, WordVectors]
N, K = 300, 7


@pytest.fixture(scope="module")
def sides() -> Sides:
    """Unit vectors of two vocabularies of unequal size in one space; pairs are spelled nearly alike."""
    rng = np.random.default_rng(0)
    source = rng.standard_normal((N, 8))
    target = source + 0.9 * rng.standard_normal((N, 8))
    words = ["".join(rng.choice(list("abcdefghijklmn"), 7)) for _ in range(N)]
    return (
        WordVectors(tuple(words), unit_rows(source.astype(np.float32))),
        WordVectors(
            tuple(word + "o" for word in words[: N - 50]), unit_rows(target.astype(np.float32))[:-50]
        ),
    )


def spaces_of(sides: Sides) -> Spaces:
    return Spaces(sides[0].matrix, sides[1].matrix)


def slow_probabilities(source: WordVectors, target: WordVectors) -> Doubles:
    """The general ranker's probability of every pair in one direction; 0 where the target is no candidate."""
    cosines = source.matrix.astype(np.float64) @ target.matrix.astype(np.float64).T
    csls = slow_csls(source.matrix, target.matrix, K)
    means = Neighbourhoods(
        np.sort(cosines, axis=1)[:, -K:].mean(axis=1).astype(np.float32),
        np.sort(cosines, axis=0)[-K:].mean(axis=0).astype(np.float32),
        K,
    )

    def candidates(cosines: Doubles, csls: Doubles) -> list[int]:
        near = sorted(range(len(cosines)), key=lambda row: -cosines[row])[: round(SPARE * DEPTH)]
        return sorted(near, key=lambda row: -csls[row])[:DEPTH]

    best_sources = [candidates(cosines[:, row], csls[:, row]) for row in range(len(target))]
    probabilities = np.zeros(csls.shape)
    for word in range(len(source)):
        rows = candidates(cosines[word], csls[word])
        scores = csls[word, rows]
        rivals = [csls[best_sources[row], row] for row in rows]
        found = FoundCandidates(
            np.array([rows]),
            np.array([scores], np.float32),
            means.source[[word]],
            np.array(
                [[score - rival.max() for score, rival in zip(scores, rivals, strict=True)]], np.float32
            ),
            np.array([[(rival > score + 1e-6).sum() for score, rival in zip(scores, rivals, strict=True)]]),
        )
        space = SharedSpace(source, target, means, np.empty((0, 2), np.int64))
        described = describe([source.words[word]], source.matrix[[word]], np.array([word]), found, space)
        probabilities[word, rows] = Ranker.general().probabilities(described)[0]
    return probabilities


@pytest.fixture(scope="module")
def expected(sides: Sides) -> Doubles:
    """The smaller probability of the two directions, of every pair."""
    smaller: Doubles = np.minimum(slow_probabilities(*sides), slow_probabilities(*sides[::-1]).T)
    return smaller


@pytest.mark.parametrize("block", [64, 8192])
def test_the_pairs_are_those_of_a_slow_twin(
    sides: Sides, expected: Doubles, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    more = WordVectors((*sides[0].words, "rare"), np.vstack([sides[0].matrix, sides[0].matrix[:1]]))
    found = probable_pairs((more, sides[1]), spaces_of(sides), K)
    assert np.isin(np.argwhere(expected >= LEAST + 1e-3) @ [N, 1], found.rows @ [N, 1]).all()
    np.testing.assert_allclose(found.weights, expected[tuple(found.rows.T)], atol=1e-3)
    assert found.weights.min() >= LEAST and found.weights.dtype == np.float32
    assert found.rows.tolist() == sorted(found.rows.tolist()) and N / 2 < len(found) < 3 * N


def test_the_other_way_round_the_pairs_are_the_same(sides: Sides) -> None:
    one = probable_pairs(sides, spaces_of(sides), K)
    other = probable_pairs(sides[::-1], spaces_of(sides[::-1]), K)
    order = np.lexsort(other.rows.T)  # by source row, then by target row
    assert np.array_equal(one.rows, other.rows[order][:, ::-1])
    np.testing.assert_allclose(one.weights, other.weights[order], atol=1e-4)


def test_probable_pairs_are_more_often_right_than_mutual_ones(sides: Sides) -> None:
    identity = Maps(np.eye(8, dtype=np.float32), np.eye(8, dtype=np.float32))

    def right(rows: Indices) -> float:
        return float((rows[:, 0] == rows[:, 1]).mean())

    found = probable_pairs(sides, spaces_of(sides), K)
    assert right(found.one_to_one(0.5).rows) > right(mutual_pairs(spaces_of(sides), identity)) + 0.05
    doubtful, sure = (found[np.flatnonzero(one)] for one in (found.weights < 0.3, found.weights > 0.7))
    assert right(doubtful.rows) + 0.2 < right(sure.rows)
