"""The line at the foot of the terminal that says what is going on."""

from __future__ import annotations

import time
from typing import TextIO

INTERVAL = 0.1  # seconds between two drawings of loops


class ProgressLine:
    """One line, drawn over itself on a terminal.

    :param stream: where to draw, usually stderr.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._phase = ""
        self._loops: dict[str, str] = {}  # the loops under way, the outermost first
        self._drawn_at = 0.0
        self._shown = 0

    def phase(self, name: str) -> None:
        """Say what begins now."""
        self._phase = name
        self._loops.clear()
        self._draw()

    def report(self, label: str, done: int, total: int) -> None:
        """Follow a loop: a :data:`translator.progress.Reporter`."""
        if done < total:
            self._loops[label] = f"{label} {done}/{total}"
        else:
            self._loops.pop(label, None)
        if time.monotonic() - self._drawn_at >= INTERVAL:
            self._draw()

    def clear(self) -> None:
        """Leave the line empty, for other text."""
        self._stream.write("\r" + " " * self._shown + "\r")
        self._stream.flush()
        self._shown = 0

    def _draw(self) -> None:
        import shutil

        text = " · ".join([self._phase, *self._loops.values()])[: shutil.get_terminal_size().columns - 1]
        self._stream.write("\r" + text.ljust(self._shown))
        self._stream.flush()
        self._shown, self._drawn_at = len(text), time.monotonic()
