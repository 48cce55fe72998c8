"""One thread on each core, and the matrix products of each kept to its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import RLock

from threadpoolctl import ThreadpoolController

# How many threads a product takes is a setting of the whole process: of two that change it and put it back,
# the last would leave it as it found it, changed. So they take turns.
TURN = RLock()


@cache
def blas() -> ThreadpoolController:
    """The library behind numpy's products, as far as it can be told how many threads to take."""
    return ThreadpoolController().select(user_api="blas")


def cores() -> int:
    """How many threads a product takes now; 1 where the library does not say."""
    return max((library.num_threads for library in blas().lib_controllers), default=1)


@contextmanager
def shared_out(parts: int) -> Iterator[int]:
    """How many threads to share work out among, at most one a part; products within keep to their own thread.

    Work in one part has all cores for its products, and waits for nobody.
    """
    if parts < 2:
        yield 1
        return
    with TURN:
        threads = min(cores(), parts)
        with blas().limit(limits=1 if threads > 1 else None):
            yield threads
