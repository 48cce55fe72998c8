"""Progress of loops, listened to by tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pytest

from translator import progress
from translator.progress import drawing

Reporter = Callable[[str, int, int], Any]  # label, steps done, steps in all


def reporting(reporter: Reporter) -> AbstractContextManager[None]:
    """Send the progress of every loop of a block to ``reporter``."""

    def draw(items: Sequence[Any], label: str, unit: str) -> Iterator[Any]:
        for done, item in enumerate(items):
            reporter(label, done, len(items))
            yield item
        reporter(label, len(items), len(items))

    return drawing(draw)


def labels_of_bars(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that receives the label of every progress bar drawn from now on."""
    labels: list[str] = []

    def noted(items: Sequence[Any], label: str, unit: str) -> Sequence[Any]:
        labels.append(label)
        return items

    monkeypatch.setattr(progress, "bar", noted)
    return labels
