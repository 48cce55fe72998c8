"""The summary of benchmark runs: parts of the words by a loop, the paired test by every sign there is."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from benchmarks.comparison import MAP, OURS, packed, paired, summary, unpacked
from benchmarks.tables.headline import headline, insert
from benchmarks.tables.lexicon import bli

ROWS = [10, 1999, 2000, 7000, 30_000]
LISTED = [1, 2, 5, 1, 3]


def record(system: str, ranks: list[int], draw: int = 0, **more: Any) -> dict[str, Any]:
    given = {"csls": ranks, "cosine": [1] * 5, **more.pop("orders", {})}
    cost = {"wall": 1.0, "cpu": 2.0, "peak": 3.0}
    task = {"system": system, "pair": "en-fr", "seeds": "1000", "draw": draw}
    return {**task, "ranks": given, "rows": ROWS, "listed": LISTED, "cost": cost, **more}


def test_a_run_of_ours_is_the_lexicon_and_the_map_alone() -> None:
    found = summary(
        [record(OURS, [2, 1, 0, 1, 1], orders={"reranked": [1, 1, 0, 1, 3]}, probability=[0.9] * 5)]
    )
    first, second = found["rows"]
    assert (first["system"], second["system"]) == (OURS, MAP)
    assert (first["p_at_1"]["value"], second["p_at_1"]["value"]) == (0.6, 0.6)
    assert first["mrr"]["value"] == pytest.approx((3 + 1 / 3) / 5) and first["p_at_5"]["value"] == 0.8
    assert [part["words"] for part in first["bands"]] == [2, 1, 1, 1]
    assert [part["p_at_1"] for part in first["bands"]] == [1.0, 0.0, 1.0, 0.0]
    assert [(part["words"], part["p_at_1"]) for part in first["listed"]] == [(2, 1.0), (1, 1.0), (2, 0.0)]
    assert first["calibration"]["error"] == pytest.approx(0.5, abs=0.2) and "calibration" not in second


def test_ours_is_compared_with_the_nearest_peer_on_the_draws_that_both_have() -> None:
    runs = [
        record(OURS, [1, 1, 1, 1, 0]),
        record(OURS, [1, 1, 0, 0, 0], draw=1),
        record("once", [1, 1, 0, 0, 0]),
        record("twice", [1, 1, 1, 0, 0]),
        record("twice", [0, 0, 0, 0, 0], draw=1),
        record("elsewhere", [1, 1, 1, 1, 1], draw=2),
    ]
    for chosen, peer, less in ((runs, "twice", 0.3), (runs[:4], "twice", 0.2), (runs[:3], "once", 0.4)):
        for one in summary(chosen)["comparisons"]:
            assert (one["peer"], one["value"]) == (peer, pytest.approx(less))
    assert not summary(runs[2:])["comparisons"] and not summary([*runs[:2], runs[-1]])["comparisons"]


def test_a_later_summary_keeps_what_was_not_run_again() -> None:
    died = {"failed": "died"}
    runs = [record(OURS, [1, 0, 0, 0, 0]), record("peer", [1, 1, 1, 0, 0]), record("slow", [0] * 5) | died]
    others = [one | {"pair": "en-fi"} for one in runs]
    later = [record(OURS, [1, 1, 1, 1, 0]), record("slow", [0] * 5)]
    together = summary(later, summary([*runs, *others]))
    assert together == summary([*later, runs[1], *others])  # as if all had been run at once
    assert [one["value"] for one in together["comparisons"] if one["pair"] == "en-fr"] == [
        pytest.approx(0.2)
    ] * 2
    assert [one["pair"] for one in together["failed"]] == ["en-fi"]


def test_the_hits_of_a_run_are_kept_to_the_word() -> None:
    for length in (1, 8, 13):
        right = np.random.default_rng(length).random(length) < 0.5
        assert unpacked({"hits": packed(right), "words": length}).tolist() == right.tolist()


def test_the_p_value_is_the_share_of_signs_as_extreme() -> None:
    difference = np.array([1.0, 1, 1, 0, -1, 1, 1, 0.5])
    sums = [abs(np.dot(signs, difference)) for signs in product((-1, 1), repeat=8)]
    exact = np.mean(np.array(sums) >= abs(difference.sum()))
    assert paired(difference)["p"] == pytest.approx(exact, abs=0.01)
    assert paired(np.zeros(20))["p"] == 1.0


def test_the_tables_bold_the_best_and_name_failures() -> None:
    runs = [record(OURS, [1, 1, 0, 0, 0]), record("peer", [1, 1, 1, 0, 0])]
    failed = {"system": "slow", "pair": "en-fr", "seeds": "1000", "draw": 0, "failed": "timed out"}
    page = "\n".join(bli({"title": "toys", "note": "", **summary([*runs, failed])}))
    assert "| peer | **60.0** | **60.0** |" in page and f"| {OURS} | 40.0 | 40.0 |" in page
    assert "slow (en-fr, 1000)" in page and "-20.0 (" in page


def test_the_headline_has_the_best_peer_that_was_run_on_every_pair() -> None:
    right, some, none = [1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]
    other: dict[str, Any] = {"pair": "en-fi"}
    runs = [
        record(OURS, right),
        record(OURS, none, draw=1),  # draws of one pair are averaged before pairs are
        {**record(OURS, right), **other},
        record("everywhere", some),
        {**record("everywhere", some), **other},
        {**record("once", right), **other},
        record("failed", some),
        {**record("failed", none), "failed": "died", **other},
    ]
    shown = headline([summary(runs)]).splitlines()
    assert shown[0] == "| dictionary | en, fi, fr (2 directions) |"
    assert shown[3] == "| 1,000 source words | **75.0** / 40.0 (everywhere) |"
    assert shown[2] == "| all training pairs | - |"


def test_only_the_headline_is_in_its_place() -> None:
    page = "a\n<!-- headline: how -->\nold\nlines\n<!-- /headline -->\nb\n"
    assert insert(page, "new") == "a\n<!-- headline: how -->\nnew\n<!-- /headline -->\nb\n"
    assert insert(insert(page, "new"), "new") == insert(page, "new")
