"""Self-training: one scan both ways, the pairs against a slow twin, and what a map makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Literal

import numpy as np
import pytest
from toys import dictionary, rotated
from translator.learning.map_learner import LearnedMaps, MapLearner
from translator.learning.plan import plan
from translator.learning.self_learning import mutual_pairs
from translator.learning.trials import CLEARLY

from translator.learning import SELF_TRAINING_ROUNDS, learn_maps, map_learner, refit
from translator.learning import probable_pairs as module
from translator.learning.probable_pairs import PROBABLE, probable_pairs
from translator.learning.seed_pairs import SeedPairs
from translator.maps.base import Maps, Spaces
from translator.maps.history import RcslsStep, SelfTrainingRound
from translator.options import Options
from translator.pipeline import align
from translator.ranking.candidates import describe, find, find_both
from translator.ranking.ranker import Ranker
from translator.retrieval import Neighbourhoods, neighbourhoods
from translator.vectors import Indices, WordVectors
from translator.vectors.normalize import Normalizer

N = 400


@pytest.fixture(scope="module")
def sides() -> tuple[WordVectors, WordVectors]:
    """Unit vectors of two vocabularies of unequal size in one space; pairs are spelled nearly alike."""
    rng = np.random.default_rng(0)
    source = rng.standard_normal((N, 8))
    target = source + 0.9 * rng.standard_normal((N, 8))
    words = ["".join(rng.choice(list("abcdefghijklmn"), 7)) for _ in range(N)]
    return (
        WordVectors(tuple(words), unit(source)),
        WordVectors(tuple(word + "o" for word in words[: N - 50]), unit(target[: N - 50])),
    )


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def means_of(sides: tuple[WordVectors, WordVectors]) -> Neighbourhoods:
    return neighbourhoods(sides[0].matrix, sides[1].matrix, 10)


def test_one_scan_both_ways_finds_what_two_searches_each_find(sides: tuple[WordVectors, WordVectors]) -> None:
    means = means_of(sides)
    source, target = sides
    both = find_both(source, target, means)
    forth = find(source.matrix, source, target, means)
    back = find(target.matrix, target, source, means.inverse())
    for one, other in zip(both, (forth, back), strict=True):
        for field in fields(one):
            assert getattr(one, field.name) == pytest.approx(getattr(other, field.name), abs=1e-5)


@pytest.mark.parametrize("block", [64, 8192])
def test_likely_pairs_are_those_of_a_slow_twin(
    sides: tuple[WordVectors, WordVectors], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    means = means_of(sides)

    def favourites(
        source: WordVectors, target: WordVectors, means: Neighbourhoods
    ) -> list[tuple[int, float]]:
        row = np.arange(len(source))
        seen = describe(source.words, row, find(source.matrix, source, target, means), target, means)
        likely = Ranker.general().probabilities(seen)
        return [(int(seen.indices[i, likely[i].argmax()]), float(likely[i].max())) for i in row]

    forth, back = favourites(*sides, means), favourites(*sides[::-1], means.inverse())
    expected = [
        [word, other]
        for word, (other, sure) in enumerate(forth)
        if back[other][0] == word and min(sure, back[other][1]) >= PROBABLE
    ]
    shared = Spaces(sides[0].matrix, sides[1].matrix)
    more = WordVectors((*sides[0].words, "rare"), np.vstack([sides[0].matrix, sides[0].matrix[:1]]))
    found = probable_pairs((more, sides[1]), shared, 10)
    assert found.tolist() == expected and 50 < len(found) < N


def test_likely_pairs_are_more_often_right_than_mutual_ones(sides: tuple[WordVectors, WordVectors]) -> None:
    shared = Spaces(sides[0].matrix, sides[1].matrix)
    identity = Maps(np.eye(8, dtype=np.float32), np.eye(8, dtype=np.float32))

    def right(pairs: Indices) -> float:
        return float((pairs[:, 0] == pairs[:, 1]).mean())

    assert right(probable_pairs(sides, shared, 10)) > right(mutual_pairs(shared, identity)) + 0.05


@pytest.fixture(scope="module")
def noisy() -> tuple[Spaces, SeedPairs]:
    """Two spaces, and some wrong pairs among too few to hold any out."""
    tables = rotated(N, 20, noise=1.3)
    spaces = Spaces(*(Normalizer.fit(table.matrix).space(table.matrix) for table in tables))
    rows = np.arange(60).repeat(2).reshape(-1, 2)
    rows[::4, 1] = rows[::4, 1][::-1]
    return spaces, SeedPairs(rows, "dictionary", "as told")


@contextmanager
def learning() -> Iterator[list[Indices]]:
    """The pairs of each descent, as they come."""
    learnt: list[Indices] = []
    original = map_learner.rcsls

    def watched(spaces: Spaces, pairs: Indices, **given: object) -> Maps:
        learnt.append(pairs)
        return original(spaces, pairs, **given)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(map_learner, "rcsls", watched)
        yield learnt


def hits(spaces: Spaces, fitted: LearnedMaps) -> float:
    shared = spaces.mapped(fitted.maps)
    return float(((shared.source @ shared.target.T).argmax(axis=1) == np.arange(N)).mean())


def test_a_judge_that_knows_makes_the_map_better(noisy: tuple[Spaces, SeedPairs]) -> None:
    spaces, seed = noisy
    options = Options(self_learning_words=300)
    asked: list[int] = []

    def knows(shared: Spaces) -> Indices:
        asked.append(len(shared.source))
        return np.arange(300).repeat(2).reshape(-1, 2)

    chosen = plan(options, seed)
    assert chosen.self_train and chosen.reason.endswith("RCSLS (free) -> self-training")
    alone, told = (learn_maps(MapLearner(spaces, options, judge), seed, chosen) for judge in (None, knows))
    assert asked == [300] * SELF_TRAINING_ROUNDS
    assert hits(spaces, told) > hits(spaces, alone)
    history = told.maps.history
    assert [step.pairs for step in history if isinstance(step, SelfTrainingRound)] == [300, 300]
    stages = [step.stage for step in history if isinstance(step, RcslsStep)]
    assert stages[0] == "earlier" and stages[-1] == "final" and stages == sorted(stages)


@pytest.fixture(scope="module")
def large() -> tuple[Spaces, SeedPairs]:
    """Two noisy spaces, and pairs enough to hold some out."""
    tables = rotated(1000, 100, noise=3.5)
    spaces = Spaces(*(Normalizer.fit(table.matrix).space(table.matrix) for table in tables))
    return spaces, SeedPairs(np.arange(520).repeat(2).reshape(-1, 2), "dictionary", "as told")


def test_held_out_pairs_decide_on_likely_ones_where_there_are_enough(large: tuple[Spaces, SeedPairs]) -> None:
    spaces, seed = large
    chosen = plan(Options(), seed)
    assert not chosen.self_train
    without = learn_maps(MapLearner(spaces, Options()), seed, chosen)
    likely = {"right": np.arange(520, 1000).repeat(2).reshape(-1, 2)}
    likely["wrong"] = np.column_stack([likely["right"][:, 0], likely["right"][::-1, 1]])
    told = {
        name: learn_maps(MapLearner(spaces, Options(), lambda shared, pairs=pairs: pairs), seed, chosen)  # type: ignore[misc]
        for name, pairs in likely.items()
    }
    scores = [trial.held_out_mrr for trial in told["right"].trials]
    assert scores[2] > max(scores[:2]) + CLEARLY and len(without.trials) == 2
    for fitted in told.values():
        ways = [(trial.self_learning, trial.self_training) for trial in fitted.trials]
        assert ways == [(True, False), (False, False), (fitted.plan.self_learn, True)]
    assert told["right"].plan.self_train and told["right"].plan.reason.endswith(" -> self-training")
    assert np.array_equal(
        told["right"].training_pairs(seed.rows), np.concatenate([likely["right"], seed.rows])
    )
    assert not told["wrong"].plan.self_train and told["wrong"].probable is None
    assert np.array_equal(told["wrong"].maps.source, without.maps.source)
    assert told["wrong"].maps.history == without.maps.history


def test_a_trial_of_self_training_is_told_from_the_descents_around_it(
    large: tuple[Spaces, SeedPairs],
) -> None:
    spaces, seed = large
    likely = np.arange(520, 1000).repeat(2).reshape(-1, 2)
    with learning() as learnt:
        fitted = learn_maps(MapLearner(spaces, Options(), lambda shared: likely), seed, plan(Options(), seed))
    assert [len(pairs) for pairs in learnt] == [468, 468, 468 + 480, 520 + 480]
    history, trial = fitted.maps.history, fitted.trials[2]
    assert [step.pairs for step in history if isinstance(step, SelfTrainingRound)] == [480]
    descents = [step for step in history if isinstance(step, RcslsStep)]
    by_stage = {
        name: [one for one in descents if one.stage == name] for name in ("earlier", "trial", "final")
    }
    best = max(by_stage["trial"], key=lambda step: step.held_out_mrr or 0)
    assert best.step == by_stage["final"][-1].step == fitted.steps == trial.steps
    assert best.held_out_mrr == trial.held_out_mrr and trial.self_training
    assert by_stage["earlier"][0].step == 0


@pytest.mark.parametrize("found", [0, 3])
def test_a_judge_that_finds_little_changes_nothing(noisy: tuple[Spaces, SeedPairs], found: int) -> None:
    spaces, seed = noisy
    chosen = plan(Options(), seed)
    alone = learn_maps(MapLearner(spaces, Options()), seed, chosen)
    told = learn_maps(
        MapLearner(spaces, Options(), lambda shared: np.zeros((found, 2), np.int64)), seed, chosen
    )
    assert np.array_equal(told.maps.source, alone.maps.source)
    assert told.maps.history == alone.maps.history


@pytest.mark.parametrize(
    ("options", "size"),
    [
        (Options(rerank=False), 60),
        (Options(self_learn=False), 60),
        (Options(refine="none"), 60),
        (Options(), 600),
        (Options(self_learn=False), 20),
    ],
)
def test_where_there_is_no_self_training(options: Options, size: int) -> None:
    source, target = rotated(700, 20, noise=0.5)
    record = align(source, target, dictionary(range(size)), options).record
    assert not record.method.self_train and "self-training" not in record.method.reason
    assert "self-training" not in {step.method for step in record.history}


@pytest.mark.parametrize(
    ("origin", "size", "kept"), [("identical", 250, 0), ("dictionary", 60, 60), ("dictionary", 300, 300)]
)
def test_a_dictionary_joins_once_and_words_spelled_alike_are_let_go(
    origin: Literal["identical", "dictionary"], size: int, kept: int
) -> None:
    source, target = rotated(N, 20, noise=0.6)
    spaces = Spaces(source.matrix, target.matrix)
    spaces = Spaces(*(Normalizer.fit(side).space(side) for side in (spaces.source, spaces.target)))
    seed = SeedPairs(np.arange(size).repeat(2).reshape(-1, 2), origin, "as told")
    likely = np.arange(200, 400).repeat(2).reshape(-1, 2)
    with learning() as learnt:
        learn_maps(MapLearner(spaces, Options(), lambda shared: likely), seed, plan(Options(), seed))
    assert [len(pairs) for pairs in learnt[1:]] == [200 + kept] * SELF_TRAINING_ROUNDS
    assert len(learnt[0]) > size


def test_cross_fitting_judges_anew_without_what_was_found_for_the_words_it_asks(
    noisy: tuple[Spaces, SeedPairs],
) -> None:
    spaces, seed = noisy
    likely = np.array([(word, (word + 7) % N) for word in range(300)])
    fitted = learn_maps(MapLearner(spaces, Options(), lambda shared: likely), seed, plan(Options(), seed))
    kept = seed.rows[seed.rows[:, 0] % 3 > 0]
    asked = [set(seed.rows[:, side]) - set(kept[:, side]) for side in (0, 1)]
    again = likely[:250]
    with learning() as learnt:
        refit(MapLearner(spaces, Options(), lambda shared: again), seed, fitted, kept)
    untold = [pair for pair in likely if pair[0] not in asked[0] and pair[1] not in asked[1]]
    assert asked[0] and asked[1] and len(untold) < len(likely)
    assert [pairs.tolist() for pairs in learnt] == [
        [*map(list, untold), *kept.tolist()],
        [*again.tolist(), *kept.tolist()],
    ]
