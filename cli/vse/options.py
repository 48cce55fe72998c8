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
    from vse.transfer import Through

R = TypeVar("R")

embeddings_option = click.option(
    "--embeddings",
    "embeddings",
    multiple=True,
    metavar="LANG=FILE",
    help="Word vectors of a language: .bin (fastText, any word), .vec or another format.",
)


def translator_option(name: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Return the option ``--init-translator`` that sets the parameter ``name``.

    The name is that of the Python parameter which hints of the library mention.
    """
    return click.option(
        "--init-translator",
        name,
        multiple=True,
        metavar="[LANG=]PATH",
        help="Its Translator into the pivot: an alignment folder, or an exported one (.safetensors).",
    )


through_option = click.option(
    "--through",
    type=click.Choice(["lexicon", "map"]),
    help="How a language with a Translator is read: each word as the pivot's words that translate it, or by "
    "its mapped vector. [default: lexicon where the Translator is an alignment]",
)
exclude_option = click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Images or folders to leave out, such as '*_old.*'."
)
split_option = click.option("--split", help="Split of a data folder. [default: all images]")


def on_a_model(function: Callable[..., R]) -> Callable[..., R]:
    """Add RUN and the options of its model to a command, which gets ``run`` and ``open_model``."""

    @click.argument("run", type=FILE)
    @embeddings_option
    @translator_option("translator")
    @through_option
    @device_option
    @functools.wraps(function)
    def command(
        *args: Any,
        run: Path,
        embeddings: Sequence[str],
        translator: Sequence[str],
        through: Through | None,
        device: str,
        **kwargs: Any,
    ) -> R:
        open_model = functools.partial(opened, run, embeddings, translator, through, device)
        return function(*args, run=run, open_model=open_model, **kwargs)

    return command


def by_language(values: Iterable[str], option: str, alone: str | None = None) -> dict[str, Path]:
    """Return ``LANG=PATH`` values as a mapping.

    :param option: name of the option, for messages.
    :param alone: language of a value that names none.
    """
    from vse.dataset import LANGUAGE

    paths: dict[str, Path] = {}
    for value in values:
        begin, _, end = value.partition("=")
        named = end and LANGUAGE.fullmatch(begin)
        code, path = (begin, end) if named else (alone, value)
        if code is None:
            raise click.UsageError(f"{option} {value}: name its language: {option} LANG={value}")
        if code in paths:
            raise click.UsageError(f"{option}: {code} is given twice")
        paths[code] = Path(path)
    return paths


def opened(
    run: Path, embeddings: Iterable[str], translators: Iterable[str], through: Through | None, device: str
) -> VSE:
    """Load a model, and add the languages for which word vectors and a Translator are given.

    :raises DataError: the folder holds no model, something does not fit, or the device is missing.
    """
    from translator.devices import usable
    from vse import VSE

    files = by_language(embeddings, "--embeddings")
    model = VSE.from_pretrained(run, embeddings=files)
    added = [code for code in files if code not in model.languages]
    folders = by_language(translators, "--init-translator", added[0] if len(added) == 1 else None)
    if wrong := sorted(folders.keys() - set(added)):
        lacking = f"needs its --embeddings {wrong[0]}=FILE"
        problem = "is a language of the model already" if wrong[0] in model.languages else lacking
        raise click.UsageError(f"--init-translator: {wrong[0]} {problem}")
    if through and not folders:
        raise click.UsageError("--through is for a language that --init-translator adds to the model.")
    for code in added:
        model.add_language(code, files[code], folders.get(code), through)
    return model.to(usable(device))


def metrics_table(rows: Mapping[str, Any], header: str) -> str:
    """Return a table of recalls and ranks in both directions, a row for each label.

    :param rows: :class:`vse.metrics.Metrics` by label.
    """
    from ..render import table

    names = (
        header,
        *("t2i R@1", "R@5", "R@10", "medr"),
        *("i2t R@1", "R@5", "R@10", "medr"),
        *("rsum", "images", "captions"),
    )
    cells = []
    for label, metrics in rows.items():
        sides = (metrics.t2i, metrics.i2t)
        recalls = [f"{value:.1f}" for side in sides for value in (side.r1, side.r5, side.r10, side.medr)]
        counts = (str(side.queries) for side in (metrics.i2t, metrics.t2i))
        cells.append((label, *recalls, f"{metrics.rsum:.1f}", *counts))
    return table(cells, names)
