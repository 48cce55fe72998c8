"""``vse search``: the images nearest to a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..console import Console, speaking
from ..options import FILE
from ..render import share, table
from .images import images_of
from .options import on_a_model, split_option

if TYPE_CHECKING:
    from vse import VSE, Split
    from vse.search import Hit
    from vse.words.embeddings import Embeddings

    Captioned = tuple[Hit, str | None]


@click.command()
@on_a_model
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
@click.option(
    "--images",
    type=FILE,
    metavar="PATH",
    help="A data folder, features, or encoded images. [default: the data of training]",
)
@click.option("--ann", is_flag=True, help="Search the graph of vse encode --ann: fast, approximate.")
@click.option("--check", is_flag=True, help="With --ann: report its recall of the exact result.")
@click.option(
    "-k", type=click.IntRange(min=1), default=5, show_default=True, help="Number of images for each text."
)
@click.option("--lang", "language", help="Language of the texts. [default: the only one]")
@split_option
@speaking
def search(
    console: Console,
    /,
    run: Path,
    open_model: Callable[[], VSE],
    texts: tuple[str, ...],
    images: Path | None,
    ann: bool,
    check: bool,
    k: int,
    language: str | None,
    split: str | None,
) -> None:
    """Find the k images nearest to each TEXT: rank, cosine, id, and a caption where there is one.

    \b
    Example:
      vse search run-de "ein Hund springt über den Zaun"
      vse search run-de --images images.npy --ann "ein Hund"
    """
    if check and not ann:
        raise click.UsageError("--check compares --ann with the exact search: give --ann.")
    model = open_model()
    source = model.embeddings(language)
    _warn_of_unknown(console, texts, source)
    index, captioned = images_of(model, run, images, split, ann=ann)
    hits_by_text = {
        text: [(hit, caption(captioned, hit.row, source.language)) for hit in hits]
        for text, hits in zip(texts, model.search(texts, index, k, language=language), strict=True)
    }
    answers = [{"text": text, "images": _named(hits_by_text[text])} for text in texts]
    blocks = [f"{text}\n{_listed(hits_by_text[text])}" for text in texts]
    value: dict[str, Any] = {"run": str(run), "language": source.language, "searches": answers}
    if check:
        recall = index.recall(model.encode_text(texts, language))
        value["recall_at_10"] = recall
        blocks.append(f"recall@10 against the exact search: {share(recall)}")
    console.result("\n\n".join(blocks), value)


def _warn_of_unknown(console: Console, texts: Sequence[str], source: Embeddings) -> None:
    """Warn of a text without any known word: the search returns images, but at random."""
    from vse.words import look_up

    for text in texts:
        if look_up([text], source.reader, lowercase=source.lowercase).unknown == 1:
            console.note(f"Warning: no word of {text!r} has a vector; the images found are arbitrary")


def _named(hits: Sequence[Captioned]) -> list[dict[str, Any]]:
    return [{"id": hit.id, "score": hit.score, "caption": text} for hit, text in hits]


def _listed(hits: Sequence[Captioned]) -> str:
    return table(
        [(str(rank), f"{hit.score:.3f}", hit.id, text or "") for rank, (hit, text) in enumerate(hits, 1)]
    )


def caption(captioned: Split | None, row: int, language: str) -> str | None:
    """Return a caption of an image, in the language of the search if there is one; None without any."""
    if captioned is None:
        return None
    for code in (language, *captioned.captions):
        if (captions := captioned.captions.get(code)) is not None:
            place = int(captions.images.searchsorted(row))
            if place < len(captions.images) and captions.images[place] == row:
                return captions.texts[place]
    return None
