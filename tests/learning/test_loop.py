"""The loop of learning: which pairs each fit sees, when the rounds end, and what a subset may know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import pytest
from toys import names, rotated, same_rows, slow_csls

from translator import learning
from translator.learning import PROBABLE, ROUNDS, SETTLED, LearnedMaps, MapLearner
from translator.learning.probable_pairs import probable_pairs
from translator.learning.seed_pairs import SeedPairs
from translator.maps import CLOSED_FORM, ridge
from translator.maps.base import Maps, Spaces
from translator.maps.history import InductionRound, RcslsStep
from translator.maps.pairs import WeightedPairs
from translator.maps.rcsls import STEPS, rcsls
from translator.options import Options
from translator.vectors import WordVectors
from translator.vectors.normalize import Normalizer

N = 400
Pair = tuple[int, int, float]


def normalised(noise: float) -> Spaces:
    return Spaces(*(Normalizer.fit(one.matrix).space(one.matrix) for one in rotated(N, 20, noise=noise)))


SPACES = normalised(0.6)
ENOUGH = 80  # pairs for RCSLS, in place of the real number, which toys do not have


def seed(count: int, origin: Literal["dictionary", "identical"] = "dictionary") -> SeedPairs:
    return SeedPairs(same_rows(range(count)), origin, "as given")


def weighing(expected: float, numbers: range = range(100, 300)) -> WeightedPairs:
    """True pairs whose expected number is the given one."""
    return WeightedPairs(same_rows(numbers), np.full(len(numbers), expected / len(numbers), np.float32))


class Answers:
    """In place of the ranker: answers with prepared pairs, the last of them again and again."""

    def __init__(self, *pairs: WeightedPairs) -> None:
        self.pairs, self.asked = pairs, list[Spaces]()

    def __call__(self, shared: Spaces) -> WeightedPairs:
        self.asked.append(shared)
        return self.pairs[min(len(self.asked), len(self.pairs)) - 1]


def learn(
    given: SeedPairs, *answers: WeightedPairs, words: int = N, **options: Any
) -> tuple[LearnedMaps, list[Spaces]]:
    ranker = Answers(*answers)
    learner = MapLearner(SPACES, Options(**options), ranker, enough=ENOUGH, words=words)
    return learner.learn(given), ranker.asked


def listed(pairs: WeightedPairs) -> list[Pair]:
    rows, weights = pairs.rows.tolist(), pairs.weights.tolist()
    return [(source, target, weight) for (source, target), weight in zip(rows, weights, strict=True)]


class Seen:
    """The pairs of each closed-form fit and of each descent."""

    def __init__(self) -> None:
        self.fits: list[list[Pair]] = []
        self.descents: list[list[Pair]] = []


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    kept = Seen()

    def fit(spaces: Spaces, pairs: WeightedPairs) -> Maps:
        kept.fits.append(listed(pairs))
        return ridge(spaces, pairs)

    def descend(spaces: Spaces, pairs: WeightedPairs, start: Maps, **options: Any) -> Maps:
        kept.descents.append(listed(pairs))
        return rcsls(spaces, pairs, start, **options)

    monkeypatch.setitem(CLOSED_FORM, "ridge", fit)
    monkeypatch.setattr(learning, "rcsls", descend)
    yield kept


@pytest.mark.parametrize(
    ("expected", "rounds", "best"),
    [
        ([50, 100, 100 * (1 + SETTLED / 2), 190], 3, 2),  # grows by less than counts
        ([50, 100, 100 * (1 + 2 * SETTLED), 100], 4, 2),
        ([50, 100, 60, 190], 3, 1),  # falls: the pairs of the round before are kept
        ([50, 50, 190], 2, 0),
        ([20 * number for number in range(1, 10)], ROUNDS, ROUNDS - 1),
    ],
)
def test_rounds_end_when_the_expected_number_no_longer_grows(
    expected: Sequence[float], rounds: int, best: int, seen: Seen
) -> None:
    answers = [weighing(number) for number in expected]
    learned, asked = learn(seed(30), *answers)
    assert len(asked) == rounds and listed(learned.induced) == listed(answers[best])
    own = listed(WeightedPairs.certain(seed(30).rows))
    assert seen.fits[-1] == [*own, *listed(answers[best])]
    history = learned.maps.history
    induction = [step for step in history if isinstance(step, InductionRound)]
    assert [(one.round, one.pairs) for one in induction] == [(n, 200) for n in range(1, rounds + 1)]
    assert [one.expected for one in induction] == pytest.approx(expected[:rounds], rel=1e-5)
    descent = [step.step for step in history[rounds:] if isinstance(step, RcslsStep)]
    assert descent == list(range(STEPS + 1)) and len(history) == rounds + STEPS + 1


def test_each_round_is_asked_of_the_map_of_the_round_before(seen: Seen) -> None:
    answers = [weighing(number) for number in (50, 100, 60)]
    _, asked = learn(seed(30), *answers)
    for shared, pairs in zip(asked, seen.fits, strict=False):
        rows = np.array([pair[:2] for pair in pairs])
        weights = np.array([pair[2] for pair in pairs], np.float32)
        again = SPACES.mapped(ridge(SPACES, WeightedPairs(rows, weights)))
        assert np.array_equal(shared.source, again.source) and np.array_equal(shared.target, again.target)
    own = listed(WeightedPairs.certain(seed(30).rows))
    assert seen.fits[:3] == [own, [*own, *listed(answers[0])], [*own, *listed(answers[1])]]


@pytest.mark.parametrize("size", [30, ENOUGH + 1])
@pytest.mark.parametrize("origin", ["dictionary", "identical"])
@pytest.mark.parametrize("self_learn", [True, False])
def test_rounds_are_run_for_every_size_unless_they_are_turned_off(
    size: int, origin: Literal["dictionary", "identical"], self_learn: bool, seen: Seen
) -> None:
    learned, asked = learn(seed(size, origin), weighing(50), self_learn=self_learn)
    assert bool(asked) == bool(len(learned.induced)) == self_learn
    own = listed(WeightedPairs.certain(seed(size).rows))
    if not self_learn:
        assert seen.fits == seen.descents == [own]
        assert not any(isinstance(step, InductionRound) for step in learned.maps.history)
    if self_learn and origin == "dictionary" and size > ENOUGH:
        assert seen.descents == [own], "RCSLS needs no other pairs"
        assert seen.fits == [own, [*own, *listed(weighing(50))]], "one round, and the last fit"


def test_a_dictionary_stays_in_every_fit_and_other_pairs_only_start(seen: Seen) -> None:
    own, others = listed(WeightedPairs.certain(same_rows(range(30)))), same_rows(range(300, 350))
    helped = SeedPairs(same_rows(range(30)), "dictionary", "as given", others=others)
    learn(helped, weighing(50), weighing(100), weighing(60))
    assert seen.fits[0] == [*own, *listed(WeightedPairs.certain(others))]
    assert len(seen.fits) == 4 and all(pairs[:30] == own for pairs in seen.fits)
    assert seen.descents[0][:30] == own
    untrusted = {one[:2] for one in listed(WeightedPairs.certain(others))}
    assert not any(untrusted & {pair[:2] for pair in pairs} for pairs in (*seen.fits[1:], *seen.descents))


def test_words_spelled_alike_only_start(seen: Seen) -> None:
    learn(seed(90, "identical"), weighing(50))
    assert seen.fits[0] == listed(WeightedPairs.certain(same_rows(range(90))))
    assert seen.fits[1:] == [listed(weighing(50))] * 2


@pytest.mark.parametrize(("size", "found"), [(30, 40), (30, 200), (ENOUGH - 1, 200)])
def test_rcsls_is_filled_up_with_probable_pairs_one_a_word(size: int, found: int, seen: Seen) -> None:
    likely = WeightedPairs(same_rows(range(100, 100 + found)), np.full(found, 0.5, np.float32))
    rivals = WeightedPairs(likely.rows[:, [0, 0]] + [[0, 1]], np.full(found, 0.3, np.float32))
    doubtful = WeightedPairs(same_rows(range(300, 350)), np.full(50, PROBABLE - 0.01, np.float32))
    learned, _ = learn(seed(size), likely + rivals + doubtful)
    own, drawn = seen.descents[0][:size], seen.descents[0][size:]
    assert own == listed(WeightedPairs.certain(seed(size).rows))
    assert len(drawn) == len(set(drawn)) == min(found, ENOUGH - size) and set(drawn) <= set(listed(likely))
    assert len(seen.fits[-1]) == size + 2 * found + 50, "the closed form sees all pairs"
    assert len(learned.induced) == 2 * found + 50


def test_the_same_random_state_draws_the_same_pairs(seen: Seen) -> None:
    maps = [learn(seed(30), weighing(100), random_state=state)[0].maps for state in (1, 1, 2)]
    assert np.array_equal(maps[0].source, maps[1].source) and maps[0].history == maps[1].history
    assert seen.descents[0] == seen.descents[1] != seen.descents[2]


@pytest.mark.parametrize("origin", ["dictionary", "identical"])
def test_where_nothing_is_found_the_seed_pairs_are_used(
    origin: Literal["dictionary", "identical"], seen: Seen
) -> None:
    learned, asked = learn(seed(30, origin), WeightedPairs.none())
    own = listed(WeightedPairs.certain(seed(30).rows))
    assert len(asked) == 1 and not len(learned.induced)
    assert seen.fits[-1] == own and seen.descents == [own]
    alone, _ = learn(seed(30, origin), self_learn=False)
    assert np.array_equal(learned.maps.source, alone.maps.source)


def test_pairs_are_sought_among_the_frequent_words_only() -> None:
    _, asked = learn(seed(60), weighing(10, range(40)), words=50)
    assert asked and all(shared.sizes == (50, 50) for shared in asked)


@pytest.mark.parametrize("refine", ["free", "spectral", "none"])
@pytest.mark.parametrize("start", ["ridge", "whitening"])
def test_the_last_fit_is_the_chosen_one(start: str, refine: str) -> None:
    learned, _ = learn(
        seed(30), weighing(50, range(100, 140)), start=start, refine=refine, steps=2, step_size=1.0
    )
    pairs = WeightedPairs.certain(seed(30).rows) + learned.induced
    expected = CLOSED_FORM[start](SPACES, pairs)
    if refine != "none":
        expected = rcsls(SPACES, pairs, expected, variant=refine, step=1.0, steps=2)  # type: ignore[arg-type]
    np.testing.assert_allclose(learned.maps.source, expected.source, atol=1e-4)
    np.testing.assert_allclose(learned.maps.target, expected.target, atol=1e-6)


def test_a_subset_is_fitted_without_any_pair_of_the_words_left_out(seen: Seen) -> None:
    """Neither side: a left-out source word may have been found with another target, and the reverse."""
    rows = np.array([(number, number // 2) for number in range(60)])  # two sources for each target
    found = [(word, (word + 7) % N, 0.5) for word in range(300)] + [(350, 3, 0.9), (351, 390, 0.9)]
    induced = WeightedPairs(
        np.array([one[:2] for one in found]), np.array([one[2] for one in found], np.float32)
    )
    dictionary = SeedPairs(rows, "dictionary", "as given")
    subset = rows[rows[:, 0] % 3 > 0]
    spaces = SPACES.frequent(360)
    learner = MapLearner(spaces, Options(), Answers(), enough=ENOUGH)
    learned = learner.refit(dictionary, LearnedMaps(ridge(SPACES, induced), induced, rows), subset)
    left_out = [set(rows[:, side]) - set(subset[:, side]) for side in (0, 1)]
    expected = [
        one
        for one in listed(induced)
        if one[0] not in left_out[0] and one[1] not in left_out[1] and max(one[:2]) < 360
    ]
    assert left_out[0] and 0 < len(expected) < len(found) - 20
    own = listed(WeightedPairs.certain(subset))
    assert seen.fits == [[*own, *expected]]
    assert seen.descents[0][: len(own)] == own and set(seen.descents[0][len(own) :]) <= set(expected)
    steps = [step.step for step in learned.maps.history if isinstance(step, RcslsStep)]
    assert steps == list(range(STEPS + 1))
    assert {tuple(pair) for pair in learned.anchors.tolist()} <= {one[:2] for one in (*own, *expected)}


def test_the_whole_dictionary_and_the_same_pairs_give_the_same_map() -> None:
    given = seed(30)
    learned, _ = learn(given, weighing(50))
    again = MapLearner(SPACES, Options(), Answers(learned.induced), enough=ENOUGH).refit(
        given, learned, given.rows
    )
    assert np.array_equal(again.maps.source, learned.maps.source)
    assert np.array_equal(again.anchors, learned.anchors)


@pytest.mark.parametrize(("size", "found"), [(30, 20), (30, 200), (ENOUGH + 40, 200)])
def test_anchors_are_pairs_of_the_dictionary_first_and_one_a_word(size: int, found: int) -> None:
    likely = WeightedPairs(same_rows(range(200, 200 + found)), np.full(found, 0.5, np.float32))
    rivals = WeightedPairs((likely.rows[:, [0, 0]] + [[0, 1]]) % N, np.full(found, 0.3, np.float32))
    ranker = Answers(likely + rivals)
    learned = MapLearner(SPACES, Options(), ranker, enough=ENOUGH, words=N).learn(seed(size))
    own, others = same_rows(range(size)).tolist(), likely.rows.tolist()
    anchors = learned.anchors
    given, drawn = anchors[: min(size, ENOUGH)].tolist(), anchors[min(size, ENOUGH) :].tolist()
    assert all(pair in own for pair in given) and all(pair in others for pair in drawn)
    assert len(anchors) == len(np.unique(anchors[:, 0])) == min(ENOUGH, size + found)


def hits(spaces: Spaces, maps: Maps) -> float:
    shared = spaces.mapped(maps)
    return float((slow_csls(shared.source, shared.target, 10).argmax(axis=1) == np.arange(N)).mean())


@pytest.mark.parametrize("start", ["ridge", "procrustes", "whitening"])
def test_a_few_pairs_grow_to_a_map(start: Literal["ridge", "procrustes", "whitening"]) -> None:
    words = (WordVectors(names(N, "s"), SPACES.source), WordVectors(names(N, "t"), SPACES.target))
    learner = MapLearner(SPACES, Options(start=start), partial(probable_pairs, words, csls_k=10))
    alone = MapLearner(SPACES, Options(start=start, self_learn=False), learner.find_pairs)
    few, grown = (hits(SPACES, one.learn(seed(10)).maps) for one in (alone, learner))
    assert few + 0.1 < grown > 0.9


def test_wrong_words_spelled_alike_leave_no_trace() -> None:
    """A third of the pairs to start from is wrong: kept, they would turn the map to the end."""
    spaces = normalised(0.3)
    words = (WordVectors(names(N, "s"), spaces.source), WordVectors(names(N, "t"), spaces.target))
    learner = MapLearner(spaces, Options(refine="none"), partial(probable_pairs, words, csls_k=10))
    rows = np.concatenate([same_rows(range(40)), np.column_stack([np.arange(40, 60), np.arange(41, 61)])])
    true = ridge(spaces, WeightedPairs.certain(same_rows(range(N)))).source
    kept = ridge(spaces, WeightedPairs.certain(rows)).source
    freed = learner.learn(SeedPairs(rows, "identical", "as given")).maps.source
    assert np.linalg.norm(freed - true) < np.linalg.norm(kept - true) / 3
