"""``vse evaluate``: recall of images and captions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..console import Console, speaking
from ..options import FILE
from .images import captioned_images
from .options import metrics_table, on_a_model

if TYPE_CHECKING:
    from vse import VSE


@click.command()
@on_a_model
@click.argument("data", type=FILE, required=False)
@click.option("--split", default="test", show_default=True, help="Split of a data folder.")
@click.option("--lang", "languages", multiple=True, help="Language to evaluate. [default: all]")
@click.option("--folds", type=click.IntRange(min=1), default=1, help="Parts to average over. [default: 1]")
@speaking
def evaluate(
    console: Console,
    /,
    run: Path,
    open_model: Callable[[], VSE],
    data: Path | None,
    split: str,
    languages: tuple[str, ...],
    folds: int,
) -> None:
    """Print Recall@1/5/10 and ranks, text to image and image to text, and their chance level.

    Without DATA, a split of the data of training is evaluated.

    A language the model was not trained on is evaluated zero-shot when its word vectors and its Translator
    are given.

    \b
    Example:
      vse evaluate run-en data --lang en
      vse evaluate run-en data --lang de --embeddings de=de.bin --init-translator de-en
    """
    from vse.evaluation import evaluate as measure
    from vse.metrics import Metrics, chance

    model = open_model()
    for code in languages:
        model.embeddings(code)
    captioned = captioned_images(model, run, data, split, list(languages) or None)
    console.phase("evaluating")
    found = measure(model, captioned, languages, folds=folds)
    expected = {code: chance(captioned.captions[code].images, folds=folds) for code in found}
    rows: dict[str, Metrics] = {}
    for code, metrics in found.items():
        rows |= {code: metrics, f"{code} chance": expected[code]}
    value = {
        "run": str(run),
        "split": split,
        "folds": folds,
        "languages": {c: {**m.to_json(), "chance": expected[c].to_json()} for c, m in found.items()},
    }
    console.result(metrics_table(rows, split), value)
