"""``train``: from a recipe and two splits to a model folder."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from translator.errors import DataError
from translator.versions import versions
from translator.writing import replacing, sweep
from vse.dataset import Split
from vse.model import VSE
from vse.model.artefact import CARD, CONFIG, TENSORS
from vse.training.checkpoint import NAME, Checkpoint, check_same
from vse.training.options import Options
from vse.training.recipes import Recipe, build
from vse.training.run import Run
from vse.training.tensorboard import board

HISTORY = "history.jsonl"

Report = Callable[[Mapping[str, Any]], None]


def train(
    train: Split,
    dev: Split,
    output: str | os.PathLike[str],
    recipe: Recipe,
    options: Options | None = None,
    *,
    resume: bool = False,
    bundle: bool = False,
    report: Report | None = None,
) -> VSE:
    """Train a model and write its folder: the weights of the epoch that is best on ``dev``.

    Each epoch ends with a line in ``history.jsonl`` and a checkpoint, both in ``output``. Its folder
    ``tensorboard`` holds the curves where that package is installed.

    :param train: pictures and captions to learn from.
    :param dev: those that choose the epoch and pace the languages; captions of an auxiliary language are
        needed for active sampling only.
    :param recipe: languages, word vectors, Translators, and what to start from.
    :param resume: go on from the checkpoint in ``output``; a finished run is only read. The run must have
        been asked for the same.
    :param bundle: put compact copies of the word vectors into the folder.
    :param report: called after each epoch with its entry of the history.
    :raises DataError: languages, vectors, Translators or features are missing or do not fit, the loss is no
        longer finite, or ``output`` cannot be written or holds something else.
    """
    options, folder = options or Options(), Path(output)
    paced = [code for code in recipe.auxiliary if code in dev.captions or options.sampling == "active"]
    train, dev = train.only(recipe.languages + recipe.auxiliary), dev.only([*recipe.languages, *paced])
    if options.subset is not None:
        train = train.subset(options.subset, options.seed, recipe.languages)
    _check_output(folder, resume)
    run = Run(build(recipe, train, options), train, dev, recipe, options)
    writes = run.world.rank == 0
    if resume and (folder / CONFIG).is_file() and not (folder / NAME).is_file():
        return _finished(folder, run.description)
    if resume:
        run.restore(Checkpoint.load(folder, run.description))
        for name in (NAME, HISTORY, TENSORS, CARD, CONFIG):
            sweep(folder / name)
    elif writes:
        folder.mkdir(exist_ok=True)
        run.checkpoint().save(folder)
    with board(folder / "tensorboard", run.progress.epoch, enabled=writes) as draw:
        for entry in run.epochs():
            if writes:
                _write_history(folder, run.progress.history)
                run.checkpoint().save(folder)
            draw(entry)
            if report is not None:
                report(entry)
    return _finish(run, folder, bundle=bundle)


def _check_output(folder: Path, resume: bool) -> None:
    if not folder.absolute().parent.is_dir():
        raise DataError(f"{folder.absolute().parent}: no such folder", "Make it first.")
    if resume or not folder.exists():
        return
    if not folder.is_dir():
        raise DataError(f"{folder}: is a file, expected a folder", "Choose another folder with -o.")
    if (folder / NAME).is_file():
        raise DataError(
            f"{folder}: holds the checkpoint of an unfinished run",
            "Go on with --resume, or choose another folder.",
        )
    if any(folder.iterdir()):
        raise DataError(
            f"{folder}: is not empty; nothing in it is replaced", "Choose another folder with -o."
        )


def _write_history(folder: Path, history: Sequence[Mapping[str, Any]]) -> None:
    with replacing(folder / HISTORY) as draft:
        draft.write_text("".join(json.dumps(entry) + "\n" for entry in history), encoding="utf-8")


def _finished(folder: Path, asked: Mapping[str, Any]) -> VSE:
    """The model of a run that ended before."""
    model = VSE.from_pretrained(folder)
    known = model.record.get("training", {})
    check_same(folder / CONFIG, {name: known.get(name) for name in asked}, asked)
    return model


def _finish(run: Run, folder: Path, *, bundle: bool) -> VSE:
    """Write the model of the best epoch, and take the checkpoint away."""
    model, at = run.model.requires_grad_(True).eval(), run.progress
    model.load_state_dict(run.best)
    model.record = {
        "training": {**run.description, "best_epoch": at.best_epoch},
        "versions": versions("bli-translator", "numpy", "torch"),
        "metrics": at.history[at.best_epoch - 1]["dev"],
    }
    if run.world.rank == 0:
        model.write(folder, bundle=bundle)
        (folder / NAME).unlink(missing_ok=True)
    return model
