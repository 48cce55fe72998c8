"""RCSLS: loss and gradient against a plain loop and finite differences; descent and its stopping."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from toys import Doubles, gaussian, rotation, same_rows, slow_csls, unit_spaces
from translator.maps.held_out import held_out_mrr

from translator.maps import procrustes
from translator.maps.base import Maps, Spaces
from translator.maps.history import SelfLearningRound
from translator.maps.rcsls import PATIENCE, RcslsLoss, Variant, rcsls
from translator.vectors import Floats, Indices
from translator.vectors.normalize import unit_rows

K = 3
SPACES = unit_spaces(60, 6, noise=0.5)
PAIRS: Indices = np.array([[0, 0], [1, 1], [1, 7], [2, 2], [5, 5], [9, 9]])


EARLIER = SelfLearningRound(1, 80, 70, 0.5)


def nearest(query: Doubles, among: Doubles, k: int) -> list[int]:
    return sorted(range(len(among)), key=lambda row: -float(query @ among[row]))[:k]


def slow_loss(W: Doubles, spaces: Spaces, pairs: Indices, k: int) -> float:
    """The formula of the paper, term by term."""
    source, target = spaces.source.astype(np.float64), spaces.target.astype(np.float64)
    total = 0.0
    for left, right in pairs:
        mapped, z = source[left] @ W, target[right]
        total -= 2 * mapped @ z
        total += sum(mapped @ target[row] for row in nearest(mapped, target, k)) / k
        everything = source @ W
        total += sum(everything[row] @ z for row in nearest(z, everything, k)) / k
    return total / len(pairs)


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


def train(variant: Variant = "free", **options: object) -> tuple[Spaces, Maps, Maps]:
    spaces = unit_spaces(400, 12, noise=0.7)
    start = procrustes(spaces, same_rows(range(150)))
    return spaces, start, rcsls(spaces, same_rows(range(150)), start, variant=variant, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("variant", ["free", "spectral"])
@pytest.mark.parametrize("step", [1.0, 1000.0])
def test_the_loss_never_rises(variant: Variant, step: float) -> None:
    _, _, maps = train(variant, step=step)
    losses = [float(record.loss) for record in maps.history]
    assert len(losses) > 2 and all(after < before for before, after in pairwise(losses))


def test_the_history_holds_the_loss_of_the_map_returned() -> None:
    spaces, start, maps = train(steps=5)
    loss, _ = RcslsLoss(spaces, same_rows(range(150)))(maps.source)
    assert float(maps.history[-1].loss) == pytest.approx(loss, abs=1e-4)
    first, _ = RcslsLoss(spaces, same_rows(range(150)))(start.source)
    assert float(maps.history[0].loss) == pytest.approx(first, abs=1e-5) and maps.history[0].step == 0


def test_spectral_keeps_singular_values_at_most_one_and_free_does_not() -> None:
    assert np.linalg.norm(train("spectral")[2].source, 2) <= 1 + 1e-5
    assert np.linalg.norm(train("free")[2].source, 2) > 1.1


def test_descent_ranks_better_where_no_rotation_fits() -> None:
    plain = unit_spaces(600, 12, noise=0.5)
    skewed = plain.target @ np.diag(np.geomspace(0.02, 3, 12)).astype(np.float32) @ rotation(12)
    spaces, pairs = Spaces(plain.source, unit_rows(skewed)), same_rows(range(400))
    start = procrustes(spaces, pairs)

    def found(W: Floats) -> float:
        scores = slow_csls(unit_rows(spaces.source @ W), spaces.target, 10)
        return float((scores.argmax(axis=1) == np.arange(600))[:400].mean())

    assert found(rcsls(spaces, pairs, start, step=10.0, steps=10).source) > found(start.source) + 0.02


def test_early_stop_returns_the_map_of_the_best_held_out_score() -> None:
    spaces, held = unit_spaces(400, 12, noise=0.7), same_rows(range(150, 250))
    start = procrustes(spaces, same_rows(range(40)))
    maps = rcsls(spaces, same_rows(range(40)), start, validation=held, step=20.0, steps=60)
    scores = [float(record.held_out_mrr) for record in maps.history]
    # so few pairs over-fit: the score falls before the steps are used up
    assert len(scores) < 60 and scores[-1] < max(scores)
    assert len(scores) - 1 - scores.index(max(scores)) == PATIENCE
    assert held_out_mrr(maps.source, spaces, held) == pytest.approx(max(scores), abs=1e-3)


def test_a_start_that_cannot_be_bettered_is_returned() -> None:
    spaces = unit_spaces(300, 10, noise=0.0)
    start, held = procrustes(spaces, same_rows(range(100))), same_rows(range(100, 200))
    maps = rcsls(spaces, same_rows(range(100)), start, validation=held)
    assert maps.history[0].held_out_mrr == 1.0 and np.array_equal(maps.source, start.source)


def test_the_same_input_gives_the_same_bits() -> None:
    one, other = train(), train()
    assert np.array_equal(one[2].source, other[2].source) and one[2].history == other[2].history


def test_both_maps_of_the_start_are_honoured() -> None:
    spaces, turn = unit_spaces(200, 8, noise=0.5), rotation(8, 9)
    pairs = same_rows(range(80))
    plain = procrustes(spaces, pairs)
    turned = Maps(plain.source @ turn, plain.target @ turn, (EARLIER,))
    one, other = rcsls(spaces, pairs, plain, steps=3), rcsls(spaces, pairs, turned, steps=3)
    np.testing.assert_allclose(one.source @ turn, other.source, atol=1e-3)
    assert np.array_equal(other.target, turned.target) and other.history[0] == EARLIER


def test_held_out_mrr_against_a_plain_loop() -> None:
    spaces, pairs = unit_spaces(90, 6, noise=1.0), np.array([[3, 3], [3, 8], [5, 5], [40, 40], [41, 2]])
    W = rotation(6, 2)
    scores = slow_csls(unit_rows(spaces.source @ W), spaces.target, K)
    total = 0.0
    for word in (3, 5, 40, 41):
        order = list(np.argsort(-scores[word]))
        rank = 1 + min(order.index(gold) for query, gold in pairs if query == word)
        total += 1 / rank if rank <= 10 else 0
    assert held_out_mrr(W, spaces, pairs, K) == pytest.approx(total / 4)
