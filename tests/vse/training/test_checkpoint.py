"""A checkpoint of another run, or a damaged one, is refused with what is wrong."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from runs import LANGUAGES, RICH, STEPS, learn, moved, recipe, splits
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from translator.errors import DataError, FormatError
from vse.model.artefact import CHECKPOINT
from vse.training import train
from vse.training.checkpoint import Checkpoint


@pytest.fixture
def stopped(broken: Callable[..., Path]) -> Path:
    """A run that stopped in its third epoch."""
    return broken("vse.training.run.Run._step", 2 * STEPS + 2, after=False, error=KeyboardInterrupt)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"lr": 0.02}, r"options\.lr 0\.01 \(now 0\.02\)"),
        ({"epochs": 9}, r"options\.epochs 5 \(now 9\)"),
        (
            {"random_state": 1, "tau": 0.2},
            r"options\.random_state 0 \(now 1\), options\.tau 0\.1 \(now 0\.2\)",
        ),
        ({"hidden": 9}, r"options\.hidden 8 \(now 9\)"),
        ({"subset": 20}, r"options\.subset None \(now 20\), train\.captions\.de 80 \(now 40\)"),
    ],
)
def test_other_options_are_named(words: Path, stopped: Path, change: dict[str, Any], named: str) -> None:
    before = (stopped / CHECKPOINT).read_bytes()
    with pytest.raises(DataError, match=named) as caught:
        learn(words, stopped, replace(RICH, **change), resume=True)
    assert caught.value.message.startswith(f"{stopped / CHECKPOINT}: ")
    assert (stopped / CHECKPOINT).read_bytes() == before


def test_other_data_are_named(words: Path, stopped: Path) -> None:
    data, dev = splits(LANGUAGES)
    asked = recipe(words, *LANGUAGES, ways={"de": "random"})
    brighter = replace(data, features=data.features + 1)
    with pytest.raises(DataError, match=r"with train\.sha256 '\w+' \(now '\w+'\)\n"):
        train(brighter, dev, stopped, asked, RICH, resume=True)
    renamed = replace(dev, ids=[f"{name}'" for name in dev.ids])
    with pytest.raises(DataError, match=r"with dev\.sha256"):
        train(data, renamed, stopped, asked, RICH, resume=True)
    aligned = recipe(words, *LANGUAGES)
    with pytest.raises(DataError, match=r"translators\.de 'random' \(now '.*de-en'\)"):
        train(data, dev, stopped, aligned, RICH, resume=True)
    one = recipe(words, "en")
    with pytest.raises(DataError, match="languages"):
        train(*splits(), stopped, one, replace(RICH, freeze_epochs=0), resume=True)


def test_nothing_to_resume(words: Path, tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(DataError, match="no checkpoint to resume from") as caught:
            learn(words, place, resume=True)
        assert "Leave out `resume`" in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_a_model_that_was_saved_by_hand_is_no_run(words: Path, tmp_path: Path) -> None:
    model = learn(words, tmp_path / "run", replace(RICH, epochs=1))
    model.record = {}
    model.save_pretrained(tmp_path / "saved")
    with pytest.raises(DataError, match=r"languages None \(now \['en', 'de'\]\)"):
        learn(words, tmp_path / "saved", resume=True)


def stored(run: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Tensors and metadata of a checkpoint."""
    with safe_open(run / CHECKPOINT, "pt") as opened:
        return load_file(run / CHECKPOINT), opened.metadata()


def without_metadata(run: Path) -> None:
    save_file(stored(run)[0], run / CHECKPOINT)


def with_metadata(**texts: str) -> Callable[[Path], None]:
    def damage(run: Path) -> None:
        tensors, metadata = stored(run)
        save_file(tensors, run / CHECKPOINT, {**metadata, **texts})

    return damage


def without_tensors(prefix: str) -> Callable[[Path], None]:
    def damage(run: Path) -> None:
        tensors, metadata = stored(run)
        kept = {name: tensor for name, tensor in tensors.items() if not name.startswith(prefix)}
        assert len(kept) < len(tensors)
        save_file(kept, run / CHECKPOINT, metadata)

    return damage


def cut(run: Path) -> None:
    os.truncate(run / CHECKPOINT, 3000)


@pytest.mark.parametrize(
    "damage",
    [
        cut,
        lambda run: (run / CHECKPOINT).write_bytes(b""),
        lambda run: (run / CHECKPOINT).write_bytes(os.urandom(500)),
        without_metadata,
        with_metadata(run="{"),
        with_metadata(run="[]"),
        with_metadata(run="null"),
        with_metadata(progress="[]"),
        with_metadata(progress='{"unheard": 1}'),
        without_tensors("weights/image"),
        without_tensors("best/text"),
        without_tensors("weights/"),
    ],
)
def test_a_damaged_checkpoint_is_reported(words: Path, stopped: Path, damage: Callable[[Path], None]) -> None:
    damage(stopped)
    with pytest.raises(FormatError) as caught:
        learn(words, stopped, resume=True)
    assert len(caught.value.message) < 400


def test_what_is_saved_is_what_is_loaded(tmp_path: Path, stopped: Path) -> None:
    tensors, metadata = stored(stopped)
    read = Checkpoint.load(stopped, json.loads(metadata["run"]))
    assert (read.progress.epoch, read.progress.step) == (2, 2 * STEPS)
    assert read.weights.keys() == read.best.keys()
    read.save(tmp_path)
    saved, about = stored(tmp_path)
    assert not moved(tensors, saved)
    assert about == metadata
