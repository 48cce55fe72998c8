"""Whiten, rotate, re-weight, de-whiten: against square roots of matrices, and on degenerate seeds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import sqrtm
from toys import Doubles, rotated, same_pairs, unit_spaces, unit_spaces_of, weights_as_repeats

from translator.maps import CLOSED_FORM, whitening
from translator.maps.base import Spaces
from translator.maps.pairs import WeightedPairs
from translator.vectors.normalize import unit_rows


def slow(spaces: Spaces, count: int) -> tuple[Doubles, Doubles]:
    """Step by step in double precision, with general square roots of matrices."""
    x, z = (side[:count].astype(np.float64) for side in (spaces.source, spaces.target))
    root_x, root_z = np.real(sqrtm(x.T @ x)), np.real(sqrtm(z.T @ z))
    white_x, white_z = np.linalg.inv(root_x), np.linalg.inv(root_z)
    u, s, vt = np.linalg.svd((x @ white_x).T @ (z @ white_z), full_matrices=False)
    v = vt.T
    half = np.diag(np.sqrt(s))
    source = white_x @ u @ half @ (u.T @ root_x @ u)
    target = white_z @ v @ half @ (v.T @ root_z @ v)
    return source, target


@pytest.mark.parametrize(("d", "e"), [(10, 10), (10, 6), (6, 10)])
def test_equals_the_slow_twin(d: int, e: int) -> None:
    spaces = unit_spaces_of(d, e)
    maps, (source, target) = whitening(spaces, same_pairs(range(150))), slow(spaces, 150)
    # The sign of each pair of axes is free, the cosines between the two sides are not
    mine = spaces.source.astype(np.float64) @ maps.source @ (spaces.target @ maps.target).T
    np.testing.assert_allclose(mine, spaces.source @ source @ (spaces.target @ target).T, atol=1e-4)
    assert maps.source.dtype == maps.target.dtype == np.float32
    assert maps.source.shape == (d, min(d, e)) and maps.target.shape == (e, min(d, e))


def test_a_rotated_space_is_mapped_onto_the_other_exactly() -> None:
    source, target = rotated(200, 10)
    spaces = Spaces(unit_rows(source.matrix), unit_rows(target.matrix))
    maps = whitening(spaces, same_pairs(range(100)))
    np.testing.assert_allclose(spaces.source @ maps.source, spaces.target @ maps.target, atol=1e-4)


@pytest.mark.parametrize("count", [1, 3, 9])
def test_fewer_seeds_than_dimensions_span_a_part_of_the_space(count: int) -> None:
    spaces, pairs = unit_spaces(100, 10, noise=0.0), same_pairs(range(count))
    maps = whitening(spaces, pairs)
    for matrix, rows in ((maps.source, spaces.source), (maps.target, spaces.target)):
        assert np.isfinite(matrix).all() and np.linalg.matrix_rank(matrix, tol=1e-3) == count
        assert np.linalg.norm(matrix, 2) < 10, "no direction may be blown up"
        assert (np.linalg.norm(rows[:count] @ matrix, axis=1) > 0.1).all()
    x, z = spaces.pairs(pairs.rows)
    np.testing.assert_allclose(x @ maps.source, z @ maps.target, atol=1e-3)


def test_a_repeated_pair_breaks_nothing() -> None:
    maps = whitening(unit_spaces(50, 6), WeightedPairs.certain(np.array([[0, 0]] * 20)))
    assert np.isfinite(maps.source).all() and np.isfinite(maps.target).all()


def test_weights_equal_repeated_pairs() -> None:
    spaces, (weighted, repeated) = unit_spaces(80, 6, noise=1), weights_as_repeats(60)

    def cosines(pairs: WeightedPairs) -> Doubles:
        maps = whitening(spaces, pairs)
        products: Doubles = spaces.source.astype(np.float64) @ maps.source @ (spaces.target @ maps.target).T
        return products

    expected = cosines(repeated)
    np.testing.assert_allclose(cosines(weighted), expected, atol=1e-4)
    assert np.abs(cosines(same_pairs(range(60))) - expected).max() > 1e-2, "weights matter"


def test_it_is_a_closed_form_by_name() -> None:
    assert CLOSED_FORM["whitening"] is whitening
