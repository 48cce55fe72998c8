"""RCSLS: loss and gradient against a plain loop and finite differences; descent and its steps."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from toys import (
    Doubles,
    gaussian,
    rotation,
    same_pairs,
    slow_csls,
    unit_spaces,
    weights_as_repeats,
)

from translator.maps import procrustes
from translator.maps.base import Maps, Spaces
from translator.maps.history import InductionRound, RcslsStep
from translator.maps.pairs import WeightedPairs
from translator.maps.rcsls import STEPS, RcslsLoss, Variant, default_step, rcsls
from translator.vectors import Floats
from translator.vectors.normalize import unit_rows

K = 3
SPACES = unit_spaces(60, 6, noise=0.5)
PAIRS = WeightedPairs(
    np.array([[0, 0], [1, 1], [1, 7], [2, 2], [5, 5], [9, 9]]),
    np.array([1, 0.5, 0.25, 1, 0.1, 0.7], np.float32),
)
EARLIER = InductionRound(1, 80, 70.5)


def nearest(query: Doubles, among: Doubles, k: int) -> list[int]:
    return sorted(range(len(among)), key=lambda row: -float(query @ among[row]))[:k]


def slow_loss(W: Doubles, spaces: Spaces, pairs: WeightedPairs, k: int) -> float:
    """The formula of the paper, term by term."""
    source, target = spaces.source.astype(np.float64), spaces.target.astype(np.float64)
    total = 0.0
    weights = pairs.weights.astype(np.float64)
    for (left, right), weight in zip(pairs.rows, weights, strict=True):
        mapped, z = source[left] @ W, target[right]
        total -= weight * 2 * mapped @ z
        total += weight * sum(mapped @ target[row] for row in nearest(mapped, target, k)) / k
        everything = source @ W
        total += weight * sum(everything[row] @ z for row in nearest(z, everything, k)) / k
    return total / float(weights.sum())


def test_loss_is_the_formula() -> None:
    W = rotation(6) + 0.1 * gaussian(6, 6)
    for k in (1, K, 10):
        loss, _ = RcslsLoss(SPACES, PAIRS, k)(W)
        assert loss == pytest.approx(slow_loss(W.astype(np.float64), SPACES, PAIRS, k), abs=1e-5)


def test_gradient_is_that_of_finite_differences() -> None:
    W = rotation(6)
    _, gradient = RcslsLoss(SPACES, PAIRS, K)(W)
    rng = np.random.default_rng(0)
    for _ in range(20):
        towards = rng.standard_normal((6, 6))
        # While no neighbour changes the loss is linear in W, and so small a step changes none
        up, down = (slow_loss(W + sign * 1e-6 * towards, SPACES, PAIRS, K) for sign in (1, -1))
        assert (up - down) / 2e-6 == pytest.approx(float((gradient * towards).sum()), abs=1e-4)
    assert gradient.dtype == np.float32


def test_weights_equal_repeated_pairs() -> None:
    spaces, (weighted, repeated), W = unit_spaces(80, 6, noise=1), weights_as_repeats(60), rotation(6)
    loss, gradient = RcslsLoss(spaces, repeated, K)(W)
    found = RcslsLoss(spaces, weighted, K)(W)
    assert found[0] == pytest.approx(loss, abs=1e-5)
    np.testing.assert_allclose(found[1], gradient, atol=1e-5)
    maps = [rcsls(spaces, pairs, procrustes(spaces, pairs), k=K, step=1.0) for pairs in (weighted, repeated)]
    np.testing.assert_allclose(maps[0].source, maps[1].source, atol=1e-4)
    equal = RcslsLoss(spaces, same_pairs(range(60)), K)(W)
    assert np.abs(equal[1] - gradient).max() > 1e-3, "weights matter"


def train(variant: Variant = "free", **options: object) -> tuple[Spaces, Maps, Maps]:
    spaces = unit_spaces(400, 12, noise=0.7)
    start = procrustes(spaces, same_pairs(range(150)))
    return spaces, start, rcsls(spaces, same_pairs(range(150)), start, variant=variant, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("variant", ["free", "spectral"])
@pytest.mark.parametrize("step", [1.0, 1000.0])
def test_the_loss_never_rises(variant: Variant, step: float) -> None:
    _, _, maps = train(variant, step=step)
    losses = [float(record.loss) for record in maps.history]
    assert len(losses) > 2 and all(after < before for before, after in pairwise(losses))


def test_the_history_holds_the_loss_of_the_map_returned() -> None:
    spaces, start, maps = train(steps=5)
    loss, _ = RcslsLoss(spaces, same_pairs(range(150)))(maps.source)
    assert float(maps.history[-1].loss) == pytest.approx(loss, abs=1e-4)
    first, _ = RcslsLoss(spaces, same_pairs(range(150)))(start.source)
    assert float(maps.history[0].loss) == pytest.approx(first, abs=1e-5) and maps.history[0].step == 0


@pytest.mark.parametrize("steps", [1, 3, STEPS])
def test_the_number_of_steps_is_as_asked(steps: int) -> None:
    history = train(steps=steps)[2].history
    records = [record for record in history if isinstance(record, RcslsStep)]
    assert [record.step for record in records] == list(range(steps + 1)) and len(records) == len(history)
    assert records[0].step_size == 0 and all(
        0 < one.step_size <= default_step(150, 12) for one in records[1:]
    )


def test_step_sizes_grow_with_pairs_and_dimensions() -> None:
    sizes = [default_step(pairs, 300) for pairs in (1, 4, 400, 5000)]
    assert sizes == pytest.approx([0.3, 0.6, 6, 10])
    assert default_step(400, 30) == pytest.approx(0.6)


def test_descent_ends_where_no_size_lowers_the_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RcslsLoss, "__call__", lambda self, W: (1.0, np.ones_like(W)))
    _, start, maps = train(steps=5)
    assert [(one.step, one.step_size) for one in maps.history] == [(0, 0), (1, 0)]
    assert np.array_equal(maps.source, start.source)


def test_spectral_keeps_singular_values_at_most_one_and_free_does_not() -> None:
    assert np.linalg.norm(train("spectral", step=10.0)[2].source, 2) <= 1 + 1e-5
    assert np.linalg.norm(train("free", step=10.0)[2].source, 2) > 1.1


def test_descent_ranks_better_where_no_rotation_fits() -> None:
    plain = unit_spaces(600, 12, noise=0.5)
    skewed = plain.target @ np.diag(np.geomspace(0.02, 3, 12)).astype(np.float32) @ rotation(12)
    spaces, pairs = Spaces(plain.source, unit_rows(skewed)), same_pairs(range(400))
    start = procrustes(spaces, pairs)

    def found(W: Floats) -> float:
        scores = slow_csls(unit_rows(spaces.source @ W), spaces.target, 10)
        return float((scores.argmax(axis=1) == np.arange(600))[:400].mean())

    assert found(rcsls(spaces, pairs, start, step=10.0, steps=10).source) > found(start.source) + 0.02


def test_the_same_input_gives_the_same_bits() -> None:
    one, other = train(), train()
    assert np.array_equal(one[2].source, other[2].source) and one[2].history == other[2].history


def test_both_maps_of_the_start_are_honoured() -> None:
    spaces, turn = unit_spaces(200, 8, noise=0.5), rotation(8, 9)
    pairs = same_pairs(range(80))
    plain = procrustes(spaces, pairs)
    turned = Maps(plain.source @ turn, plain.target @ turn, (EARLIER,))
    one, other = rcsls(spaces, pairs, plain, steps=3), rcsls(spaces, pairs, turned, steps=3)
    np.testing.assert_allclose(one.source @ turn, other.source, atol=1e-3)
    assert np.array_equal(other.target, turned.target) and other.history[0] == EARLIER
