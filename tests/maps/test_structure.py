"""A map found from the two spaces alone."""

from __future__ import annotations

import numpy as np
import pytest
from toys import Doubles, gaussian, rotation, slow_csls

from translator.maps.base import Spaces
from translator.maps.structure import _best_pairs, _csls, _profile, from_structure
from translator.vectors.normalize import unit_rows


@pytest.mark.parametrize("seed", [0, 1])
def test_a_rotated_space_in_another_order_is_found(seed: int) -> None:
    source, order = gaussian(250, 10), np.random.default_rng(5).permutation(250)
    spaces = Spaces(unit_rows(source), unit_rows(source[order] @ rotation(10)))
    maps = from_structure(spaces, seed)
    np.testing.assert_allclose(maps.source, rotation(10), atol=1e-4)
    assert np.array_equal(maps.target, np.eye(10))
    assert all(record.method == "structure" for record in maps.history)


def test_only_the_frequent_words_of_both_sides_are_looked_at() -> None:
    source, other = unit_rows(gaussian(90, 6)), unit_rows(gaussian(200, 6, 9))
    target = unit_rows(source[:60] @ rotation(6))
    longer = Spaces(source, np.concatenate([target, other]))
    assert np.array_equal(
        from_structure(longer, words=60).source, from_structure(Spaces(source[:60], target)).source
    )


def test_profiles_are_sorted_roots_of_the_similarities() -> None:
    rows = unit_rows(gaussian(30, 5)).astype(np.float64)
    values, axes = np.linalg.eigh(rows @ rows.T)
    root: Doubles = np.sort(axes * np.sqrt(np.maximum(values, 0)) @ axes.T, axis=1)
    root /= np.linalg.norm(root, axis=1, keepdims=True)
    root -= root.mean(axis=0)
    root /= np.linalg.norm(root, axis=1, keepdims=True)
    np.testing.assert_allclose(_profile(rows.astype(np.float32)), root, atol=1e-4)


def test_scores_are_those_of_csls() -> None:
    source, target = unit_rows(gaussian(30, 5, 0)), unit_rows(gaussian(40, 5, 1))
    np.testing.assert_allclose(_csls(source @ target.T), slow_csls(source, target, 10), atol=1e-5)
    few = slow_csls(source[:4], target[:3], 3)
    np.testing.assert_allclose(_csls(source[:4] @ target[:3].T), few, atol=1e-5)


def test_pairs_are_the_best_of_both_sides_among_a_share() -> None:
    scores = gaussian(20, 15)
    pairs = _best_pairs(scores, np.random.default_rng(0), 1.0)
    assert pairs[:20].tolist() == [[row, scores[row].argmax()] for row in range(20)]
    assert pairs[20:].tolist() == [[scores[:, column].argmax(), column] for column in range(15)]
    seen = np.random.default_rng(0).random(scores.shape, np.float32) < 0.3
    for row, column in _best_pairs(scores, np.random.default_rng(0), 0.3)[:20]:
        shown = np.flatnonzero(seen[row])
        assert not len(shown) or column == max(shown, key=lambda one: scores[row, one])
    for row, column in _best_pairs(scores, np.random.default_rng(0), 0.3)[20:]:
        shown = np.flatnonzero(seen[:, column])
        assert not len(shown) or row == max(shown, key=lambda one: scores[one, column])
    assert 0 < seen.mean() < 0.5
