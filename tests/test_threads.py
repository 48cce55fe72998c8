"""Dividing work restores the number of BLAS threads, even if several threads do so at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from translator import threads
from translator.threads import BLAS, cores, divided, side_by_side


@pytest.mark.parametrize("parts", [0, 1])
def test_work_in_one_part_keeps_all_threads(parts: int) -> None:
    with BLAS.limit(limits=2):
        before = cores()
        with divided(parts) as count:
            assert (count, cores()) == (1, before)


def test_there_are_no_more_threads_than_parts_or_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 4)
    for parts in (2, 3, 4, 5, 100):
        with divided(parts) as count:
            assert count == min(parts, 4)


def test_the_second_to_divide_work_waits_and_finds_all_threads() -> None:
    """Otherwise the second would read the limit of one thread that the first has set, and restore that."""
    inside, leave = Event(), Event()

    def first() -> None:
        with divided(2):
            inside.set()
            leave.wait()

    def second() -> int:
        with divided(2) as count:
            return count

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


def test_on_one_core_nothing_waits() -> None:
    with BLAS.limit(limits=1), ThreadPoolExecutor(1) as pool, divided(2) as count:
        assert pool.submit(lambda: side_by_side(abs, [-1, 2])).result(timeout=60) == [1, 2]
        assert count == 1
