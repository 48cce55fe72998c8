"""A side's map as recipe and matrix, as one shift and matrix, and as the weight and bias of a layer."""

from __future__ import annotations

import numpy as np
import pytest
from toys import gaussian, names, rotation

from translator.alignment.affine import SideMap, compose
from translator.errors import DataError
from translator.vectors import Floats, WordVectors
from translator.vectors.normalize import Normalizer, parse_normalization, unit_rows

ROWS, UNSEEN = gaussian(50, 6, 0), gaussian(9, 6, 1)
MATRIX = gaussian(6, 4, 2)


def side(recipe: str, matrix: Floats = MATRIX) -> SideMap:
    return SideMap(Normalizer.fit(ROWS, parse_normalization(recipe)), matrix)


def test_apply_normalises_maps_and_scales() -> None:
    mean = ROWS.astype(np.float64).mean(axis=0)
    centred = UNSEEN - mean
    expected = centred / np.linalg.norm(centred, axis=1, keepdims=True) @ MATRIX
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(side("center,unit").apply(UNSEEN), expected, atol=1e-5)


def test_a_vocabulary_keeps_its_words() -> None:
    vectors = WordVectors(names(9, "w"), UNSEEN)
    mapped = side("center").apply_to(vectors)
    assert mapped.words == vectors.words
    np.testing.assert_allclose(np.linalg.norm(mapped.matrix, axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize(
    "recipe", ["none", "unit", "center", "center,unit", "unit,center", "unit,center,unit"]
)
def test_folded_and_affine_point_where_apply_does(recipe: str) -> None:
    one = side(recipe)
    rows = unit_rows(UNSEEN) if one.unit_input else UNSEEN
    matrix, offset = one.folded()
    weight, bias = one.affine()
    shifted: Floats = np.asarray((rows - offset) @ matrix, np.float32)
    mapped: Floats = np.asarray(rows @ weight.T + bias, np.float32)
    assert offset.shape == (6,) and weight.shape == (4, 6) and bias.shape == (4,)
    assert matrix.dtype == offset.dtype == weight.dtype == bias.dtype == np.float32
    np.testing.assert_allclose(unit_rows(shifted), one.apply(UNSEEN), atol=1e-5)
    np.testing.assert_allclose(unit_rows(mapped), one.apply(UNSEEN), atol=1e-5)


def test_vectors_that_are_all_alike_have_no_typical_length() -> None:
    alike = np.ones((5, 6), np.float32)
    only = SideMap(Normalizer.fit(alike), MATRIX)
    assert only.of_typical_length_one(alike) is only


def test_a_recipe_that_does_not_fold_says_so() -> None:
    with pytest.raises(DataError, match="no affine map can"):
        side("center,unit,center").affine()


@pytest.mark.parametrize("shape", [(5, 4), (6,), (6, 4, 1)])
def test_a_matrix_that_does_not_fit_the_recipe(shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match="does not fit a recipe"):
        side("center", np.zeros(shape, np.float32))


def test_compose_goes_out_the_way_the_target_came_in() -> None:
    target = side("center", gaussian(6, 6, 3))
    weight, bias = target.affine()
    back_weight, back_bias = compose(weight, bias, target)
    np.testing.assert_allclose(UNSEEN @ back_weight.T + back_bias, UNSEEN, atol=1e-3)


def test_compose_with_a_rotation_against_plain_algebra() -> None:
    turn = rotation(6)
    weight, bias = side("center", rotation(6, 5)).affine()
    mean = ROWS.astype(np.float64).mean(axis=0)
    composed, shift = compose(weight, bias, side("center", turn))
    expected = (UNSEEN @ weight.T + bias) @ turn.T + mean
    np.testing.assert_allclose(UNSEEN @ composed.T + shift, expected, atol=1e-4)


@pytest.mark.parametrize("rank", [4, 5])
def test_a_target_without_a_way_out(rank: int) -> None:
    singular = gaussian(6, rank, 0) @ gaussian(rank, 6, 1)
    weight, bias = side("center", rotation(6)).affine()
    with pytest.raises(DataError, match="has no inverse"):
        compose(weight, bias, side("center", singular))


def test_a_target_narrower_than_the_shared_space_has_no_way_out() -> None:
    wide = side("center", gaussian(6, 8, 3))
    with pytest.raises(DataError, match="has no inverse"):
        compose(*wide.affine(), wide)


def test_a_wider_target_gets_the_shortest_vector_that_it_maps_to_the_same_point() -> None:
    target = side("center")
    weight, bias = side("center,unit", gaussian(6, 4, 3)).affine()
    composed, shift = compose(weight, bias, target)
    mapped, mean = UNSEEN @ weight.T + bias, ROWS.astype(np.float64).mean(axis=0)
    expected = np.linalg.lstsq(MATRIX.T.astype(np.float64), mapped.T, rcond=None)[0].T + mean
    np.testing.assert_allclose(UNSEEN @ composed.T + shift, expected, atol=1e-4)
    np.testing.assert_allclose((expected - mean) @ MATRIX, mapped, atol=1e-5)
