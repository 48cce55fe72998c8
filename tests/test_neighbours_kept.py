"""Recall@k kept against a plain loop, at its limits, and on input that does not fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from toys import Doubles, gaussian, names, of_widths

from translator.alignment import Alignment
from translator.errors import DataError
from translator.export import linear_map
from translator.neighbours_kept import neighbours_kept, shares_kept
from translator.pipeline import align
from translator.vectors import WordVectors

IDS = names(300, "row")
NEW, OLD = (WordVectors(IDS, side.matrix) for side in of_widths(16, 12, noise=0.5))
HELD_OUT = WordVectors(IDS[200:], NEW.matrix[200:])


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    return align(NEW.table(200), OLD, refine="none", rerank=False)


def nearest(query: Doubles, database: Doubles, own: int, k: int) -> set[int]:
    """The rows of the largest cosines, without the row itself."""
    cosines = [
        float(query @ row / np.linalg.norm(query) / np.linalg.norm(row)) if number != own else -2.0
        for number, row in enumerate(database)
    ]
    return set(sorted(range(len(cosines)), key=lambda number: -cosines[number])[:k])


@pytest.mark.parametrize("k", [1, 10])
def test_shares_against_a_plain_loop(alignment: Alignment, k: int) -> None:
    database = OLD.matrix.astype(np.float64)
    mapped = linear_map(alignment, space="target").apply(HELD_OUT.matrix).astype(np.float64)
    expected = [
        len(nearest(query, database, own, k) & nearest(database[own], database, own, k)) / k
        for own, query in enumerate(mapped, 200)
    ]
    found = neighbours_kept(alignment, HELD_OUT, k=k)
    assert found.kept.value == pytest.approx(np.mean(expected))
    assert found.kept.low < found.kept.value < found.kept.high
    assert (found.k, found.queries, found.candidates) == (k, 100, 300)
    assert f"recall@{k} {found.kept!r}; 100 queries, 300 candidates" in repr(found)


def test_the_true_vectors_keep_all_neighbours_and_others_a_share_by_chance() -> None:
    rows = np.arange(300)
    assert (shares_kept(OLD.matrix, OLD.matrix, rows, OLD.matrix, 10) == 1).all()
    unrelated = shares_kept(gaussian(300, 12, 9), OLD.matrix, rows, OLD.matrix, 10).mean()
    assert unrelated < 0.1


def test_rows_without_a_vector_or_an_id_in_the_database_are_left_out(alignment: Alignment) -> None:
    matrix = HELD_OUT.matrix.copy()
    matrix[0] = 0
    held_out = WordVectors([*IDS[200:250], *names(50, "unknown")], matrix)
    assert neighbours_kept(alignment, held_out).queries == 49


def test_what_does_not_fit_is_said(alignment: Alignment) -> None:
    with pytest.raises(DataError, match="no held-out vector has its id among the target vectors"):
        neighbours_kept(alignment, WordVectors(names(100, "unknown"), HELD_OUT.matrix))
    with pytest.raises(DataError, match="12 dimensions, expected 16"):
        neighbours_kept(alignment, OLD)
    few = replace(alignment, target=replace(alignment.target, limit=10))
    with pytest.raises(DataError, match="10 target vectors, expected more than k=10"):
        neighbours_kept(few, HELD_OUT)
