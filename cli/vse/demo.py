"""``vse demo``: the whole story on the pictures and words that ship with the package."""

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
    from vse import VSE, Options, Split

NAME = "vse-demo"
QUERIES = ("un animal sauvage", "un gâteau au chocolat", "un train rapide")
SHOWN = 5  # pictures a query


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
    """Show the whole story on embedded emoji, offline, in about a minute.

    Trains on English names and keywords, puts a French-to-English Translator in front, made without a
    dictionary, and searches in French without one French caption, then trains on French captions from there.

    \b
    Example:
      vse demo
    """
    place = directory / NAME
    check_parent(place)
    from translator.errors import DataError

    if place.exists():
        raise DataError(f"{place}: is there already", "Remove it, or choose another place with --dir.")
    from vse import Options, Recipe, evaluate, load_split, train
    from vse.data import path
    from vse.training.recipes import read_language

    place.mkdir()
    splits = {name: load_split(path(), name) for name in ("train", "dev", "test")}
    english, french = _aligned(console, place)
    options = Options(epochs=15, hidden=256, joint=256)

    console.note("2. Training on English captions.")
    run = place / "run-en"
    recipe = Recipe(("en",), {"en": english})
    model = train(splits["train"], splits["dev"], run, recipe, options, report=_reporter(console, options))
    found = {"English": evaluate(model, splits["test"], ["en"])["en"]}

    console.note("3. French through its Translator, without one French caption.")
    read_language(model, "fr", french, place / "fr-en")
    found["French, zero-shot"] = evaluate(model, splits["test"], ["fr"])["fr"]
    searched = _search(model, splits["test"])

    console.note("4. Training on French captions from there.")
    recipe = Recipe(("fr",), {"fr": french}, {"fr": place / "fr-en"}, start=run)
    tuned = train(
        splits["train"],
        splits["dev"],
        place / "run-fr",
        recipe,
        options,
        report=_reporter(console, options),
    )
    found["French, fine-tuned"] = evaluate(tuned, splits["test"], ["fr"])["fr"]
    _tell(console, place, found, splits["test"], searched)


def _aligned(console: Console, place: Path) -> tuple[Path, Path]:
    """Align French with English; the files of both languages' word vectors.

    Without the dictionary that ships: it comes from captions of the very pictures.
    """
    from translator import align, load_vectors
    from translator.data import path

    console.note("1. Aligning French word vectors with English ones, without a dictionary.")
    english, french = path("en.safetensors"), path("fr.safetensors")
    align(load_vectors(french), load_vectors(english)).save_pretrained(place / "fr-en")
    return english, french


def _reporter(console: Console, options: Options) -> Any:
    return lambda entry: console.note("   " + epoch_line(entry, options))


def _search(model: VSE, pictures: Split) -> list[tuple[str, list[str]]]:
    """French queries and, for each, the pictures found by the model that saw no French caption."""
    from vse.data import characters

    drawn = characters()
    found = model.search(QUERIES, pictures.features, SHOWN, lang="fr")
    return [
        (query, [f"{drawn[pictures.ids[hit.row]]} {caption(pictures, hit.row, 'fr')}" for hit in hits])
        for query, hits in zip(QUERIES, found, strict=True)
    ]


def _tell(
    console: Console, place: Path, found: dict[str, Any], test: Split, searched: list[tuple[str, list[str]]]
) -> None:
    from vse.data import path as pictures
    from vse.metrics import chance

    rows = {**found, "chance": chance(test.captions["fr"].images)}
    text = [
        f"\n{metrics_table(rows, 'test pictures')}",
        "\nSearched in French before any French caption was seen:",
        table([(query, ", ".join(hits)) for query, hits in searched]),
        f"\nWritten to {place}/\n",
        steps(
            f'vse search {place / "run-en"} --images {pictures()} "a wild animal"',
            f"translator info {place / 'fr-en'}",
            "vse train DATA --lang en --embeddings en=en.bin -o run-en",
        ),
    ]
    value = {
        "folder": str(place),
        "metrics": {label: metrics.to_json() for label, metrics in rows.items()},
        "searches": [{"text": query, "pictures": hits} for query, hits in searched],
    }
    console.result("\n".join(text), value)
