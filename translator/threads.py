"""One thread on each core, and the matrix products of each kept to its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

import numpy  # noqa: F401 its library is looked for below
from threadpoolctl import ThreadpoolController

# The library behind numpy's products, as far as it can be told how many threads to take. It is looked for
# here and not later, because that is done by callbacks, which swallow an interruption.
BLAS = ThreadpoolController().select(user_api="blas")

# How many threads a product takes is a setting of the whole process: of two that change it and put it back,
# the last would leave it as it found it, changed. So they take turns.
TURN = RLock()


def cores() -> int:
    """How many threads a product takes now; 1 where the library does not say."""
    return max((library.num_threads for library in BLAS.lib_controllers), default=1)


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
        with BLAS.limit(limits=1 if threads > 1 else None):
            yield threads
