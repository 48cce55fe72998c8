"""Loops are reported to whoever listens, and to nobody else."""

from __future__ import annotations

from translator.progress import reporting, track


def test_each_item_is_reported() -> None:
    seen: list[tuple[str, int, int]] = []
    with reporting(lambda *report: seen.append(report)):
        assert list(track("abc", "spelling")) == ["a", "b", "c"]
    assert seen == [("spelling", done, 3) for done in range(4)]


def test_a_loop_left_early_is_reported_as_done() -> None:
    seen: list[tuple[str, int, int]] = []
    with reporting(lambda *report: seen.append(report)):
        for item in track(range(9), "searching"):
            if item == 1:
                break
    assert seen[-1] == ("searching", 9, 9)


def test_nobody_listens() -> None:
    seen: list[tuple[str, int, int]] = []
    with reporting(lambda *report: seen.append(report)):
        pass
    assert list(track([1, 2], "alone")) == [1, 2]
    assert not seen
