"""Recipes: what each step does, what travels with a map, and which recipes fold into one shift."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import floats, gaussian

from translator.errors import DataError
from translator.vectors.normalize import NormalizationStep, Normalizer, parse_normalization, unit_rows

ROWS, UNSEEN = gaussian(40, 6, 0), gaussian(7, 6, 1)

recipes = st.lists(st.sampled_from(["unit", "center"]), max_size=4).map(tuple)


def test_unit_rows_keep_direction_and_zeros() -> None:
    rows = floats([[3, 4], [0, 0], [-0.5, 0]])
    np.testing.assert_allclose(unit_rows(rows), floats([[0.6, 0.8], [0, 0], [-1, 0]]), rtol=1e-6)
    assert rows[0, 0] == 3, "the input must stay as it was"


@settings(deadline=None)
@given(recipes)
def test_a_recipe_is_its_steps_one_by_one(steps: tuple[NormalizationStep, ...]) -> None:
    normalizer = Normalizer.fit(ROWS, steps)
    rows, unseen = ROWS.astype(np.float64), UNSEEN.astype(np.float64)
    for step in steps:
        if step == "unit":
            rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
            unseen = unseen / np.linalg.norm(unseen, axis=1, keepdims=True)
        else:
            rows, unseen = rows - rows.mean(axis=0), unseen - rows.mean(axis=0)
    np.testing.assert_allclose(normalizer.apply(ROWS), rows, atol=1e-5)
    np.testing.assert_allclose(normalizer.apply(UNSEEN), unseen, atol=1e-5)


@settings(deadline=None)
@given(recipes)
def test_storing_and_restoring_loses_nothing(steps: tuple[NormalizationStep, ...]) -> None:
    normalizer = Normalizer.fit(ROWS, steps)
    restored = Normalizer.restore(steps, normalizer.tensors())
    assert restored.steps == steps and len(restored.means) == steps.count("center")
    assert np.array_equal(restored.apply(UNSEEN), normalizer.apply(UNSEEN))


@settings(deadline=None)
@given(recipes)
def test_the_offset_points_where_the_recipe_does_or_is_refused(steps: tuple[NormalizationStep, ...]) -> None:
    normalizer = Normalizer.fit(ROWS, steps)
    try:
        offset = normalizer.offset
    except DataError as error:
        assert "scales rows between two shifts" in error.message
        assert len(steps) > 2 and "center" in steps
        return
    rows = unit_rows(UNSEEN) if normalizer.unit_input else UNSEEN
    np.testing.assert_allclose(unit_rows(rows - offset), unit_rows(normalizer.apply(UNSEEN)), atol=1e-5)


@pytest.mark.parametrize(
    ("recipe", "folds", "unit_input"),
    [
        ("none", True, False),
        ("unit", True, False),
        ("center,unit", True, False),
        ("unit,center", True, True),
        ("unit,center,unit", True, True),
        ("center,unit,center", False, False),
        ("unit,center,unit,center", False, True),
    ],
)
def test_which_recipes_fold(recipe: str, folds: bool, unit_input: bool) -> None:
    normalizer = Normalizer.fit(ROWS, parse_normalization(recipe))
    assert normalizer.unit_input == unit_input
    if folds:
        assert normalizer.offset.dtype == np.float32
    else:
        with pytest.raises(DataError, match=f"normalisation {recipe} scales rows"):
            _ = normalizer.offset


def test_recipes_in_words() -> None:
    assert parse_normalization(" unit , center,unit") == ("unit", "center", "unit")
    assert parse_normalization("none") == parse_normalization("") == ()
    with pytest.raises(DataError, match="unknown normalisation step 'centre'") as caught:
        parse_normalization("unit,centre")
    assert caught.value.hint == "Known steps: unit, center."


def test_a_stored_recipe_that_lacks_its_mean() -> None:
    with pytest.raises(DataError, match=r"center,center lacks its tensor 'mean\.1'"):
        Normalizer.restore(["center", "center"], {"mean.0": np.zeros(3, np.float32)})


def test_a_stored_recipe_with_an_unknown_step() -> None:
    with pytest.raises(DataError, match="unknown normalisation step 'whiten'"):
        Normalizer.restore(["whiten"], {})
