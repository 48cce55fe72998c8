"""Short runs of training on made-up images, and what they leave behind."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from click.testing import Result
from safetensors.torch import load_file
from toy_images import made_split

from vse import Split
from vse.metrics import Direction, Metrics
from vse.model import VSE
from vse.training import train
from vse.training.options import TrainingOptions
from vse.training.recipes import Recipe, build
from vse.training.run import Run

SHORT = TrainingOptions(epochs=3, batch=16, hidden=8, joint=8, lr=0.01)  # with dropout, as is the default
QUICK = TrainingOptions(epochs=8, batch=32, hidden=48, joint=32, lr=0.005, dropout=0.1)  # learns all there is

LANGUAGES = ("en", "de")
RICH = replace(  # everything a checkpoint must remember: dropout, both stages, shares, the ramp
    SHORT,
    epochs=5,
    freeze_epochs=2,
    sampling="active",
    loss="max",
    weight_decay=0.1,
    clip=0.5,
)
STEPS = 10  # an epoch of it

FAST = ("--epochs", 8, "--hidden", 48, "--joint", 32, "--lr", 0.005, "--dropout", 0.1, "--batch", 32)  # QUICK
TWO = (*FAST, "--epochs", 2)

# What a finished run leaves
OUTPUTS = ("model.safetensors", "history.jsonl", "config.json", "README.md")

Weights = dict[str, torch.Tensor]
Vse = Callable[..., Result]  # runs a command in this process


def splits(languages: Sequence[str] = ("en",), images: int = 40, per_image: int = 2) -> tuple[Split, Split]:
    """What to learn from, and a dev split of 20 images."""
    dev = replace(made_split(20, 2, languages, random_state=1), name="dev")
    return made_split(images, per_image, languages, random_state=0), dev


def recipe(words: Path, *languages: str, ways: Mapping[str, Any] | None = None, **more: Any) -> Recipe:
    """The files of ``words``; a language that is not the first has the way of ``ways``, or its alignment."""
    trained = languages + more.get("auxiliary", ())
    new = [code for code in trained if code != "en" or "start" not in more]
    given = {code: words / f"{code}-en" for code in new if code != "en"} if ways is None else ways
    return Recipe(languages, {code: words / f"{code}.npz" for code in new}, given, **more)


def learn(words: Path, folder: Path, options: TrainingOptions = RICH, **how: Any) -> VSE:
    """Train on English and German, whose Translator starts from nothing."""
    asked = recipe(words, *LANGUAGES, ways={"de": "random"})
    return train(*splits(LANGUAGES), folder, asked, options, **how)


def fresh(words: Path, options: TrainingOptions, *languages: str) -> Run:
    """A run at its start."""
    asked = recipe(words, *(languages or ("en",)))
    data, dev = splits(asked.languages)
    return Run(build(asked, data, options), data, dev, asked, options)


def weights(folder: Path) -> Weights:
    """The tensors of a model folder."""
    return load_file(folder / "model.safetensors")


def checkpointed(folder: Path) -> Weights:
    """The weights in the checkpoint of a run."""
    tensors = load_file(folder / "checkpoint.safetensors")
    return {name.removeprefix("weights/"): t for name, t in tensors.items() if name.startswith("weights/")}


def history(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "history.jsonl").read_text("utf-8").splitlines()]


def moved(before: Weights, after: Weights) -> set[str]:
    """Names of the tensors that differ in a bit."""
    assert before.keys() == after.keys()
    return {name for name in before if not torch.equal(before[name], after[name])}


def metrics(recall: float) -> Metrics:
    """All six recalls the same, in percent: rsum is six times that."""
    way = Direction(recall, recall, recall, 1.0, 1.0, 20, 20)
    return Metrics(way, way)


def vse_command(arguments: Sequence[object]) -> list[str]:
    """The program as a list of arguments for ``subprocess``."""
    return [sys.executable, "-m", "translator_cli.vse", *map(str, arguments)]


def assert_same(run: Path, whole: Path) -> None:
    """Two runs left the same files, to the byte."""
    assert {path.name for path in run.iterdir()} == set(OUTPUTS)
    for name in OUTPUTS:
        assert (run / name).read_bytes() == (whole / name).read_bytes(), name
