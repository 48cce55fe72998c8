"""``vse demo``: every step on the images and words that ship with the package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..console import Console, speaking
from ..folder import check_parent
from ..options import FILE
from ..render import steps, table
from .options import metrics_table
from .search import caption
from .train import epoch_line

if TYPE_CHECKING:
    from vse import VSE, Split, TrainingOptions

NAME = "vse-demo"
QUERIES = ("des fruits", "un visage triste", "un chat")
SHOWN = 5  # images a query


@click.command()
@click.option(
    "--dir",
    "directory",
    type=FILE,
    default=".",
    metavar="DIR",
    help=f"Where the folder {NAME} goes. [default: the current directory]",
)
@speaking
def demo(console: Console, /, directory: Path) -> None:
    """Show every step on embedded emoji, offline, in about two minutes.

    Trains on English names and keywords, adds French through a Translator that is made without a dictionary,
    searches in French before any French caption is seen, and then trains on French captions.

    \b
    Example:
      vse demo
    """
    place = directory / NAME
    check_parent(place)
    from translator.errors import DataError

    if place.exists():
        raise DataError(f"{place}: exists already", "Remove it, or choose another place with --dir.")
    from vse import Recipe, TrainingOptions, evaluate, load_split, train
    from vse.data import path

    place.mkdir()
    splits = {name: load_split(path(), name) for name in ("train", "dev", "test")}
    english, french = _aligned(console, place)
    options = TrainingOptions(epochs=20, steps=28)

    console.note("2. Training on English captions.")
    run = place / "run-en"
    recipe = Recipe(("en",), {"en": english})
    model = train(splits["train"], splits["dev"], run, recipe, options, report=_reporter(console, options))
    results = {"English": evaluate(model, splits["test"], ["en"])["en"]}

    console.note("3. French through its Translator, without any French caption.")
    model.add_language("fr", french, place / "fr-en")
    results["French, zero-shot"] = evaluate(model, splits["test"], ["fr"])["fr"]
    searched = _search(model, splits["test"])

    console.note("4. Training on French captions, starting from that model.")
    recipe = Recipe(("fr",), {"fr": french}, {"fr": place / "fr-en"}, start=run)
    tuned = train(
        splits["train"],
        splits["dev"],
        place / "run-fr",
        recipe,
        options,
        report=_reporter(console, options),
    )
    results["French, fine-tuned"] = evaluate(tuned, splits["test"], ["fr"])["fr"]
    _show(console, place, results, splits["test"], searched)


def _aligned(console: Console, place: Path) -> tuple[Path, Path]:
    """Align French with English; return the files of both languages' word vectors.

    Neither the dictionary that ships nor names of CLDR are used: captions of these images come from both.
    """
    from translator import align, load_vectors
    from translator.data import path

    console.note("1. Aligning French word vectors with English ones, without a dictionary.")
    english, french = path("en.safetensors"), path("fr.safetensors")
    align(load_vectors(french), load_vectors(english), seed_pairs="identical").save_pretrained(
        place / "fr-en"
    )
    return english, french


def _reporter(console: Console, options: TrainingOptions) -> Any:
    return lambda entry: console.note("   " + epoch_line(entry, options))


def _search(model: VSE, captioned: Split) -> list[tuple[str, list[str]]]:
    """Return French queries with the images that a model without French captions finds."""
    from vse.data import characters

    drawn = characters()
    found = model.search(QUERIES, captioned.features, SHOWN, language="fr")
    return [
        (query, [f"{drawn[captioned.ids[hit.row]]} {caption(captioned, hit.row, 'fr')}" for hit in hits])
        for query, hits in zip(QUERIES, found, strict=True)
    ]


def _show(
    console: Console, place: Path, results: dict[str, Any], test: Split, searched: list[tuple[str, list[str]]]
) -> None:
    from vse.data import path as data_path
    from vse.metrics import chance

    rows = {**results, "chance": chance(test.captions["fr"].images)}
    text = [
        f"\n{metrics_table(rows, 'test images')}",
        "\nSearched in French before any French caption was seen:",
        table([(query, ", ".join(hits)) for query, hits in searched]),
        f"\nWritten to {place}/\n",
        steps(
            f'vse search {place / "run-en"} --images {data_path()} "a wild animal"',
            f"translator info {place / 'fr-en'}",
            "vse train DATA --lang en --embeddings en=en.bin -o run-en",
        ),
    ]
    value = {
        "folder": str(place),
        "metrics": {label: metrics.to_json() for label, metrics in rows.items()},
        "searches": [{"text": query, "images": hits} for query, hits in searched],
    }
    console.result("\n".join(text), value)
