"""The blocked scans of numpy and torch equal a sort of everything, in any blocks and any memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listening import reporting
from toys import floats, gaussian, slow_best

from translator import threads
from translator.errors import DataError
from translator.retrieval import running_best, scan, search
from translator.retrieval.problem import SearchProblem
from translator.vectors import Floats

Scan = Callable[..., Any]


def on_torch(problem: SearchProblem) -> Any:
    torch = pytest.importorskip("torch")
    from translator.retrieval import scan_torch

    return scan_torch.scan(problem, torch.device("cpu"))


def by_half(problem: SearchProblem) -> Any:
    pytest.importorskip("torch")
    from translator.retrieval import scan_half

    return scan_half.scan(problem)


SCANNERS = [scan.scan, by_half, on_torch]


def whole(n: int, d: int, seed: int, top: int = 3) -> Floats:
    """Small whole numbers: every sum is exact in float32, and many scores are equal."""
    return np.random.default_rng(seed).integers(-top, top + 1, (n, d)).astype(np.float32)


def check(
    scanner: Scan, rows: Floats, columns: Floats, k: int, memory: int, biases: Any = (None, None)
) -> None:
    row_bias, column_bias = biases
    (best_columns, row_scores), (best_rows, column_scores) = scanner(
        SearchProblem(rows, columns, k, k, row_bias, column_bias, memory)
    )
    product = rows.astype(np.float64) @ columns.astype(np.float64).T
    ranked_columns = product + (0 if column_bias is None else column_bias)
    ranked_rows = product.T + (0 if row_bias is None else row_bias)
    for indices, scores, ranked in (
        (best_columns, row_scores, ranked_columns),
        (best_rows, column_scores, ranked_rows),
    ):
        expected, expected_scores = slow_best(ranked, min(k, ranked.shape[1]))
        assert (indices.dtype, scores.dtype) == (np.int64, np.float32)
        assert np.array_equal(scores, expected_scores)
        if scanner is on_torch:  # it may keep another of the candidates with equal scores at the k-th place
            assert np.array_equal(np.take_along_axis(ranked, indices, 1), scores)
        else:
            assert np.array_equal(indices, expected)


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize("k", [1, 3, 10, 1000])
@pytest.mark.parametrize("memory", [1, 20_000, 2**40])
def test_every_block_size_gives_the_answer_of_a_sort(
    scanner: Scan, k: int, memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "COLUMNS", 7)
    monkeypatch.setattr(running_best, "GROUPS", 2)
    if scanner is on_torch:
        pytest.importorskip("torch")
        monkeypatch.setattr("translator.retrieval.scan_torch.GROUP", 4)
        monkeypatch.setattr("translator.retrieval.scan_torch.WIDTH", 8)
    biases = whole(30, 1, 2)[:, 0], whole(40, 1, 3)[:, 0]
    check(scanner, whole(30, 4, 0), whole(40, 4, 1), k, memory)
    check(scanner, whole(30, 4, 0), whole(40, 4, 1), k, memory, biases)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 30),
    st.integers(1, 30),
    st.integers(1, 12),
    st.integers(0, 2**31),
    st.integers(1, 12),
    st.integers(1, 8),
    st.integers(1, 3000),
)
def test_ties_and_duplicates_come_by_ascending_row(
    n: int, m: int, k: int, seed: int, width: int, groups: int, memory: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "COLUMNS", width)
        patch.setattr(running_best, "GROUPS", groups)
        biases = whole(n, 1, seed + 2, 1)[:, 0], whole(m, 1, seed + 3, 1)[:, 0]
        check(scan.scan, whole(n, 2, seed, 1), whole(m, 2, seed + 1, 1), k, memory, biases)


def test_duplicates_of_one_row_are_listed_in_order() -> None:
    same = np.tile(floats([[1, 0]]), (6, 1))
    (columns, _), (rows, _) = scan.scan(SearchProblem(same[:2], same, 4, 2))
    assert columns.tolist() == [[0, 1, 2, 3]] * 2 and rows.tolist() == [[0, 1]] * 6


def test_ascending_scores_the_worst_case_for_a_running_best(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "COLUMNS", 8)
    columns = np.arange(100, dtype=np.float32)[:, None]
    check(scan.scan, np.ones((5, 1), np.float32), columns, 3, 300)
    check(scan.scan, np.ones((5, 1), np.float32), columns[::-1].copy(), 3, 300)


@pytest.mark.parametrize("scanner", SCANNERS)
def test_real_numbers_agree_with_doubles_up_to_rounding(scanner: Scan) -> None:
    rows, columns = gaussian(120, 30, 0), gaussian(9000, 30, 1)
    (found, scores), _ = scanner(SearchProblem(rows, columns, 10, memory=2**22))
    expected, exact = slow_best(rows.astype(np.float64) @ columns.astype(np.float64).T, 10)
    assert np.array_equal(found, expected)
    np.testing.assert_allclose(scores, exact, rtol=1e-5)


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize(("n", "m"), [(0, 5), (5, 0), (0, 0)])
def test_nothing_to_compare(scanner: Scan, n: int, m: int) -> None:
    rows, columns = np.zeros((n, 3), np.float32), np.zeros((m, 3), np.float32)
    (best_columns, _), (best_rows, _) = scanner(SearchProblem(rows, columns, 2, 2))
    assert best_columns.shape == (n, min(2, m)) and best_rows.shape == (m, min(2, n))


@pytest.mark.parametrize("cores", [1, 5, 16])
@pytest.mark.parametrize("megabytes", [4, 12])
def test_memory_stays_within_the_budget(megabytes: int, cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: cores)
    rows, columns = gaussian(2500, 8, 0), gaussian(9000, 8, 1)
    result = (2500 + 9000) * 10 * (8 + 4)
    tracemalloc.start()
    try:
        scan.scan(SearchProblem(rows, columns, 10, 10, memory=megabytes * 2**20))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < result + megabytes * 2**20


@pytest.mark.parametrize("name", ["nonsense", "cuda:99"])
def test_an_absent_device_is_a_data_error(name: str) -> None:
    pytest.importorskip("torch")
    with pytest.raises(DataError, match=f"device '{name}' cannot be used") as caught:
        search(gaussian(3, 2), gaussian(4, 2), 1, device=name)
    assert 'device="cpu"' in caught.value.hint


def test_cuda_without_a_gpu_is_a_data_error() -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(DataError, match="device 'cuda' cannot be used"):
        search(gaussian(3, 2), gaussian(4, 2), 1, device="cuda")


def test_cuda_gives_the_answer_of_the_cpu() -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no GPU here")
    rows, columns = gaussian(500, 30, 0), gaussian(2000, 30, 1)
    near, far = search(rows, columns, 10), search(rows, columns, 10, device="cuda")
    assert np.array_equal(near.indices, far.indices)
    np.testing.assert_allclose(near.scores, far.scores, rtol=1e-5)


@pytest.mark.parametrize("cores", [2, 3, 5])
def test_any_number_of_threads_gives_the_same(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: cores)
    monkeypatch.setattr(scan, "LEAST_ROWS", 4)
    monkeypatch.setattr(scan, "COLUMNS", 16)
    for memory in (20_000, 2**30):
        check(scan.scan, whole(33, 4, 0), whole(40, 4, 1), 6, memory, (whole(33, 1, 2)[:, 0], None))


def test_an_interruption_ends_every_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 2)
    monkeypatch.setattr(scan, "MAX_ROWS", 1)
    products = []
    matmul = np.matmul
    monkeypatch.setattr(scan.np, "matmul", lambda *a, **b: (products.append(1), matmul(*a, **b))[1])

    def interrupt(label: str, done: int, steps: int) -> None:
        if 0 < done < steps:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), reporting(interrupt):
        scan.scan(SearchProblem(whole(200_000, 2, 0), whole(4, 2, 1), 1))
    assert len(products) < 200_000  # of the 200,000 that both would have taken


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=30), st.integers(0, 2**32 - 31))
def test_keys_rise_with_the_score_and_fall_with_the_index(drawn: list[float], first: int) -> None:
    scores = np.array(drawn, np.float32)
    indices = first + np.arange(len(scores))
    keys = running_best.pack(indices, scores)
    assert np.array_equal(np.argsort(-keys), np.argsort(-scores, kind="stable"))
    assert np.array_equal(running_best.unpack_scores(keys), scores) and np.array_equal(
        running_best.unpack_indices(keys), indices
    )
