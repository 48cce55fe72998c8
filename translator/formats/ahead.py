"""Work on the next items while the last results are being used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

THREADS = 2  # beside the caller's: between numpy's loops they share one interpreter
WAITING = THREADS


def ahead(function: Callable[[T], R], items: Iterator[T]) -> Iterator[R]:
    """``map(function, items)`` in threads, in order, up to ``WAITING`` items ahead of what was asked for.

    What ``items`` raises comes when the results before it have been given out.
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
