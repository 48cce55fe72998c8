"""``translator export``: an alignment into the files that other programs read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .console import Console, speaking
from .exports import FORMATS, Export, write
from .folder import chosen, is_alignment, label
from .options import folder_argument, moved_vectors
from .render import table

if TYPE_CHECKING:
    from translator.alignment.artefact import Config

R = TypeVar("R")


def formats(function: Callable[..., R]) -> Callable[..., R]:
    """An option for each format, whose value, the file, may be left out."""
    for name, form in reversed(FORMATS.items()):
        place = "[FOLDER]" if name == "index" else "[FILE]"
        add = click.option(f"--{name}", name, is_flag=False, flag_value="", metavar=place, help=form.help)
        function = add(function)
    return function


@click.command()
@folder_argument
@formats
@click.option(
    "--space",
    type=click.Choice(["shared", "target"]),
    default="shared",
    show_default=True,
    help="Where the vectors end: in the space both languages share, or in the target's own raw space.",
)
@click.option(
    "--side",
    type=click.Choice(["source", "target", "both"]),
    help="Which language to export. [default: both; with --space target, the source; --index, the target]",
)
@click.option("--ann", is_flag=True, help="With --index: add a graph of approximate neighbours, for usearch.")
@moved_vectors
@speaking
def export(
    console: Console,
    /,
    folder: Path | None,
    space: str,
    side: str | None,
    ann: bool,
    moved: Mapping[str, Path | None],
    **wanted: str | None,
) -> None:
    """Write aligned vectors, models and layers.

    Both languages move into the shared space, so both are written. With --space target the source moves
    all the way into the raw vectors of the target, whose own file is then the partner.
    An index holds the words of one language, the target, and queries for the other.
    FOLDER may be left out where there is one alignment in the current directory, FILE always:

    \b
      --torch   en-de.safetensors (source), en-de.target.safetensors (target)
      --vec     en-de.en.vec, en-de.de.vec
      --index   en-de.index/vectors.npy, words.txt, queries.npy, queries.txt, config.json

    \b
    Example:
      translator export en-de --torch en-de.safetensors
      translator export --torch
    """
    asked = {name: file for name in FORMATS if (file := wanted[name]) is not None}
    if not asked:
        raise click.UsageError(f"Say what to write: {', '.join(f'--{name}' for name in FORMATS)}.")
    if ann and "index" not in asked:
        raise click.UsageError("--ann adds to an index: give --index.")
    folder = chosen(folder or _taken_for_file(asked))
    roles = {name: _roles(name, space, side) for name in asked}
    from translator.alignment.artefact import read_config
    from translator.files import located
    from translator.retrieval.ann import check_installed

    config = read_config(folder)
    if ann:
        check_installed()
    exports = [
        one for name, file in asked.items() for one in FORMATS[name].plan(file, folder, config, roles[name])
    ]
    vectors = [moved[role] or located(folder, config.side(role).path) for role in ("source", "target")]
    for one in exports:
        one.check([folder, *vectors])
    notes = write(console, exports, folder, space, moved, ann)
    console.summary("\n".join([_list(exports, config, space), *notes]), _value(folder, space, exports, notes))


def _taken_for_file(asked: dict[str, str]) -> Path | None:
    """In ``export --torch en-de`` the folder stands where a file may: give it back its meaning."""
    for name, file in asked.items():
        if file and is_alignment(Path(file)):
            asked[name] = ""
            return Path(file)
    return None


def _roles(form: str, space: str, side: str | None) -> tuple[str, ...]:
    if form == "index":
        if space == "target":
            raise click.UsageError("CSLS is defined in the shared space: with --index leave --space out.")
        side = side or "target"
    if space == "target":
        if side in ("target", "both"):
            raise click.UsageError(
                "With --space target only the source moves: leave --side out, and use the target's own file."
            )
        return ("source",)
    return ("source", "target") if side in (None, "both") else (side,)


def _list(exports: list[Export], config: Config, space: str) -> str:
    end = "shared space" if space == "shared" else f"raw space of {label(config, 'target')}"
    return table([(str(one.path), one.format, f"{label(config, one.role)} -> {end}") for one in exports])


def _value(folder: Path, space: str, exports: list[Export], notes: list[str]) -> dict[str, Any]:
    files = [{"format": one.format, "side": one.role, "path": str(one.path)} for one in exports]
    return {"alignment": str(folder), "space": space, "files": files, "notes": notes}
