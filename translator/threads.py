"""One thread on each core, and the matrix products of each kept to its own."""

from __future__ import annotations

from functools import cache

from threadpoolctl import ThreadpoolController


@cache
def blas() -> ThreadpoolController:
    """The library behind numpy's products, as far as it can be told how many threads to take."""
    return ThreadpoolController().select(user_api="blas")


def cores() -> int:
    """How many threads a product takes now; 1 where the library does not say."""
    return max((library.num_threads for library in blas().lib_controllers), default=1)
