"""``vse encode``: texts or images into the joint space."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..console import Console, speaking, standard_input
from ..folder import check_file
from ..options import FILE
from .images import images_of
from .options import on_a_model, split_option

if TYPE_CHECKING:
    from vse import VSE


@click.command()
@on_a_model
@click.option("--text", type=FILE, metavar="FILE", help="Texts, one a line; - for standard input.")
@click.option("--images", type=FILE, metavar="PATH", help="Features, .npy [n, f], or a data folder.")
@click.option("-o", "--output", type=FILE, required=True, metavar="FILE.npy", help="Where to write.")
@click.option("--no-captions", is_flag=True, help="Leave the captions of a data folder out.")
@click.option("--ann", is_flag=True, help="With --images: add a graph of approximate neighbours.")
@click.option("--lang", "language", help="Language of the texts. [default: the only one]")
@split_option
@speaking
def encode(
    console: Console,
    /,
    run: Path,
    open_model: Callable[[], VSE],
    text: Path | None,
    images: Path | None,
    output: Path,
    no_captions: bool,
    ann: bool,
    language: str | None,
    split: str | None,
) -> None:
    """Write unit rows of the joint space, float32 [n, e]; their products are cosines.

    Encoded images are an index for vse search. FILE.json holds their ids and captions, FILE.captions.npy the
    encoded captions, and FILE.usearch the graph for vse search --ann.

    \b
    Example:
      vse encode run-de --text captions.txt -o texts.npy
      vse encode run-de --images features.npy -o images.npy
      vse search run-de --images images.npy "ein Hund"
    """
    if (text is None) == (images is None):
        raise click.UsageError("Give either --text or --images.")
    if output.suffix != ".npy":
        raise click.UsageError(f"-o {output}: expected a name that ends in .npy")
    if ann and images is None:
        raise click.UsageError("--ann adds to encoded images: give --images.")
    from translator.retrieval.ann import check_installed
    from vse.search import captions_path, check_describable, check_undescribed, graph_path

    check_file(output, [place for place in (text, images) if place is not None])
    (check_undescribed if images is None else check_describable)(output)
    if images is not None:
        check_file(captions_path(output))
    if ann:
        check_installed()
        check_file(graph_path(output))
    model = open_model()
    if images is not None:
        index, _ = images_of(model, run, images, split, captions=not no_captions)
        if index.captions is not None:
            for code in model.languages:
                model.levels(index, code)
        index = index.with_graph() if ann else index
        index.save(output)
        shape = index.embeddings.shape
    elif text is not None:
        shape = _encode_text(model, text, language, output)
    console.summary(
        f"Written to {output}: {shape[0]:,} rows of {shape[1]}", {"output": str(output), "shape": list(shape)}
    )


def _encode_text(model: VSE, text: Path, language: str | None, output: Path) -> tuple[int, ...]:
    import numpy as np

    from translator.writing import replacing
    from vse.dataset.reading import lines_of, read_lines

    lines = lines_of(standard_input(), text) if str(text) == "-" else read_lines(text)
    encoded = model.encode_text(lines, language)
    with replacing(output) as draft, draft.open("wb") as stream:
        np.save(stream, encoded)
    return encoded.shape
