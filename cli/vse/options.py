"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..options import FILE, device_option

if TYPE_CHECKING:
    from vse import VSE

R = TypeVar("R")

embeddings_option = click.option(
    "--embeddings",
    "embeddings",
    multiple=True,
    metavar="LANG=FILE",
    help="Word vectors of a language: .bin for any word, or .vec and the like.",
)
translator_option = click.option(
    "--init-translator",
    "translators",
    multiple=True,
    metavar="[LANG=]PATH",
    help="Its way into the pivot's vectors: an alignment folder, or an exported .safetensors.",
)
split_option = click.option("--split", default="test", show_default=True, help="Split of a data folder.")


def on_a_model(function: Callable[..., R]) -> Callable[..., R]:
    """Give a command RUN, and all that its model may need: the parameters ``run`` and ``open_model``."""

    @click.argument("run", type=FILE)
    @embeddings_option
    @translator_option
    @device_option
    @functools.wraps(function)
    def command(
        *args: Any,
        run: Path,
        embeddings: Sequence[str],
        translators: Sequence[str],
        device: str,
        **kwargs: Any,
    ) -> R:
        open_model = functools.partial(opened, run, embeddings, translators, device)
        return function(*args, run=run, open_model=open_model, **kwargs)

    return command


def by_language(values: Iterable[str], option: str, alone: str | None = None) -> dict[str, Path]:
    """``LANG=PATH`` values as a mapping.

    :param alone: the language that a value without one is for.
    """
    from vse.dataset import LANGUAGE

    found: dict[str, Path] = {}
    for value in values:
        begin, _, end = value.partition("=")
        named = end and LANGUAGE.fullmatch(begin)
        code, place = (begin, end) if named else (alone, value)
        if code is None:
            raise click.UsageError(f"{option} {value}: say for which language: {option} LANG={value}")
        if code in found:
            raise click.UsageError(f"{option}: {code} is given twice")
        found[code] = Path(place)
    return found


def opened(run: Path, embeddings: Iterable[str], translators: Iterable[str], device: str) -> VSE:
    """Load a model, and let it read further languages for which vectors and a Translator are given.

    :raises DataError: the folder holds no model, something does not fit, or the device is not there.
    """
    from translator.devices import usable
    from vse import VSE
    from vse.training.recipes import read_language

    places = by_language(embeddings, "--embeddings")
    model = VSE.from_pretrained(run, embeddings=places)
    further = [code for code in places if code not in model.languages]
    ways = by_language(translators, "--init-translator", further[0] if len(further) == 1 else None)
    if strange := sorted(ways.keys() - set(further)):
        lacking = f"needs its --embeddings {strange[0]}=FILE"
        found = "is a language of the model already" if strange[0] in model.languages else lacking
        raise click.UsageError(f"--init-translator: {strange[0]} {found}")
    for code in further:
        read_language(model, code, places[code], ways.get(code))
    return model.to(usable(device))


def metrics_table(rows: Mapping[str, Any], header: str) -> str:
    """Recall in both directions, a row each.

    :param rows: :class:`vse.metrics.Metrics` by label.
    """
    from ..render import table

    names = (
        header,
        *("t2i R@1", "R@5", "R@10", "medr"),
        *("i2t R@1", "R@5", "R@10", "medr"),
        *("rsum", "pictures", "captions"),
    )
    cells = []
    for label, found in rows.items():
        ways = (found.t2i, found.i2t)
        recalls = [f"{value:.1f}" for way in ways for value in (way.r1, way.r5, way.r10, way.medr)]
        cells.append((label, *recalls, f"{found.rsum:.1f}", str(found.i2t.queries), str(found.t2i.queries)))
    return table(cells, names)
