"""Progress of long loops: the library reports, whoever runs it may draw.

The library wraps a long loop in :func:`track`. Nothing happens unless a caller has installed a
:data:`Reporter` with :func:`reporting`; the command line installs one that draws on stderr.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
Reporter = Callable[[str, int, int], None]  # label, steps done, steps in all

_reporter: ContextVar[Reporter | None] = ContextVar("reporter", default=None)


@contextmanager
def reporting(reporter: Reporter) -> Iterator[None]:
    """Send the progress of every loop within the block to ``reporter``."""
    token = _reporter.set(reporter)
    try:
        yield
    finally:
        _reporter.reset(token)


def track(items: Sequence[T], label: str) -> Iterator[T]:
    """The items one by one, each reported when it is done; a loop that is left early is reported as done."""
    reporter = _reporter.get()
    if reporter is None:
        yield from items
        return
    try:
        for done, item in enumerate(items):
            reporter(label, done, len(items))
            yield item
    finally:
        reporter(label, len(items), len(items))
