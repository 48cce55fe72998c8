"""Whose loops are drawn, and when."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stderr

import pytest
from listening import Reporter, reporting

from translator.progress import drawing, progress_bars, track, with_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw every step of every loop, however short."""
    monkeypatch.setattr("translator.progress._BAR", {"leave": False, "mininterval": 0})


@with_progress
def total(numbers: list[int], *, show_progress: bool | None = None) -> int:
    return sum(track(numbers, "adding"))


@pytest.mark.parametrize(
    ("stream", "show", "drawn"),
    [
        (Terminal(), None, True),
        (Terminal(), True, True),
        (Terminal(), False, False),
        (io.StringIO(), None, False),
        (io.StringIO(), True, True),
        (io.StringIO(), False, False),
    ],
)
def test_bars_on_a_terminal_and_in_a_file(stream: io.StringIO, show: bool | None, drawn: bool) -> None:
    with redirect_stderr(stream):
        assert total([1, 2, 3], show_progress=show) == 6
    assert ("adding:  67%" in stream.getvalue()) == drawn


def test_no_choice_means_that_of_the_surrounding_block() -> None:
    with redirect_stderr(Terminal()) as terminal:
        with progress_bars(False):
            total([1, 2, 3])
            with progress_bars():
                total([1, 2, 3])
        with drawing(None):
            total([1, 2, 3])
        assert not terminal.getvalue()
        with progress_bars(False):
            total([1, 2, 3], show_progress=True)
        assert terminal.getvalue()


def test_a_loop_without_a_choice_is_silent() -> None:
    with redirect_stderr(Terminal()) as terminal:
        assert list(track([1, 2], "alone")) == [1, 2]
    assert not terminal.getvalue()


def test_no_stderr_is_no_terminal() -> None:
    with redirect_stderr(None):
        assert total([1, 2]) == 3


def test_each_item_is_reported_once() -> None:
    seen: list[tuple[str, int, int]] = []
    report: Reporter = lambda *step: seen.append(step)  # noqa: E731
    with reporting(report):
        assert list(track("abc", "spelling")) == ["a", "b", "c"]
    assert seen == [("spelling", done, 3) for done in range(4)]


def test_a_bar_ends_with_a_loop_that_is_left_early() -> None:
    with redirect_stderr(Terminal()) as terminal, progress_bars(True):
        for item in track(range(9), "searching"):
            if item == 4:
                break
    assert terminal.getvalue().endswith("\r") and not terminal.getvalue().split("\r")[-2].strip()


def test_tqdm_is_loaded_by_the_first_bar_only() -> None:
    code = "import sys, translator.progress as p; list(p.track([1], 'x')); assert 'tqdm' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
