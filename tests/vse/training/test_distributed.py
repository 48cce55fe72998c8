"""Two processes on one global batch do what one does; and what each of them encodes."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from runs import SHORT, fresh, history, moved, splits, weights

from translator.errors import DataError
from vse.dataset.layouts import write_split
from vse.training.distributed import World

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


@given(st.integers(1, 9), st.integers(0, 500))
def test_the_parts_make_the_batch(size: int, extra: int) -> None:
    total = size + extra
    places = list(range(total))
    parts = [places[World(rank, size).part(total)] for rank in range(size)]
    assert [place for part in parts for place in part] == places
    assert all(parts) and max(map(len, parts)) - min(map(len, parts)) <= 1


def test_alone_nothing_is_exchanged() -> None:
    rows = torch.randn(3, 2, requires_grad=True)
    assert World().part(3) == slice(0, 3)
    assert World().gathered(rows, slice(0, 3), 3) is rows
    World().sum_gradients([torch.nn.Parameter(rows)])


@pytest.mark.parametrize("environment", [{}, {"RANK": "0", "WORLD_SIZE": "1"}, {"WORLD_SIZE": "4"}])
def test_without_torchrun_a_process_is_alone(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert World.joined() == World(0, 1)


def test_more_processes_than_captions_in_a_batch(words: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(World, "joined", lambda: World(0, 5))
    with pytest.raises(DataError, match="batch of 4 captions cannot be divided over 5 processes") as caught:
        fresh(words, replace(SHORT, batch=4))
    assert "`batch`" in caught.value.hint


@pytest.mark.long
def test_two_processes_train_the_model_of_one(words: Path, tmp_path: Path, vse: Any) -> None:
    """Two languages, one of them with a Translator, dropout and weight decay; batches of an odd size."""
    for split in splits(("en", "de"), images=31):
        write_split(split, tmp_path / "data")
    arguments = ["train", tmp_path / "data", "--lang", "en", "--lang", "de", "--random-translator"]
    arguments += [f"--embeddings={code}={words / code}.npz" for code in ("en", "de")]
    arguments += ["--epochs", 2, "--batch", 15, "--hidden", 8, "--joint", 8, "--lr", 0.01]
    arguments += ["--weight-decay", 0.1, "--freeze-epochs", 1]
    assert vse(*arguments, "-o", tmp_path / "one").exit_code == 0
    command = [*TORCHRUN, "-m", "translator_cli.vse", *map(str, [*arguments, "-o", tmp_path / "two"])]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("epoch   2/2") == 1 and done.stdout.count("Written to") == 1
    names = [{path.name for path in (tmp_path / run).iterdir()} for run in ("one", "two")]
    assert names[0] == names[1]
    for entry, other in zip(history(tmp_path / "one"), history(tmp_path / "two"), strict=True):
        assert entry["loss"] == pytest.approx(other["loss"], rel=1e-5)
        assert entry["gradient"] == pytest.approx(other["gradient"], rel=1e-4)
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    assert moved(one, two) <= {name for name in one if "mean" not in name and "scale" not in name}
    for name, tensor in one.items():
        torch.testing.assert_close(two[name], tensor, rtol=0, atol=1e-5, msg=name)
