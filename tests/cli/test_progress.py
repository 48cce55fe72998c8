"""Progress of a command: bars on a terminal, lines elsewhere, and nothing left of either."""

from __future__ import annotations

import io

import pytest
from translator_cli import console, progress

from translator.progress import drawing, track


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw every step of every loop, however short."""
    monkeypatch.setenv("TQDM_MININTERVAL", "0")
    monkeypatch.setattr("translator.progress._BAR", {"leave": False, "mininterval": 0})
    monkeypatch.setattr(progress, "INTERVAL", 0)


def shown(stream: io.StringIO) -> list[str]:
    """What stood on the line at each moment, control codes left out."""
    return [text.strip() for text in stream.getvalue().replace("\x1b[A", "").split("\r") if text.strip()]


@pytest.mark.usefixtures("at_once")
def test_a_terminal_shows_the_phase_and_the_loops_and_is_left_empty() -> None:
    stream = Terminal()
    drawn = progress.Progress(stream)
    drawn.phase("reading en.vec")
    drawn.phase("aligning")
    with drawing(drawn.track):
        for _ in track("ab", "outer"):
            assert list(track([1, 2, 3], "inner")) == [1, 2, 3]
    drawn.close()
    states = shown(stream)
    assert states[:2] == ["reading en.vec", "aligning"]
    assert any(state.startswith("inner:  67%") for state in states)
    assert any(state.startswith("outer:  50%") and "1/2" in state for state in states)
    assert not stream.getvalue().rpartition("\r")[0].rpartition("\r")[2].strip(), "the last line is blank"


@pytest.mark.usefixtures("at_once")
def test_a_file_gets_a_line_for_each_state_and_no_phase() -> None:
    stream = io.StringIO()
    drawn = progress.Progress(stream)
    drawn.phase("aligning")
    with drawing(drawn.track):
        list(track("ab", "refining"))
    drawn.close()
    lines = stream.getvalue().splitlines()
    assert "\r" not in stream.getvalue() and stream.getvalue().isascii()
    assert [line[:14] for line in lines] == ["refining:   0%", "refining:  50%", "refining: 100%"]
    assert all(len(line) <= 80 for line in lines)


def test_a_file_gets_nothing_of_short_loops() -> None:
    stream = io.StringIO()
    with drawing(progress.Progress(stream).track):
        list(track("ab", "refining"))
    assert stream.getvalue() == ""


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("quiet", [False, True])
def test_quiet_shows_no_progress(quiet: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with console.Console(quiet=quiet) as speaker:
        speaker.phase("aligning")
        list(track("ab", "refining"))
        speaker.note("a remark")
    assert bool(stream.getvalue()) is not quiet
    assert quiet or ("refining" in stream.getvalue() and "\ra remark\n" in stream.getvalue())
