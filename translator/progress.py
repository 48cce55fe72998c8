"""Progress bars of long loops: the library marks its loops, and the caller decides what is drawn.

The library wraps each long loop in :func:`track`. Public functions that may take long have a parameter
``show_progress`` and the decorator :func:`with_progress`; :func:`progress_bars` and :func:`drawing` do the
same for a block. Elsewhere nothing is drawn. The bars are tqdm's: on stderr, or widgets in a notebook.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar, copy_context
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")
Draw = Callable[
    [Sequence[Any], str, str], Iterable[Any]
]  # the items of a loop, its label and unit -> the items

# Seconds that a loop must take before its bar appears, since shorter ones would only flicker; and its looks
_BAR = {"delay": 0.5, "leave": False, "dynamic_ncols": True}

_draw: ContextVar[Draw | None] = ContextVar("draw")  # set where somebody has chosen


def track(items: Sequence[T], label: str, unit: str = "it") -> Iterator[T]:
    """Yield the items of a loop, and draw its progress if the caller has asked for that.

    :param unit: what an item is called where the speed is shown, such as ``MB``.

    >>> with progress_bars(False):
    ...     list(track([1, 2], "counting"))
    [1, 2]
    """
    draw = _draw.get(None)
    yield from items if draw is None else draw(items, label, unit)


@contextmanager
def drawing(draw: Draw | None) -> Iterator[None]:
    """Draw the loops of a block with ``draw``; None draws nothing, whatever the functions called prefer."""
    token = _draw.set(draw)
    try:
        yield
    finally:
        _draw.reset(token)


def progress_bars(show: bool | None = None) -> AbstractContextManager[None]:
    """Choose whether the loops of a block have progress bars.

    :param show: True or False; None keeps the choice of the surrounding block, and where there is none, shows
        bars on a terminal and in a notebook.
    """
    if show is None and (_draw in copy_context() or not _is_interactive()):
        return nullcontext()
    return drawing(None if show is False else bar)


def with_progress(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function whose keyword parameter ``show_progress`` is to apply to all loops it runs."""

    @functools.wraps(function)
    def shown(*args: P.args, **kwargs: P.kwargs) -> R:
        choice: Any = kwargs.get("show_progress")
        with progress_bars(choice):
            return function(*args, **kwargs)

    return shown


def bar(items: Sequence[T], label: str, unit: str = "it", **options: Any) -> Iterable[T]:
    """Wrap the items of a loop in a tqdm bar that vanishes when the loop ends.

    :param options: more arguments of ``tqdm``.
    """
    from tqdm.auto import tqdm

    drawn: Iterable[T] = tqdm(items, label, unit=unit, **{**_BAR, **options})
    return drawn


def _is_interactive() -> bool:
    in_notebook = "ipykernel.zmqshell" in sys.modules  # as tqdm.autonotebook decides
    return in_notebook or (sys.stderr is not None and sys.stderr.isatty())
