"""The orthogonal map: its laws, the plain optimum, and scipy's own solution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import orthogonal_procrustes
from toys import (
    floats,
    gaussian,
    rotated,
    rotation,
    same_pairs,
    unit_spaces,
    unit_spaces_of,
    weights_as_repeats,
)

from translator.maps import CLOSED_FORM, procrustes
from translator.maps.base import Spaces, nearest_orthogonal
from translator.maps.pairs import WeightedPairs
from translator.vectors.normalize import unit_rows


@settings(deadline=None)
@given(st.integers(1, 12), st.integers(1, 30), st.integers(0, 2**31))
def test_the_map_keeps_distances_where_the_pairs_span_the_space(d: int, pairs: int, seed: int) -> None:
    maps = procrustes(unit_spaces(30, d, seed, noise=1), same_pairs(range(pairs)))
    kept = np.linalg.svd(maps.source, compute_uv=False)
    assert np.all((np.abs(kept) < 1e-5) | (np.abs(kept - 1) < 1e-5))
    assert kept.sum().round() <= min(d, pairs)
    assert np.array_equal(maps.target, np.eye(d)) and maps.source.dtype == maps.target.dtype == np.float32


@pytest.mark.parametrize("pairs", [1, 5, 12, 100])
def test_rounding_does_not_choose_the_map(pairs: int) -> None:
    spaces, chosen = unit_spaces(120, 12, noise=1), same_pairs(range(pairs))
    maps = procrustes(spaces, chosen)
    rounded = Spaces(spaces.source * (1 + 1e-6 * gaussian(120, 12, 3)), spaces.target)
    np.testing.assert_allclose(procrustes(rounded, chosen).source, maps.source, atol=1e-3)
    assert np.linalg.matrix_rank(maps.source) == min(pairs, 12)


@settings(deadline=None)
@given(st.integers(0, 2**31))
def test_a_rotation_is_recovered(seed: int) -> None:
    source, target = rotated(60, 10, seed)
    spaces = Spaces(unit_rows(source.matrix), unit_rows(target.matrix))
    maps = procrustes(spaces, same_pairs(range(40)))
    np.testing.assert_allclose(maps.source, rotation(10, seed + 2), atol=1e-4)


def test_scipy_finds_the_same_map() -> None:
    spaces, pairs = unit_spaces(80, 12, noise=0.5), same_pairs(range(60))
    x, z = spaces.pairs(pairs.rows)
    expected, _ = orthogonal_procrustes(x.astype(np.float64), z.astype(np.float64))
    np.testing.assert_allclose(procrustes(spaces, pairs).source, expected, atol=1e-5)


@pytest.mark.parametrize(("d", "e"), [(12, 7), (7, 12)])
def test_between_spaces_of_different_widths_no_semi_orthogonal_map_keeps_more_of_the_products(
    d: int, e: int
) -> None:
    spaces = unit_spaces_of(d, e)
    x, z = (side[:60].astype(np.float64) for side in (spaces.source, spaces.target))
    maps = procrustes(spaces, same_pairs(range(60)))
    W = maps.source.astype(np.float64)
    assert W.shape == (d, e) and np.array_equal(maps.target, np.eye(e))
    gram = W @ W.T if d < e else W.T @ W
    np.testing.assert_allclose(gram, np.eye(min(d, e)), atol=1e-5)
    best = np.trace(W.T @ x.T @ z)
    assert best == pytest.approx(np.linalg.svd(x.T @ z, compute_uv=False).sum(), rel=1e-5)
    for seed in range(50):
        other = nearest_orthogonal(W + 0.1 * np.random.default_rng(seed).standard_normal((d, e)))
        assert np.trace(other.T @ x.T @ z) < best


def test_no_rotation_brings_the_pairs_closer() -> None:
    spaces, pairs = unit_spaces(80, 6, noise=1), same_pairs(range(60))
    x, z = spaces.pairs(pairs.rows)
    W = procrustes(spaces, pairs).source
    best = np.linalg.norm(x @ W - z)
    for seed in range(50):
        near = nearest_orthogonal(W + 0.1 * gaussian(6, 6, seed))
        assert best < np.linalg.norm(x @ rotation(6, seed) - z)
        assert best < np.linalg.norm(x @ near - z)


def test_a_source_word_with_two_translations_lies_between_them() -> None:
    spaces = Spaces(floats([[1, 0]]), floats([[1, 0], [0, 1]]))
    W = procrustes(spaces, WeightedPairs.certain(np.array([[0, 0], [0, 1]]))).source
    np.testing.assert_allclose(floats([1, 0]) @ W, [0.5**0.5, 0.5**0.5], atol=1e-6)


def test_a_heavier_translation_lies_nearer() -> None:
    spaces = Spaces(floats([[1, 0]]), floats([[1, 0], [0, 1]]))
    pairs = WeightedPairs(np.array([[0, 0], [0, 1]]), np.array([0.8, 0.6], np.float32))
    np.testing.assert_allclose(floats([1, 0]) @ procrustes(spaces, pairs).source, [0.8, 0.6], atol=1e-6)


def test_weights_equal_repeated_pairs() -> None:
    spaces, (weighted, repeated) = unit_spaces(80, 6, noise=1), weights_as_repeats(60)
    W = procrustes(spaces, repeated).source
    np.testing.assert_allclose(procrustes(spaces, weighted).source, W, atol=1e-5)
    assert np.abs(procrustes(spaces, same_pairs(range(60))).source - W).max() > 1e-2, "weights matter"


def test_it_is_a_closed_form_by_name() -> None:
    assert CLOSED_FORM["procrustes"] is procrustes
