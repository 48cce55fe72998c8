"""Training: from a recipe and two splits to a model folder."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from translator.errors import DataError
from translator.progress import with_progress
from translator.versions import versions
from translator.writing import replacing, sweep
from vse.dataset import Split
from vse.dataset.partition import SPLIT_FILE, assignment_lines
from vse.model import VSE
from vse.model.artefact import CARD, CHECKPOINT, CONFIG, TENSORS
from vse.training.checkpoint import Checkpoint, check_same
from vse.training.options import TrainingOptions
from vse.training.recipes import Recipe, build
from vse.training.run import Run

HISTORY = "history.jsonl"

Report = Callable[[Mapping[str, Any]], None]


@with_progress
def train(
    train: Split,
    dev: Split,
    output: str | os.PathLike[str],
    recipe: Recipe,
    options: TrainingOptions | None = None,
    *,
    resume: bool = False,
    bundle: bool = False,
    report: Report | None = None,
    data: Mapping[str, Any] | None = None,
    assigned: Mapping[str, str] | None = None,
    show_progress: bool | None = None,
) -> VSE:
    """Train a model and write its folder, with the weights of the epoch that is best on ``dev``.

    After each epoch its line of ``history.jsonl`` and a checkpoint are written to ``output``.

    :param train: images and captions to learn from.
    :param dev: images and captions that select the epoch and pace the languages; those of an auxiliary
        language are needed for active sampling only.
    :param output: folder of the model: new or empty, unless ``resume``.
    :param recipe: languages, word vectors, Translators, and the model to start from.
    :param resume: continue from the checkpoint in ``output``, which must be of a run with the same recipe,
        options and data. A finished run is only read.
    :param bundle: put compact copies of the word vectors into the folder.
    :param report: called after each epoch with its entry of the history.
    :param data: arguments of :func:`vse.everything` that read the images, as JSON values: recorded in the
        folder, so that a search of the model finds them.
    :param assigned: split of each image by its id, written to ``split.tsv`` in the folder.
    :param show_progress: None shows a progress bar on a terminal and in a notebook.
    :returns: the trained model.
    :raises DataError: languages, vectors, Translators or features are missing or do not fit, the loss is no
        longer finite, or ``output`` cannot be written or holds something else.
    """
    options, folder = options or TrainingOptions(), Path(output)
    paced = [code for code in recipe.auxiliary if code in dev.captions or options.sampling == "active"]
    train, dev = train.only(recipe.languages + recipe.auxiliary), dev.only([*recipe.languages, *paced])
    if options.subset is not None:
        train = train.subset(options.subset, options.random_state, recipe.languages)
    if options.epochs == 0 and recipe.start is None:
        raise DataError("epochs 0 trains nothing, and there is no model to start from", "Raise `epochs`.")
    _check_output(folder, resume)
    run = Run(build(recipe, train, options), train, dev, recipe, options)
    writes = run.world.rank == 0
    if resume and (folder / CONFIG).is_file() and not (folder / CHECKPOINT).is_file():
        return _finished(folder, run.description)
    if resume:
        run.restore(Checkpoint.load(folder, run.description))
        for name in (CHECKPOINT, HISTORY, TENSORS, CARD, CONFIG):
            sweep(folder / name)
    elif writes:
        folder.mkdir(exist_ok=True)
        if assigned is not None:
            (folder / SPLIT_FILE).write_text(assignment_lines(assigned), encoding="utf-8")
        run.checkpoint().save(folder)
    for entry in run.epochs():
        if writes:
            _write_history(folder, run.progress.history)
            run.checkpoint().save(folder)
        if report is not None:
            report(entry)
    return _finish(run, folder, {} if data is None else {"data": dict(data)}, bundle=bundle)


def _check_output(folder: Path, resume: bool) -> None:
    if not folder.absolute().parent.is_dir():
        raise DataError(f"{folder.absolute().parent}: no such folder", "Create it first.")
    if resume or not folder.exists():
        return
    if not folder.is_dir():
        raise DataError(f"{folder}: is a file, expected a folder", "Choose another `output`.")
    if (folder / CHECKPOINT).is_file():
        raise DataError(
            f"{folder}: holds the checkpoint of an unfinished run",
            "Continue with resume=True, or choose another `output`.",
        )
    if any(folder.iterdir()):
        raise DataError(f"{folder}: is not empty; nothing in it is replaced", "Choose another `output`.")


def _write_history(folder: Path, history: Sequence[Mapping[str, Any]]) -> None:
    with replacing(folder / HISTORY) as draft:
        draft.write_text("".join(json.dumps(entry) + "\n" for entry in history), encoding="utf-8")


def _finished(folder: Path, description: Mapping[str, Any]) -> VSE:
    """Read the model of a run that has finished."""
    model = VSE.from_pretrained(folder)
    trained = model.record.get("training", {})
    check_same(folder / CONFIG, {name: trained.get(name) for name in description}, description)
    return model


def _finish(run: Run, folder: Path, record: Mapping[str, Any], *, bundle: bool) -> VSE:
    """Write the model of the best epoch and remove the checkpoint."""
    model, progress = run.model.requires_grad_(True).eval(), run.progress
    model.load_state_dict(run.best)
    model.record = {
        **record,
        "training": {**run.description, "best_epoch": progress.best_epoch},
        "versions": versions("bli-translator", "numpy", "torch"),
        "metrics": next(e["dev"] for e in progress.history if e["epoch"] == progress.best_epoch),
    }
    if run.world.rank == 0:
        model.write(folder, bundle=bundle)
        (folder / CHECKPOINT).unlink(missing_ok=True)
    return model
