"""``translator info``: what an alignment folder is, and how it was made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .align import agreement
from .console import Console, speaking
from .folder import chosen
from .options import folder_argument
from .render import table

if TYPE_CHECKING:
    from translator.alignment.making import Making


@click.command()
@folder_argument
@speaking
def info(console: Console, /, folder: Path | None) -> None:
    """Say what an alignment is and how it was made.

    FOLDER may be left out where there is one alignment in the current directory.

    \b
    Example:
      translator info en-de
    """
    folder = chosen(folder)
    from translator.alignment.making import making

    from translator.alignment.artefact import read_config, read_tensors

    config = read_config(folder)
    read_tensors(folder)  # what is not whole should not look well
    text = _text(folder, config["source"], config["target"], making(config, folder))
    console.result(text, {"folder": str(folder), **config})


def _text(folder: Path, source: dict[str, Any], target: dict[str, Any], made: Making) -> str:
    rows = [
        ("alignment", f"{folder}: {source['name']} -> {target['name']}"),
        ("source", _side(folder, source)),
        ("target", _side(folder, target)),
        ("method", made.reason),
        ("seed pairs", f"{made.pairs:,} ({made.origin})"),
        ("ranking", _ranking(made)),
        ("random seed", str(made.arguments.get("seed", "not recorded"))),
        ("agreement", agreement(made.agreement)),
        *(("warning", warning) for warning in made.warnings),
        ("versions", ", ".join(f"{name} {number}" for name, number in made.versions.items())),
    ]
    return table(rows)


def _ranking(made: Making) -> str:
    """Which rankers there are, forth and back, and what was measured on held-out dictionary words."""
    if made.kinds is None:
        return "not recorded by the version that made it"
    names = "; ".join(f"{way} {kind}" for way, kind in zip(("forth", "back"), made.kinds, strict=True))
    if made.rankers is None:
        return names
    forth = made.rankers[0]
    gain = f"{100 * forth.map_p_at_1:.1f} % by the map, {100 * forth.reranked_p_at_1:.1f} % re-ranked"
    return f"{names}; held-out P@1 {gain}"


def _side(folder: Path, side: dict[str, Any]) -> str:
    from translator.files import located

    path = located(folder, side["path"])
    gone = "" if path.is_file() else " (not there now)"
    recipe = ",".join(side["recipe"]) or "none"
    return (
        f"{path}{gone}, {side['words']:,} words, {side['dimension']} dimensions, "
        f"recipe {recipe}, sha256 {side['sha256'][:16]}"
    )
