"""The scan by way of bfloat16 proves its results, and scans in float32 the queries it could not prove."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listening import reporting
from toys import gaussian, slow_best

from translator import threads
from translator.devices import BFLOAT16_FEATURES
from translator.retrieval import half_precision, scan, search, search_both
from translator.retrieval.problem import SearchProblem
from translator.vectors import Floats
from translator.vectors.normalize import unit_rows

torch = pytest.importorskip("torch")

from translator.retrieval import scan_half  # noqa: E402


@pytest.fixture
def scanned_again(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that receives the number of queries of each scan in float32."""
    numbers: list[int] = []

    def counted(problem: SearchProblem) -> Any:
        numbers.append(len(problem.rows))
        return scan.scan(problem)

    monkeypatch.setattr(scan_half, "float_scan", counted)
    return numbers


def processor(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: dict.fromkeys(names, True), raising=False)


def bias(n: int, seed: int) -> Floats:
    """Return a bias like that of CSLS: minus half of a mean cosine."""
    return np.random.default_rng(seed).uniform(-0.3, -0.1, n).astype(np.float32)


@pytest.mark.parametrize("k", [1, 10, 30])
@pytest.mark.parametrize("biased", [False, True])
def test_nearly_every_answer_is_proved_and_all_are_those_of_a_sort(
    k: int, biased: bool, scanned_again: list[int]
) -> None:
    rows, columns = unit_rows(gaussian(2000, 40, 0)), unit_rows(gaussian(3000, 40, 1))
    biases = (bias(2000, 2), bias(3000, 3)) if biased else (None, None)
    found = scan_half.scan(SearchProblem(rows, columns, k, k, *biases))
    product = rows.astype(np.float64) @ columns.astype(np.float64).T
    for (indices, scores), exact in (
        (found[0], product + (biases[1] if biased else 0)),
        (found[1], product.T + (biases[0] if biased else 0)),
    ):
        expected, values = slow_best(exact, k)
        assert np.array_equal(indices, expected)
        np.testing.assert_allclose(scores, values, atol=1e-6)
    assert sum(scanned_again) < 0.02 * (2000 + 3000)


def test_without_longer_lists_every_query_is_scanned_again(
    monkeypatch: pytest.MonkeyPatch, scanned_again: list[int]
) -> None:
    monkeypatch.setattr(half_precision, "longer", lambda k: k)
    rows, columns = unit_rows(gaussian(200, 40, 0)), unit_rows(gaussian(300, 40, 1))
    (found, _), _ = scan_half.scan(SearchProblem(rows, columns, 10))
    assert np.array_equal(found, slow_best(rows.astype(np.float64) @ columns.astype(np.float64).T, 10)[0])
    assert scanned_again == [200]  # the last one kept is the k-th best itself


@pytest.mark.parametrize(
    "column", [-np.ones((50, 1)), np.ones((50, 1)), np.full((50, 1), 1e38), np.full((50, 1), 1e-38)]
)
def test_queries_that_cannot_be_proved_are_scanned_again(column: Floats, scanned_again: list[int]) -> None:
    """Scores below zero, all equal, or beyond the range of numbers."""
    rows, columns = np.ones((20, 1), np.float32), column.astype(np.float32)
    (found, _), _ = scan_half.scan(SearchProblem(rows, columns, 3))
    assert np.array_equal(found, np.tile([0, 1, 2], (20, 1)))
    assert scanned_again == [20]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**31), st.integers(1, 40), st.floats(-6, 6), st.booleans(), st.booleans())
def test_no_candidate_that_was_not_kept_scores_above_the_bound(
    seed: int, d: int, magnitude: float, biased_rows: bool, biased_columns: bool
) -> None:
    rng, size = np.random.default_rng(seed), np.float32(10**magnitude)
    rows, columns = gaussian(30, d, seed) * size, gaussian(60, d, seed + 1)
    # Rounding is at its worst just above a power of two
    columns[::2] = np.exp2(rng.integers(-2, 2, columns[::2].shape)) * (1 + rng.choice([2**-8.01, 2**-7], d))
    queries = scan_half.RoundedSide.of(rows, size * bias(30, seed) if biased_rows else None)
    candidates = scan_half.RoundedSide.of(columns, size * bias(60, seed) if biased_columns else None)
    blocks = scan_half.HalfBlocks(queries, candidates, 30, 60, 1)
    codes = blocks.product(slice(0, 30), slice(0, 60))
    approximate = np.where(codes > 0, blocks.values(codes), -np.inf)
    exact = rows.astype(np.float64) @ columns.astype(np.float64).T + (
        candidates.bias if biased_columns else 0
    )
    for kept in (1, 5, 20):
        indices, scores = slow_best(approximate, kept)
        left = np.ones(exact.shape, bool)
        np.put_along_axis(left, indices, False, axis=1)
        most = np.where(left, exact, -np.inf).max(axis=1)
        assert (most <= scan_half.upper_bound(queries, candidates, scores.astype(np.float32))).all()


def test_the_bound_holds_where_every_rounding_error_is_as_large_as_possible() -> None:
    """257 ones are 256 in bfloat16, and each of them was nearly 1 + 2**-8 on both sides."""
    rows = np.full((1, 257), 1 + 2**-8.01, np.float32)
    side = scan_half.RoundedSide.of(rows, None)
    blocks = scan_half.HalfBlocks(side, side, 1, 1, 1)
    approximate = blocks.values(blocks.product(slice(0, 1), slice(0, 1)))
    assert approximate == 256
    assert scan_half.upper_bound(side, side, approximate) >= rows.astype(np.float64)[0] @ rows[0] > 258.9


@pytest.mark.parametrize("cores", [1, 3])
def test_the_threads_of_torch_are_restored_even_after_an_interruption(
    cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "cores", lambda: cores)

    def interrupt(label: str, done: int, steps: int) -> None:
        raise KeyboardInterrupt

    rows, before = unit_rows(gaussian(2000, 4, 0)), torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        scan_half.scan(SearchProblem(rows, rows, 2))
        assert torch.get_num_threads() == 2
        with pytest.raises(KeyboardInterrupt), reporting(interrupt):
            scan_half.scan(SearchProblem(rows, rows, 2))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_half_precision_is_for_large_products_on_processors_with_bfloat16(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matrix = np.broadcast_to(np.float32(0), (100_000, 300))  # takes no memory
    large = SearchProblem(matrix, matrix, 10, 10)
    for name in BFLOAT16_FEATURES:
        processor(monkeypatch, name)
        assert half_precision.worthwhile(large)
    small = SearchProblem(gaussian(500, 30), gaussian(500, 30), 10, 10)
    assert not half_precision.worthwhile(small)
    assert not half_precision.worthwhile(replace(large, memory=2**26))  # too little for the longer lists
    processor(monkeypatch, "avx2")
    assert not half_precision.worthwhile(large)
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    assert not half_precision.worthwhile(large)


@pytest.mark.parametrize("by_half", [True, False])
def test_every_search_uses_half_precision_where_it_is_worthwhile(
    by_half: bool, monkeypatch: pytest.MonkeyPatch, scanned_again: list[int]
) -> None:
    monkeypatch.setattr(half_precision, "LEAST", 0)
    monkeypatch.setattr(half_precision, "longer", lambda k: k)
    processor(monkeypatch, *BFLOAT16_FEATURES[:by_half])
    rows, columns = unit_rows(gaussian(100, 20, 0)), unit_rows(gaussian(120, 20, 1))
    search(rows, columns, 5)
    search_both(rows, columns, 5)
    assert scanned_again == ([100, 100, 120] if by_half else [])
