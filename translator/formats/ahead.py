"""Process the next items in threads while the caller uses earlier results."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

THREADS = 2  # in addition to the caller's; outside numpy's loops, only one runs at a time
WAITING = THREADS


def ahead(function: Callable[[T], R], items: Iterator[T]) -> Iterator[R]:
    """Yield ``function(item)`` of each item in order, computed in threads up to ``WAITING`` items ahead.

    An exception of ``items`` is raised after the results of the items before it.

    >>> list(ahead(str.upper, iter(["a", "b", "c"])))
    ['A', 'B', 'C']
    """
    waiting: deque[Future[R]] = deque()
    failure: Exception | None = None
    with ThreadPoolExecutor(THREADS) as pool:
        while failure is None:
            try:
                waiting.append(pool.submit(function, next(items)))
            except StopIteration:
                break
            except Exception as error:
                failure = error
            if len(waiting) > WAITING:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    if failure is not None:
        raise failure
