"""``translator info``: describe an alignment folder and how it was made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .align import agreement
from .console import Console, speaking
from .folder import chosen
from .options import folder_argument
from .render import table

if TYPE_CHECKING:
    from translator.alignment.artefact import Config, SideConfig
    from translator.alignment.record import Record


@click.command()
@folder_argument
@speaking
def info(console: Console, /, folder: Path | None) -> None:
    """Describe an alignment and how it was made.

    FOLDER is optional if the current directory has one alignment.

    \b
    Example:
      translator info en-de
    """
    folder = chosen(folder)
    from translator.alignment.artefact import read_config, read_tensors

    config = read_config(folder)
    read_tensors(folder)  # an incomplete folder is an error
    console.result(_text(folder, config), {"folder": str(folder), **config.to_json()})


def _text(folder: Path, config: Config) -> str:
    source, target, record = config.source, config.target, config.record
    rows = [
        ("alignment", f"{folder}: {source.name} -> {target.name}"),
        ("source", _side(folder, source)),
        ("target", _side(folder, target)),
        ("method", record.method),
        ("seed pairs", f"{record.seed_pairs.pairs:,} ({record.seed_pairs.origin})"),
        ("ranking", _ranking(record)),
        ("random seed", str(record.arguments.random_state)),
        ("agreement", agreement(record)),
        *(("probabilities", one) for one in (record.probabilities,) if one),
        *(("warning", warning) for warning in record.warnings),
        ("versions", ", ".join(f"{name} {number}" for name, number in record.versions.items())),
    ]
    return table(rows)


def _ranking(record: Record) -> str:
    """Describe the rankers in both directions, and their accuracy on held-out dictionary words."""
    directions = zip(("forward", "backward"), record.rankers, strict=True)
    names = "; ".join(f"{direction} {ranker.kind}" for direction, ranker in directions)
    scores = record.rankers[0].held_out
    if scores is None:
        return names
    gain = f"{100 * scores.map_p_at_1:.1f} % by the map, {100 * scores.reranked_p_at_1:.1f} % re-ranked"
    return f"{names}; held-out P@1 {gain}"


def _side(folder: Path, side: SideConfig) -> str:
    from translator.files import located

    path = located(folder, side.path)
    missing = "" if path.is_file() else " (missing)"
    return (
        f"{path}{missing}, {side.words:,} words, {side.dimension} dimensions, "
        f"normalisation {','.join(side.normalization) or 'none'}, SHA-256 {side.sha256[:16]}"
    )
