"""Divide work among one thread on each core, and keep the matrix products of each thread on its core."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import RLock
from typing import TypeVar

import numpy  # noqa: F401 it loads the library that the next line looks for
from threadpoolctl import ThreadpoolController

T = TypeVar("T")
R = TypeVar("R")

# The library of numpy's matrix products, if its number of threads can be set. It is looked for at import and
# not in a call, because the lookup runs callbacks, which swallow a KeyboardInterrupt.
BLAS = ThreadpoolController().select(user_api="blas")

# The number of BLAS threads is a setting of the whole process. If two threads changed it at the same time,
# the last one would restore the changed value. So only one may change it at a time.
BLAS_LOCK = RLock()


def cores() -> int:
    """Return how many threads a matrix product uses now; 1 if the library does not say."""
    return max((library.num_threads for library in BLAS.lib_controllers), default=1)


@contextmanager
def divided(parts: int) -> Iterator[int]:
    """Yield how many threads to divide work among; inside, each matrix product uses a single thread.

    With fewer than two parts the result is 1, and matrix products use all cores. Work that another thread
    divides meanwhile waits: the first keeps all cores busy, and sharing them would change the number of
    threads, and with it the last bits of a result, by chance. On one core nothing waits.

    :param parts: number of parts that can be computed at the same time; the most threads there can be.
    """
    if parts > 1:
        with BLAS_LOCK:
            threads = min(cores(), parts)
            if threads > 1:
                with BLAS.limit(limits=1):
                    yield threads
                return
    yield 1


def side_by_side(function: Callable[[T], R], parts: Sequence[T]) -> list[R]:
    """Return the results of a function for all parts, computed at the same time where there are cores.

    :param function: must not divide work itself, because that would wait for the end of this call.

    >>> side_by_side(abs, [-1, 2])
    [1, 2]
    """
    with divided(len(parts)) as threads, ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, parts))
