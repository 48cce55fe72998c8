"""The scan by way of bfloat16 proves what it answers, and says which it could not prove."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listening import reporting
from toys import gaussian, slow_best

from translator import threads
from translator.devices import BFLOAT16_FEATURES
from translator.retrieval import scan, scan_half, search, search_both
from translator.vectors import Floats
from translator.vectors.normalize import unit_rows

torch = pytest.importorskip("torch")


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many queries each scan in float32 was given."""
    asked: list[int] = []

    def counting(rows: Floats, *others: Any) -> Any:
        asked.append(len(rows))
        return scan.scan(rows, *others)

    monkeypatch.setattr(scan_half, "scan_singles", counting)
    return asked


def processor(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: dict.fromkeys(names, True), raising=False)


def bias(n: int, seed: int) -> Floats:
    """As those of CSLS: half of a mean cosine, taken away."""
    return np.random.default_rng(seed).uniform(-0.3, -0.1, n).astype(np.float32)


@pytest.mark.parametrize("k", [1, 10, 30])
@pytest.mark.parametrize("biased", [False, True])
def test_nearly_every_answer_is_proved_and_all_are_those_of_a_sort(
    k: int, biased: bool, anew: list[int]
) -> None:
    rows, columns = unit_rows(gaussian(2000, 40, 0)), unit_rows(gaussian(3000, 40, 1))
    biases = (bias(2000, 2), bias(3000, 3)) if biased else (None, None)
    found = scan_half.scan(rows, columns, k, k, *biases, 2**24)
    product = rows.astype(np.float64) @ columns.astype(np.float64).T
    for (indices, scores), exact in (
        (found[0], product + (biases[1] if biased else 0)),
        (found[1], product.T + (biases[0] if biased else 0)),
    ):
        expected, values = slow_best(exact, k)
        assert np.array_equal(indices, expected)
        np.testing.assert_allclose(scores, values, atol=1e-6)
    assert sum(anew) < 0.02 * (2000 + 3000)


def test_without_candidates_to_spare_much_is_scanned_anew(
    monkeypatch: pytest.MonkeyPatch, anew: list[int]
) -> None:
    monkeypatch.setattr(scan_half, "_more", lambda k: k)
    rows, columns = unit_rows(gaussian(200, 40, 0)), unit_rows(gaussian(300, 40, 1))
    (found, _), _ = scan_half.scan(rows, columns, 10, 0, None, None, 2**24)
    assert np.array_equal(found, slow_best(rows.astype(np.float64) @ columns.astype(np.float64).T, 10)[0])
    assert anew == [200]  # the last one kept is the k-th best itself


@pytest.mark.parametrize(
    "column", [-np.ones((50, 1)), np.ones((50, 1)), np.full((50, 1), 1e38), np.full((50, 1), 1e-38)]
)
def test_what_cannot_be_proved_is_scanned_anew(column: Floats, anew: list[int]) -> None:
    """Scores below zero, all equal, or beyond the range of numbers."""
    rows, columns = np.ones((20, 1), np.float32), column.astype(np.float32)
    assert np.array_equal(
        scan_half.scan(rows, columns, 3, 0, None, None, 2**20)[0][0], np.tile([0, 1, 2], (20, 1))
    )
    assert anew == [20]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**31), st.integers(1, 40), st.floats(-6, 6), st.booleans(), st.booleans())
def test_nothing_that_was_not_kept_scores_above_the_limit(
    seed: int, d: int, magnitude: float, own: bool, others: bool
) -> None:
    rng, size = np.random.default_rng(seed), np.float32(10**magnitude)
    rows, columns = gaussian(30, d, seed) * size, gaussian(60, d, seed + 1)
    # Rounding is at its worst just above a power of two
    columns[::2] = np.exp2(rng.integers(-2, 2, columns[::2].shape)) * (1 + rng.choice([2**-8.01, 2**-7], d))
    queries = scan_half._Side.of(rows, size * bias(30, seed) if own else None)
    candidates = scan_half._Side.of(columns, size * bias(60, seed) if others else None)
    blocks = scan_half._Halves(queries, candidates, 30, 60, 1)
    codes = blocks.product(slice(0, 30), slice(0, 60))
    approximate = np.where(codes > 0, blocks.values(codes), -np.inf)
    exact = rows.astype(np.float64) @ columns.astype(np.float64).T + (candidates.bias if others else 0)
    for kept in (1, 5, 20):
        indices, scores = slow_best(approximate, kept)
        left = np.ones(exact.shape, bool)
        np.put_along_axis(left, indices, False, axis=1)
        most = np.where(left, exact, -np.inf).max(axis=1)
        assert (most <= scan_half._limit(queries, candidates, scores.astype(np.float32))).all()


def test_the_limit_holds_where_every_rounding_takes_as_much_as_it_can() -> None:
    """257 ones are 256 in bfloat16, and each of them was nearly 1 + 2**-8 on both sides."""
    rows = np.full((1, 257), 1 + 2**-8.01, np.float32)
    side = scan_half._Side.of(rows, None)
    blocks = scan_half._Halves(side, side, 1, 1, 1)
    approximate = blocks.values(blocks.product(slice(0, 1), slice(0, 1)))
    assert approximate == 256
    assert scan_half._limit(side, side, approximate) >= rows.astype(np.float64)[0] @ rows[0] > 258.9


@pytest.mark.parametrize("cores", [1, 3])
def test_torch_has_its_threads_again_whatever_happens(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: cores)

    def interrupt(label: str, done: int, steps: int) -> None:
        raise KeyboardInterrupt

    rows, before = unit_rows(gaussian(2000, 4, 0)), torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        scan_half.scan(rows, rows, 2, 0, None, None, 2**24)
        assert torch.get_num_threads() == 2
        with pytest.raises(KeyboardInterrupt), reporting(interrupt):
            scan_half.scan(rows, rows, 2, 0, None, None, 2**24)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_it_is_for_large_products_on_processors_made_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Large:  # as much of a matrix as is looked at
        shape = (100_000, 300)

        def __len__(self) -> int:
            return self.shape[0]

    large: Any = Large()
    for name in BFLOAT16_FEATURES:
        processor(monkeypatch, name)
        assert scan_half.worthwhile(large, large, 10, 10, 2**29)
    small = gaussian(500, 30)
    assert not scan_half.worthwhile(small, small, 10, 10, 2**29)
    assert not scan_half.worthwhile(large, large, 10, 10, 2**26)  # no room for lists longer than asked
    processor(monkeypatch, "avx2")
    assert not scan_half.worthwhile(large, large, 10, 10, 2**29)
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    assert not scan_half.worthwhile(large, large, 10, 10, 2**29)


@pytest.mark.parametrize("by_half", [True, False])
def test_every_search_takes_it_where_it_is_worthwhile(
    by_half: bool, monkeypatch: pytest.MonkeyPatch, anew: list[int]
) -> None:
    monkeypatch.setattr(scan_half, "LEAST", 0)
    monkeypatch.setattr(scan_half, "_more", lambda k: k)
    processor(monkeypatch, *BFLOAT16_FEATURES[:by_half])
    rows, columns = unit_rows(gaussian(100, 20, 0)), unit_rows(gaussian(120, 20, 1))
    search(rows, columns, 5)
    search_both(rows, columns, 5)
    assert anew == ([100, 100, 120] if by_half else [])
