"""Whoever shares work out puts the threads of the products back, whoever else does the same meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from translator import threads
from translator.threads import BLAS, cores, shared_out


@pytest.mark.parametrize("parts", [0, 1])
def test_work_in_one_part_keeps_all_threads(parts: int) -> None:
    with BLAS.limit(limits=2):
        before = cores()
        with shared_out(parts) as mine:
            assert (mine, cores()) == (1, before)


def test_there_are_no_more_threads_than_parts_or_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 4)
    for parts in (2, 3, 4, 5, 100):
        with shared_out(parts) as mine:
            assert mine == min(parts, 4)


def test_whoever_comes_second_waits_and_finds_all_threads() -> None:
    """Else it would find the one thread that the first has left to products, and leave it behind."""
    inside, leave = Event(), Event()

    def first() -> None:
        with shared_out(2):
            inside.set()
            leave.wait()

    def second() -> int:
        with shared_out(2) as mine:
            return mine

    with BLAS.limit(limits=2), ThreadPoolExecutor(2) as pool:
        before = cores()
        pool.submit(first)
        inside.wait()
        waiting = pool.submit(second)
        try:
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.2)
        finally:
            leave.set()
        assert waiting.result() == before == cores()
