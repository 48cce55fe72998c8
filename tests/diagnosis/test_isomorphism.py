"""Laplacian eigenvalues against loops, the gap against its formula, and laws that both measures obey."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from toys import dictionary, gaussian, rotated, rotation

from translator.diagnosis.isomorphism import (
    GRAPH_WORDS,
    REFERENCES,
    eigenvalue_divergence,
    isomorphism,
    laplacian_eigenvalues,
    singular_value_gap,
    singular_values,
)
from translator.options import Options
from translator.pipeline import align
from translator.vectors import Floats
from translator.vectors.normalize import unit_rows

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "diagnosis.json"


def slow_eigenvalues(rows: Floats, neighbours: int) -> list[float]:
    """Every edge in a set, every entry of the Laplacian by hand, eigenvalues of a general matrix."""
    size = len(rows)
    edges: set[frozenset[int]] = set()
    for word in range(size):
        others = [other for other in range(size) if other != word]
        others.sort(key=lambda other: -float(np.dot(rows[word].astype(np.float64), rows[other])))
        edges |= {frozenset((word, other)) for other in others[:neighbours]}
    laplacian = np.zeros((size, size))
    for one, other in map(tuple, edges):
        laplacian[one, other] = laplacian[other, one] = -1
        laplacian[one, one] += 1
        laplacian[other, other] += 1
    return sorted(np.linalg.eigvals(laplacian).real.tolist(), reverse=True)


@pytest.mark.parametrize("neighbours", [1, 3, 10])
def test_eigenvalues_against_loops(neighbours: int) -> None:
    rows = unit_rows(gaussian(60, 8))
    found = laplacian_eigenvalues(rows, neighbours)
    assert found == pytest.approx(slow_eigenvalues(rows, neighbours), abs=1e-6)
    assert found[-1] == pytest.approx(0, abs=1e-9)


def test_a_graph_that_joins_all_has_known_eigenvalues() -> None:
    assert laplacian_eigenvalues(unit_rows(gaussian(7, 5)), 10) == pytest.approx([7] * 6 + [0], abs=1e-9)


def test_a_word_twice_is_its_own_neighbour_no_more_than_once() -> None:
    rows = np.repeat(unit_rows(gaussian(20, 6)), 2, axis=0)  # each word has a double at cosine 1
    assert laplacian_eigenvalues(rows, 1)[:20] == pytest.approx([2] * 20)


def test_divergence_compares_the_eigenvalues_that_make_up_nine_tenths() -> None:
    source, target = np.array([6.0, 3, 1, 0]), np.array([4.0, 3, 3, 0])
    assert eigenvalue_divergence(source, target) == (4 + 0, 2)  # 6 + 3 of 10 are enough on the left
    assert eigenvalue_divergence(target, source) == (4 + 0, 2)
    assert eigenvalue_divergence(target, target) == (0, 3)


def test_the_gap_is_its_formula() -> None:
    one, other = singular_values(gaussian(50, 6)), singular_values(gaussian(40, 6, seed=1))
    expected = sum((math.log(a) - math.log(b)) ** 2 for a, b in zip(one, other, strict=True))
    assert singular_value_gap(one, other) == pytest.approx(expected) and expected > 0
    assert singular_value_gap(one, np.e * one) == pytest.approx(6)


def test_singular_values_are_those_of_any_number_of_like_words() -> None:
    rows = gaussian(50, 6)
    assert singular_values(np.repeat(rows, 3, axis=0)) == pytest.approx(singular_values(rows), rel=1e-5)
    assert singular_values(rows) == pytest.approx(
        np.sqrt(np.linalg.eigvalsh(rows.T.astype(np.float64) @ rows / 50)[::-1]), rel=1e-4
    )


def test_directions_that_a_space_does_not_use_are_left_out() -> None:
    rows = gaussian(50, 6)
    rows[:, 4:] = 0
    assert len(singular_values(rows)) == 4
    assert np.isfinite(singular_value_gap(singular_values(rows), singular_values(gaussian(50, 6))))


def test_a_rotation_changes_neither_measure() -> None:
    found = isomorphism(align(*rotated(300, 20), dictionary(range(50)), Options(refine="none")))
    assert found.eigenvalue_divergence == pytest.approx(0, abs=1e-6)
    assert found.singular_value_gap == pytest.approx(0, abs=1e-6)
    assert (found.graph_words, found.spectrum_words) == (300, 300)
    noisy = isomorphism(align(*rotated(300, 20, noise=1.0), dictionary(range(50)), Options(refine="none")))
    assert noisy.eigenvalue_divergence > 5 and noisy.singular_value_gap > 0.1


def test_maps_play_no_part() -> None:
    source, target = rotated(120, 8, noise=0.5)
    plain = align(source, target, dictionary(range(60)), Options(refine="none"))
    turned = align(type(source)(source.words, source.matrix @ rotation(8)), target, dictionary(range(40)))
    one, other = isomorphism(plain), isomorphism(turned)
    assert one.eigenvalue_divergence == pytest.approx(other.eigenvalue_divergence, rel=1e-6)
    assert one.singular_value_gap == pytest.approx(other.singular_value_gap, rel=1e-3)


def test_the_references_are_what_was_measured() -> None:
    study = json.loads(RESULTS.read_text("utf-8"))
    rows = sorted([study["halves"], *study["rows"]], key=lambda row: row["eigenvalue_divergence"])
    assert study["words"] == GRAPH_WORDS and len(rows) == len(REFERENCES)
    for row, one in zip(rows, REFERENCES, strict=True):
        assert 0.95 * row["eigenvalue_divergence"] < one.divergence <= row["eigenvalue_divergence"]
        assert one.gap == pytest.approx(row["singular_value_gap"], abs=0.005)
        assert one.p_at_1 == (None if "pair" not in row else pytest.approx(row["p_at_1"], abs=0.0005))
