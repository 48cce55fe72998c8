"""``translator apply``: map any vectors of an aligned language."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import Console, speaking
from .folder import check_file, label
from .options import FILE, space_option

if TYPE_CHECKING:
    from translator.alignment.artefact import Config
    from translator.export import SideName, Space
    from translator.formats import Vectors

COMPARED = 10_000  # most frequent words of both files that are compared
# Median cosine of the same words: 1 in two files of one model, near 0 in two models, whose axes are arbitrary
DIFFERENT = 0.5


@click.command()
@click.argument("folder", type=FILE)
@click.argument("vectors", type=FILE)
@click.option("-o", "--output", type=FILE, metavar="FILE", required=True, help="File to write.")
@click.option(
    "--side",
    type=click.Choice(["source", "target"]),
    default="source",
    show_default=True,
    help="The language of the vectors.",
)
@space_option
@speaking
def apply(
    console: Console, /, folder: Path, vectors: Path, output: Path, side: SideName, space: Space
) -> None:
    """Map a file of vectors by a finished alignment.

    VECTORS belong to a language of the alignment and to the same model, such as a file with more words.
    All their words are mapped. Files are .vec (also .gz), .npz, .safetensors or gensim .kv; a fastText .bin
    can be written as .bin, too. The vectors that were aligned are not needed.

    \b
    Example:
      translator apply en-de all-english.vec -o mapped.vec
    """
    from translator import export_mapped, load_vectors
    from translator.alignment.artefact import read_config
    from translator.formats import FORMATS

    if not output.name.endswith(tuple(suffix for form in FORMATS for suffix in form.suffixes)):
        raise click.BadParameter(f"{output}: expected {'; '.join(map(str, FORMATS))}", param_hint="--output")
    config = read_config(folder)
    check_file(output, [folder, vectors])
    console.phase(f"reading {vectors}")
    loaded = load_vectors(vectors)
    _compare(console, folder, config, side, loaded)
    console.phase(f"writing {output}")
    export_mapped(folder, loaded, output, side, space)
    end = "shared space" if space == "shared" else f"raw space of {label(config, 'target')}"
    words = len(loaded.words)
    console.summary(
        f"{words:,} words written to {output}; {label(config, side)} -> {end}",
        {"alignment": str(folder), "file": str(output), "side": side, "space": space, "words": words},
    )


def _compare(console: Console, folder: Path, config: Config, side: SideName, vectors: Vectors) -> None:
    """Warn if the same words have other vectors than those that were aligned, where these can be read."""
    import numpy as np

    from translator import DataError, load_vectors
    from translator.files import located
    from translator.vectors.normalize import unit_rows

    try:
        aligned = load_vectors(located(folder, config.side(side).path), limit=COMPARED, named=False)
    except DataError:
        return
    words = [word for word in list(vectors.words)[:COMPARED] if word in aligned]
    if vectors.dimension != aligned.dimension or not words:
        return
    ours, theirs = unit_rows(vectors.embed(words)), unit_rows(aligned.embed(words))
    if (cosine := float(np.median((ours * theirs).sum(axis=1)))) < DIFFERENT:
        console.note(
            f"Warning: {vectors.path} is of another model than the {side} vectors that were aligned: the "
            f"same words have other vectors (median cosine {cosine:.2f}), so the result will mean nothing."
        )
