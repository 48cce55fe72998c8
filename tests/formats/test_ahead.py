"""Results in order, a few ahead, and errors in their turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from translator.formats.ahead import WAITING, ahead


def counted(taken: list[int], end: int, error: Exception | None = None) -> Iterator[int]:
    for number in range(end):
        taken.append(number)
        yield number
    if error is not None:
        raise error


def test_results_are_in_order_and_made_by_other_threads() -> None:
    found = list(ahead(lambda number: (number**2, threading.get_ident()), counted([], 50)))
    assert [square for square, _ in found] == [number**2 for number in range(50)]
    assert threading.get_ident() not in {thread for _, thread in found}
    assert list(ahead(str, iter(()))) == []


def test_no_more_is_taken_than_may_wait() -> None:
    taken: list[int] = []
    results = ahead(str, counted(taken, 1000))
    assert not taken, "nothing is taken before a result is asked for"
    for number in range(3):
        assert next(results) == str(number)
        assert len(taken) == number + WAITING + 1
    results.close()  # type: ignore[attr-defined]
    assert len(taken) == 3 + WAITING


def test_an_error_of_the_items_comes_after_the_results_before_it() -> None:
    results = ahead(str, counted([], 3, OSError("gone")))
    assert [next(results) for _ in range(3)] == ["0", "1", "2"]
    with pytest.raises(OSError, match="gone"):
        next(results)


def test_an_error_of_the_function_comes_in_its_turn() -> None:
    results = ahead(lambda number: 1 // (number - 3), counted([], 50))
    assert [next(results) for _ in range(3)] == [-1, -1, -1]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_an_interruption_is_not_held_back() -> None:
    def interrupted() -> Iterator[int]:
        yield 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(ahead(str, interrupted()))
