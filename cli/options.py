"""Options shared by several commands."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

R = TypeVar("R")

CRITERIA = {"cosine": "NN", "csls": "CSLS", "inverted-softmax": "ISF"}  # and their names in tables
FILE = click.Path(path_type=Path)

folder_argument = click.argument("folder", type=FILE, required=False)
criterion_option = click.option(
    "--criterion",
    type=click.Choice(list(CRITERIA)),
    default="csls",
    show_default=True,
    help="Criterion that ranks the candidates.",
)
rerank_option = click.option(
    "--rerank/--no-rerank",
    default=True,
    help="Order candidates by the ranker, or by the map alone. [default: rerank if there is a ranker]",
)
space_option = click.option(
    "--space",
    type=click.Choice(["shared", "target"]),
    default="shared",
    show_default=True,
    help="Map the vectors into the space both languages share, or into the target's own raw space.",
)
device_option = click.option(
    "--device", default="cpu", show_default=True, help="cpu, or a torch device such as cuda."
)


def moved_vectors(function: Callable[..., R]) -> Callable[..., R]:
    """Add options for vector files that were moved since the alignment: the parameter ``moved``."""

    @click.option(
        "--source-vectors",
        "source",
        type=FILE,
        metavar="FILE",
        help="The source vectors, if their file was moved.",
    )
    @click.option(
        "--target-vectors",
        "target",
        type=FILE,
        metavar="FILE",
        help="The target vectors, if their file was moved.",
    )
    @functools.wraps(function)
    def command(*args: Any, source: Path | None, target: Path | None, **kwargs: Any) -> R:
        return function(*args, moved={"source": source, "target": target}, **kwargs)

    return command
