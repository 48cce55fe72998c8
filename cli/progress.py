"""Progress of a command on stderr: bars on a terminal, a line now and then in a file or a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO, TypeVar

T = TypeVar("T")

INTERVAL = 30  # seconds between two lines where stderr is no terminal


class Progress:
    """Draws what a command is doing.

    :param stream: where to draw, usually stderr.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._phase: Any = None  # a tqdm without a bar, above the bars of the loops

    def phase(self, name: str) -> None:
        """Show on a terminal what begins now, until the next phase."""
        if not self._is_terminal:
            return
        if self._phase is None:
            from tqdm import tqdm

            self._phase = tqdm(
                file=self._stream, bar_format="{desc}", leave=False, dynamic_ncols=True, desc=name
            )
        else:
            self._phase.set_description_str(name)

    def track(self, items: Sequence[T], label: str, unit: str = "it") -> Iterable[T]:
        """Draw one loop: a :data:`translator.progress.Draw`."""
        from translator.progress import bar

        if self._is_terminal:
            return bar(items, label, unit, file=self._stream)
        lines = {"file": _Lines(self._stream), "ascii": True, "dynamic_ncols": False, "ncols": 80}
        return bar(items, label, unit, **lines, delay=INTERVAL, mininterval=INTERVAL, maxinterval=INTERVAL)

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Hide phase and bars while other text is written."""
        if not self._is_terminal or "tqdm" not in sys.modules:  # nothing was drawn so far
            yield
            return
        from tqdm import tqdm

        with tqdm.external_write_mode(self._stream):
            yield

    def close(self) -> None:
        """Remove the phase from the terminal."""
        if self._phase is not None:
            self._phase.close()
            self._phase = None


class _Lines:
    """A stream that gets each state of a bar on a line of its own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        if state := text.strip():
            self._stream.write(state + "\n")

    def flush(self) -> None:
        self._stream.flush()
