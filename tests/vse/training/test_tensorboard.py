"""Curves for TensorBoard, through a stand-in for its writer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from runs import history, learn

Point = tuple[str, float, int]


class Writer:
    """What ``torch.utils.tensorboard.SummaryWriter`` is asked for."""

    made: list[Writer]

    def __init__(self, log_dir: str, purge_step: int) -> None:
        self.folder, self.purge_step, self.closed = Path(log_dir), purge_step, False
        self.points: list[Point] = []
        self.made.append(self)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *error: object) -> None:
        self.closed = True

    def add_scalar(self, name: str, value: float, step: int) -> None:
        self.points.append((name, value, step))


@pytest.fixture
def writers(monkeypatch: pytest.MonkeyPatch) -> list[Writer]:
    """TensorBoard as if it were installed; the writers that are made."""
    stand_in: Any = ModuleType("torch.utils.tensorboard")
    stand_in.SummaryWriter = Writer
    Writer.made = []
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", stand_in)
    monkeypatch.setattr("vse.training.tensorboard.find_spec", lambda name: name == "tensorboard" or None)
    return Writer.made


def test_every_epoch_is_a_point_of_every_curve(words: Path, tmp_path: Path, writers: list[Writer]) -> None:
    learn(words, tmp_path / "run")
    (writer,) = writers
    assert (writer.folder, writer.purge_step, writer.closed) == (tmp_path / "run" / "tensorboard", 1, True)
    points = {(name, step): value for name, value, step in writer.points}
    assert len(points) == len(writer.points) == 5 * (3 + 2 + 2 * 6)
    for entry in history(tmp_path / "run"):
        at = entry["epoch"]
        for name in ("loss", "gradient", "rsum"):
            assert points[name, at] == entry[name]
        for code in ("en", "de"):
            assert points[f"share/{code}", at] == entry["shares"][code]
            assert points[f"t2i_r10/{code}", at] == entry["dev"][code]["t2i"]["r10"]
            assert points[f"i2t_r1/{code}", at] == entry["dev"][code]["i2t"]["r1"]


def test_a_resumed_run_draws_no_epoch_twice(
    words: Path, broken: Callable[..., Path], writers: list[Writer]
) -> None:
    folder = broken("vse.training.checkpoint.Checkpoint.save", 4, after=False, error=KeyboardInterrupt)
    learn(words, folder, resume=True)
    first, second = writers
    assert first.closed and [step for name, _, step in first.points if name == "loss"] == [1, 2]
    assert second.purge_step == 3
    assert [step for name, _, step in second.points if name == "loss"] == [3, 4, 5]


def test_a_finished_run_draws_nothing(words: Path, tmp_path: Path, writers: list[Writer]) -> None:
    learn(words, tmp_path / "run")
    learn(words, tmp_path / "run", resume=True)
    assert len(writers) == 1


def test_without_tensorboard_it_is_not_asked_for(
    words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vse.training.tensorboard.find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)  # importing it would fail
    learn(words, tmp_path / "run")
    assert not (tmp_path / "run" / "tensorboard").exists()
