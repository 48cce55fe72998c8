"""The ridge map against plain least squares in double precision, and between its two limits."""

from __future__ import annotations

import numpy as np
import pytest
from toys import Doubles, rotated, rotation, same_rows, unit_spaces, unit_spaces_of, weights_as_repeats

from translator.maps import CLOSED_FORM, procrustes, ridge
from translator.maps.base import Spaces
from translator.maps.pairs import WeightedPairs
from translator.maps.ridge import STRENGTH, STRENGTHS, best_strength
from translator.vectors.normalize import unit_rows

SPACES = unit_spaces(120, 12, noise=1.0)
PAIRS = WeightedPairs(same_rows(range(60)), np.linspace(0.05, 1, 60).astype(np.float32))


def stacked(spaces: Spaces, pairs: WeightedPairs, strength: float) -> Doubles:
    """Least squares of the weighted rows, and of a row per dimension that asks for the rotation."""
    x, z = (side.astype(np.float64) for side in spaces.pairs(pairs.rows))
    root = np.sqrt(pairs.weights.astype(np.float64))[:, None]
    left, _, right = np.linalg.svd((root * x).T @ (root * z), full_matrices=False)
    turn = left @ right
    drawn = np.sqrt(strength) * np.eye(x.shape[1])
    left, right = np.vstack([root * x, drawn]), np.vstack([root * z, drawn @ turn])
    solution: Doubles = np.linalg.lstsq(left, right, rcond=None)[0]
    return solution


@pytest.mark.parametrize("strength", [0.1, STRENGTH, 300.0])
def test_equals_stacked_least_squares(strength: float) -> None:
    maps = ridge(SPACES, PAIRS, strength)
    np.testing.assert_allclose(maps.source, stacked(SPACES, PAIRS, strength), atol=1e-5)
    assert np.array_equal(maps.target, np.eye(12)) and maps.source.dtype == maps.target.dtype == np.float32
    assert np.abs(maps.source - ridge(SPACES, PAIRS, strength * 1.5).source).max() > 1e-4


@pytest.mark.parametrize(("d", "e"), [(12, 7), (7, 12)])
def test_equals_stacked_least_squares_between_spaces_of_different_widths(d: int, e: int) -> None:
    spaces = unit_spaces_of(d, e)
    maps = ridge(spaces, PAIRS, STRENGTH)
    np.testing.assert_allclose(maps.source, stacked(spaces, PAIRS, STRENGTH), atol=1e-5)
    assert maps.source.shape == (d, e) and np.array_equal(maps.target, np.eye(e))


def test_the_strength_is_fixed_between_spaces_of_equal_width() -> None:
    assert np.array_equal(ridge(SPACES, PAIRS).source, ridge(SPACES, PAIRS, STRENGTH).source)


def stretched_spaces() -> Spaces:
    """A linear map that is far from a rotation, and little noise, so that few pairs show it."""
    rng = np.random.default_rng(0)
    source = rng.standard_normal((90, 12))
    target = source @ (rng.standard_normal((12, 7)) * np.geomspace(0.1, 3, 7))
    return Spaces(*(unit_rows(side.astype(np.float32)) for side in (source, target)))


@pytest.mark.parametrize(
    ("spaces", "weak"), [(stretched_spaces(), True), (unit_spaces_of(12, 7, 5.0), False)]
)
def test_held_out_pairs_choose_the_strength_between_spaces_of_different_widths(
    spaces: Spaces, weak: bool
) -> None:
    cosines = dict.fromkeys(STRENGTHS, 0.0)
    for fold in range(5):
        test = np.arange(60) % 5 == fold
        for strength in STRENGTHS:
            W = stacked(spaces, PAIRS[np.flatnonzero(~test)], strength)
            mapped = spaces.source[:60][test] @ W
            mapped /= np.linalg.norm(mapped, axis=1, keepdims=True)
            cosines[strength] += float(PAIRS.weights[test] @ (mapped * spaces.target[:60][test]).sum(axis=1))
    best = max(STRENGTHS, key=lambda strength: cosines[strength])
    assert best_strength(spaces, PAIRS) == best and (best < 1) == weak
    assert np.array_equal(ridge(spaces, PAIRS).source, ridge(spaces, PAIRS, best).source)


def test_the_limits_are_the_rotation_and_least_squares() -> None:
    x, z = (side.astype(np.float64) for side in SPACES.pairs(PAIRS.rows))
    root = np.sqrt(PAIRS.weights.astype(np.float64))[:, None]
    turn, plain = procrustes(SPACES, PAIRS).source, np.linalg.lstsq(root * x, root * z, rcond=None)[0]
    np.testing.assert_allclose(ridge(SPACES, PAIRS, 1e7).source, turn, atol=1e-5)
    np.testing.assert_allclose(ridge(SPACES, PAIRS, 1e-5).source, plain, atol=1e-4)
    assert np.abs(turn - plain).max() > 0.1, "the limits differ"


def test_more_pairs_lead_away_from_the_rotation() -> None:
    spaces = unit_spaces(2000, 12, noise=1.0)
    away = []
    for count in (10, 100, 2000):
        pairs = WeightedPairs.certain(same_rows(range(count)))
        away.append(float(np.linalg.norm(ridge(spaces, pairs).source - procrustes(spaces, pairs).source)))
    assert 2 * away[0] < away[1] < away[2] / 2


def test_weights_equal_repeated_pairs() -> None:
    weighted, repeated = weights_as_repeats(60)
    maps = ridge(SPACES, repeated, 40.0)
    np.testing.assert_allclose(ridge(SPACES, weighted, 10.0).source, maps.source, atol=1e-5)
    equal = ridge(SPACES, WeightedPairs.certain(weighted.rows), 10.0)
    assert np.abs(equal.source - maps.source).max() > 1e-2, "weights matter"


@pytest.mark.parametrize("count", [1, 3, 40])
def test_a_rotation_is_recovered_where_the_pairs_span_it(count: int) -> None:
    source, target = rotated(60, 10)
    spaces = Spaces(unit_rows(source.matrix), unit_rows(target.matrix))
    pairs = WeightedPairs.certain(same_rows(range(count)))
    x, z = spaces.pairs(pairs.rows)
    np.testing.assert_allclose(x @ ridge(spaces, pairs).source, z, atol=1e-4)
    if count == 40:
        np.testing.assert_allclose(ridge(spaces, pairs).source, rotation(10, 2), atol=1e-4)


def test_it_is_a_closed_form_by_name() -> None:
    assert CLOSED_FORM["ridge"] is ridge
