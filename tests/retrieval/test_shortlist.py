"""Shortlists: by proof the same neighbours as a full scan, and far fewer rows scanned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import gaussian

from translator.retrieval import search, shortlist
from translator.retrieval.shortlist import Shortlist
from translator.vectors import Floats
from translator.vectors.normalize import unit_rows

CANDIDATES = unit_rows(gaussian(900, 12, 0))


@pytest.fixture(autouse=True)
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortlist, "SHORTEST", 8)


def moves(seed: int, sizes: list[float]) -> list[Floats]:
    """Queries that are turned, stretched and even reversed from one search to the next."""
    rng = np.random.default_rng(seed)
    queries = [rng.standard_normal((40, 12)).astype(np.float32)]
    for size in sizes:
        noise = rng.standard_normal((40, 12)) * abs(size)
        queries.append((queries[-1] * np.sign(size) * rng.uniform(0.5, 2) + noise).astype(np.float32))
    return queries


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 2**31),
    st.lists(st.sampled_from([0.0, 0.02, 0.3, 2.0, -0.1]), max_size=4),
    st.integers(1, 5),
)
def test_with_the_whole_bound_every_answer_is_that_of_a_scan(seed: int, sizes: list[float], k: int) -> None:
    kept = Shortlist(CANDIDATES, k, slack=1.0)
    for queries in moves(seed, sizes):
        found, expected = kept.search(queries), search(queries, CANDIDATES, k)
        np.testing.assert_allclose(found.scores, expected.scores, atol=1e-5, rtol=1e-5)
        picked = np.einsum("nkd,nd->nk", CANDIDATES[found.indices], queries)
        np.testing.assert_allclose(picked, expected.scores, atol=1e-5, rtol=1e-5)


def test_few_candidates_are_all_on_the_list() -> None:
    kept = Shortlist(CANDIDATES[:6], 3)
    for queries in moves(1, [0.5, -1.0]):
        assert np.array_equal(kept.search(queries).indices, search(queries, CANDIDATES[:6], 3).indices)


def test_queries_that_barely_move_or_only_grow_are_not_scanned_again(monkeypatch: pytest.MonkeyPatch) -> None:
    scanned = []

    def counted(queries: Floats, *rest: Any, **options: Any) -> Any:
        scanned.append(len(queries))
        return search(queries, *rest, **options)

    monkeypatch.setattr(shortlist, "search", counted)
    kept, queries = Shortlist(CANDIDATES, 3), gaussian(200, 12, 5)
    for step in range(10):
        kept.search(queries * np.float32(1 + step) + np.float32(0.003 * step) * gaussian(200, 12, step))
    assert scanned[0] == 200 and sum(scanned[1:]) < 0.1 * 9 * 200
    kept.search(-queries)  # everything is elsewhere now
    assert scanned[-1] == 200
