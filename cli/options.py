"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

R = TypeVar("R")

CRITERIA = {"cosine": "NN", "csls": "CSLS", "inverted-softmax": "ISF"}  # and what tables call them
FILE = click.Path(path_type=Path)

folder_argument = click.argument("folder", type=FILE, required=False)
criterion_option = click.option(
    "--criterion", type=click.Choice(list(CRITERIA)), default="csls", show_default=True, help="How to rank."
)
rerank_option = click.option(
    "--rerank/--no-rerank",
    default=True,
    help="Order candidates by the ranker, if the alignment has one, or by the map alone. [default: rerank]",
)
device_option = click.option(
    "--device", default="cpu", show_default=True, help="cpu, or a torch device such as cuda."
)


def moved_vectors(function: Callable[..., R]) -> Callable[..., R]:
    """Let the vectors of an alignment be found where they are now: the parameter ``moved``."""

    @click.option("--source-vectors", type=FILE, metavar="FILE", help="The source vectors, if they moved.")
    @click.option("--target-vectors", type=FILE, metavar="FILE", help="The target vectors, if they moved.")
    @functools.wraps(function)
    def command(*args: Any, source_vectors: Path | None, target_vectors: Path | None, **kwargs: Any) -> R:
        return function(*args, moved={"source": source_vectors, "target": target_vectors}, **kwargs)

    return command
