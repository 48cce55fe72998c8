"""A run that is interrupted, wherever, and resumed ends in the same bytes as if nothing had happened."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from runs import OUTPUTS, RICH, SHORT, STEPS, assert_same, history, learn, recipe, splits, vse_command
from safetensors.torch import save_file

from translator.errors import DataError
from vse.dataset.layouts import write_split
from vse.model.artefact import CHECKPOINT
from vse.training import train


@pytest.fixture(scope="module")
def whole(words: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run that nothing interrupted."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    learn(words, folder)
    return folder


@pytest.mark.parametrize("epoch", [1, 3, 5])
def test_resumed_after_any_epoch(words: Path, whole: Path, tmp_path: Path, epoch: int) -> None:
    def report(entry: Any) -> None:
        if entry["epoch"] == epoch:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(words, tmp_path / "run", report=report)
    assert {path.name for path in (tmp_path / "run").iterdir()} == {CHECKPOINT, "history.jsonl"}
    assert len(history(tmp_path / "run")) == epoch
    learn(words, tmp_path / "run", resume=True)
    assert_same(tmp_path / "run", whole)


@pytest.mark.parametrize(
    ("target", "number", "after"),
    [
        ("vse.training.run.Run._step", 4, False),
        ("vse.training.run.Run._step", 2 * STEPS + 5, False),
        ("vse.training.run.Run._step", 5 * STEPS, True),
        ("vse.training.run.Run._judge", 3, False),
        ("vse.training._write_history", 2, True),
        ("vse.training._write_history", 5, True),
        ("vse.training.checkpoint.Checkpoint.save", 3, False),
        ("vse.training.checkpoint.Checkpoint.save", 6, True),
        ("vse.model.artefact.model_card", 1, False),
        ("vse.model.VSE.write", 1, True),
    ],
)
@pytest.mark.parametrize("error", [KeyboardInterrupt])
def test_resumed_wherever_it_broke_off(
    words: Path,
    whole: Path,
    broken: Callable[..., Path],
    target: str,
    number: int,
    after: bool,
    error: type[BaseException],
) -> None:
    folder = broken(target, number, after=after, error=error)
    learn(words, folder, resume=True)
    assert_same(folder, whole)


@pytest.mark.parametrize("number", [2, 4, 7])  # checkpoints of an epoch in either stage, and the model
def test_a_full_disk_leaves_the_last_checkpoint(
    words: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    written: list[int] = []

    def filling(tensors: Any, file: Path, metadata: Any) -> None:
        written.append(1)
        if len(written) == number:
            file.write_bytes(b"half of it")
            raise OSError(28, "No space left on device")
        save_file(tensors, file, metadata)

    with monkeypatch.context() as patch:
        patch.setattr("safetensors.torch.save_file", filling)
        with pytest.raises(OSError, match="No space"):
            learn(words, tmp_path / "run")
    assert {path.name for path in (tmp_path / "run").iterdir()} == {CHECKPOINT, "history.jsonl"}
    learn(words, tmp_path / "run", resume=True)
    assert_same(tmp_path / "run", whole)


def test_resumed_twice(words: Path, whole: Path, broken: Callable[..., Path]) -> None:
    folder = broken("vse.training.run.Run._step", STEPS + 2, after=False, error=KeyboardInterrupt)

    def report(entry: Any) -> None:
        if entry["epoch"] == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(words, folder, resume=True, report=report)
    learn(words, folder, resume=True)
    assert_same(folder, whole)


def test_what_a_killed_program_wrote_aside_is_removed(
    words: Path, whole: Path, broken: Callable[..., Path]
) -> None:
    folder = broken("vse.training.run.Run._step", 2 * STEPS, after=False, error=KeyboardInterrupt)
    for name in (CHECKPOINT, *OUTPUTS):
        aside = folder / f".{name}.aside-a1_b2c3d"
        aside.mkdir()
        (aside / name).write_bytes(b"half of it")
    (folder / ".mine").mkdir()
    learn(words, folder, resume=True)
    (folder / ".mine").rmdir()
    assert_same(folder, whole)


def test_a_killed_program_goes_on(words: Path, tmp_path: Path, vse: Any) -> None:
    """SIGKILL in mid-epoch; the same command with --resume ends as if nothing had happened."""
    for split in splits():
        write_split(split, tmp_path / "data")
    arguments = ["train", tmp_path / "data", "--lang", "en", "--embeddings", f"en={words / 'en.npz'}"]
    arguments += ["--epochs", 2, "--steps", 150, "--hidden", 8, "--joint", 8, "--batch", 16, "-q"]
    killed, run = tmp_path / "killed", tmp_path / "run"
    with subprocess.Popen(vse_command([*arguments, "-o", killed])) as running:
        while running.poll() is None and not (killed / "history.jsonl").is_file():
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    assert (killed / CHECKPOINT).is_file() and not (killed / "config.json").exists()
    for more in (["-o", run], ["-o", killed, "--resume"]):
        done = vse(*arguments, *more)
        assert done.exit_code == 0, done.output
    for name in OUTPUTS:
        assert (killed / name).read_bytes() == (run / name).read_bytes(), name


def test_a_finished_run_is_only_read(words: Path, whole: Path) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in whole.iterdir()}
    model = learn(words, whole, resume=True)
    assert model.record["training"]["best_epoch"] in range(1, 6)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in whole.iterdir()} == before
    with pytest.raises(DataError, match=r"options\.epochs 5 \(now 6\)"):
        learn(words, whole, replace(RICH, epochs=6), resume=True)


def test_a_finished_run_notices_that_its_start_model_was_trained_again(words: Path, tmp_path: Path) -> None:
    start, german = tmp_path / "start", recipe(words, "de", start=tmp_path / "start")
    short = replace(SHORT, epochs=1)
    train(*splits(), start, recipe(words, "en"), short)
    for resume in (False, True):
        train(*splits(("de",)), tmp_path / "run", german, short, resume=resume)
    shutil.rmtree(start)
    train(*splits(), start, recipe(words, "en"), replace(short, random_state=5))
    with pytest.raises(DataError, match=r"start_sha256 '\w+' \(now '\w+'\)"):
        train(*splits(("de",)), tmp_path / "run", german, short, resume=True)
