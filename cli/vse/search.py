"""``vse search``: the pictures nearest to a text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..console import Console, speaking
from ..options import FILE
from ..render import table
from .images import pictures_of
from .options import on_a_model, split_option

if TYPE_CHECKING:
    from vse import VSE, Split


@click.command()
@on_a_model
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
@click.option(
    "--images", type=FILE, required=True, metavar="PATH", help="A data folder, features, or encoded pictures."
)
@click.option("-k", type=click.IntRange(min=1), default=5, show_default=True, help="Pictures a text.")
@click.option("--lang", help="Language of the texts. [default: the one there is]")
@split_option
@speaking
def search(
    console: Console,
    /,
    run: Path,
    open_model: Callable[[], VSE],
    texts: tuple[str, ...],
    images: Path,
    k: int,
    lang: str | None,
    split: str,
) -> None:
    """Find the k pictures nearest to each TEXT: rank, cosine, id, and a caption where there is one.

    \b
    Example:
      vse search run-de --images data "ein Hund springt über den Zaun"
    """
    model = open_model()
    source = model.embeddings(lang)
    index, pictures = pictures_of(model, run, images, split)
    found = model.search(texts, index, k, lang=lang)
    answers, blocks = [], []
    for text, hits in zip(texts, found, strict=True):
        named = [
            {"id": hit.id, "score": hit.score, "caption": caption(pictures, hit.row, source.language)}
            for hit in hits
        ]
        answers.append({"text": text, "pictures": named})
        rows = [
            (str(rank), f"{hit['score']:.3f}", str(hit["id"]), str(hit["caption"] or ""))
            for rank, hit in enumerate(named, 1)
        ]
        blocks.append("\n".join([text, table(rows)]))
    console.result("\n\n".join(blocks), {"run": str(run), "lang": source.language, "searches": answers})


def caption(pictures: Split | None, row: int, language: str) -> str | None:
    """A caption of a picture, in the language of the search if there is one."""
    if pictures is None:
        return None
    for code in (language, *pictures.captions):
        if (captions := pictures.captions.get(code)) is not None:
            place = int(captions.images.searchsorted(row))
            if place < len(captions.images) and captions.images[place] == row:
                return captions.texts[place]
    return None
