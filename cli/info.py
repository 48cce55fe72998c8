"""``translator info``: what an alignment folder is, and how it was made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .align import agreement
from .console import Console, speaking
from .folder import chosen
from .options import folder_argument
from .render import table


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
    from translator import FormatError
    from translator.alignment.artefact import CONFIG, read_config

    config = read_config(folder)
    try:
        text = _text(folder, config)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise FormatError(f"{folder / CONFIG}: damaged ({error!r})", "Align again.") from None
    console.result(text, {"folder": str(folder), **config})


def _text(folder: Path, config: dict[str, Any]) -> str:
    source, target = config["source"], config["target"]
    rows = [
        ("alignment", f"{folder}: {source['name']} -> {target['name']}"),
        ("source", _side(folder, source)),
        ("target", _side(folder, target)),
        ("method", config["method"]["reason"]),
        ("seed pairs", f"{config['seed']['pairs']:,} ({config['seed']['origin']})"),
        ("ranking", _ranking(config)),
        ("random seed", str(config["arguments"]["seed"])),
        ("agreement", agreement(config["metrics"])),
        *(("warning", warning) for warning in config["warnings"]),
        ("versions", ", ".join(f"{name} {number}" for name, number in config["versions"].items())),
    ]
    return table(rows)


def _ranking(config: dict[str, Any]) -> str:
    """Which rankers there are, forth and back, and what was measured on held-out dictionary words."""
    if "rankers" not in config:
        return "not recorded by the version that made it"
    names = "; ".join(f"{way} {name}" for way, name in zip(("forth", "back"), config["rankers"], strict=True))
    if config["ranking"] is None:
        return names
    forth = config["ranking"][0]
    gain = f"{100 * forth['map_p_at_1']:.1f} % by the map, {100 * forth['reranked_p_at_1']:.1f} % re-ranked"
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
