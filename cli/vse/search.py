"""``vse search``: the images nearest to a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..console import Console, speaking
from ..folder import check_file
from ..options import FILE
from ..render import share, table
from .images import image_files, images_of
from .options import on_a_model, split_option

if TYPE_CHECKING:
    from translator.vectors import Floats
    from vse import VSE, ImageIndex, Split
    from vse.search import By, Hit
    from vse.words.recognised import Recognised


MANY = 500  # captions that take seconds to encode


@click.command()
@on_a_model
@click.argument("texts", nargs=-1, metavar="TEXT...")
@click.option(
    "--images",
    type=FILE,
    metavar="PATH",
    help="A data folder, features, or encoded images. [default: the data of training]",
)
@click.option(
    "--by",
    type=click.Choice(["images", "captions", "both"]),
    help="What texts are compared with. [default: both; images where none has a caption, or with --ann]",
)
@click.option("--like", metavar="ID", help="Find images like this one; with TEXT: like it and the text.")
@click.option("--plus", multiple=True, metavar="TEXT", help="Add a text to each query.")
@click.option("--minus", multiple=True, metavar="TEXT", help="Subtract a text from each query.")
@click.option("--ann", is_flag=True, help="Search the graph of vse encode --ann: fast, approximate.")
@click.option("--check", is_flag=True, help="With --ann: report its recall of the exact result.")
@click.option(
    "-k", type=click.IntRange(min=1), default=5, show_default=True, help="Number of images for each text."
)
@click.option("--threshold", type=float, help="Leave out images with a lower score.")
@click.option("--html", type=FILE, metavar="FILE", help="Also write a page of the images found.")
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
    by: By | None,
    like: str | None,
    plus: tuple[str, ...],
    minus: tuple[str, ...],
    ann: bool,
    check: bool,
    k: int,
    threshold: float | None,
    html: Path | None,
    language: str | None,
    split: str | None,
) -> None:
    """Find the k best images for each TEXT: rank, score, id, and the nearest caption.

    The score is a cosine; where images and captions are compared it is their weighted mean, in standard
    deviations above the mean of all images.

    \b
    Example:
      vse search run-de "ein Hund springt über den Zaun"
      vse search run-de "ein Hund" --plus "im Schnee" --minus "ein Mensch" --html found.html
      vse search run-de --images images.npy --ann "ein Hund"
    """
    if check and not ann:
        raise click.UsageError("--check compares --ann with the exact search: give --ann.")
    if not (texts or plus or like is not None):
        raise click.UsageError("Give a TEXT, or an image with --like ID.")
    if html is not None:
        check_file(html)
    model = open_model()
    index, captioned = images_of(model, run, images, split, ann=ann, captions=by != "images")
    if index.captions is not None and captioned is not None and len(index.captions) >= MANY:
        place = images or model.data["place"]
        console.note(
            f"Faster next time: vse encode {run} --images {place} -o index.npy, then --images index.npy"
        )
    queries = _queries(model, index, texts, plus, minus, like, language)
    least = {} if threshold is None else {"threshold": threshold}
    found = index.search(queries, k + (like is not None), by, **least)
    hits_by_query = [[hit for hit in hits if hit.id != like][:k] for hits in found]
    source = model.embeddings(language)
    answers = [
        {"text": text, "images": [_named(hit, captioned, source.language) for hit in hits]}
        for text, hits in zip(texts or [_title(plus, like)], hits_by_query, strict=True)
    ]
    if texts or plus:
        _judge(model, index, queries, [" ".join([text, *plus]) for text in texts or [""]], answers, language)
    value: dict[str, Any] = {"run": str(run), "language": source.language, "searches": answers}
    blocks = [_block(answer) for answer in answers]
    if check:
        value["recall_at_10"] = index.recall(queries)
        blocks.append(f"recall@10 against the exact search: {share(value['recall_at_10'])}")
    if html is not None:
        _write_page(html, answers, image_files(model, images))
        console.note(f"Written to {html}")
    console.result("\n\n".join(blocks), value)


def _title(plus: Sequence[str], like: str | None) -> str:
    return " + ".join([*([f"like {like}"] if like is not None else []), *plus])


def _queries(
    model: VSE,
    index: ImageIndex,
    texts: Sequence[str],
    plus: Sequence[str],
    minus: Sequence[str],
    like: str | None,
    language: str | None,
) -> Floats:
    """Return the query of each text, with what is added to and subtracted from all, float32 [q, e]."""
    import numpy as np

    from vse.search import mixed

    added, subtracted = model.encode_text(plus, language), model.encode_text(minus, language)
    if like is not None:
        added = np.concatenate([added, index.embeddings[index.row(like)][None]])
    own = [row[None] for row in model.encode_text(texts, language)] or [added[:0]]
    if not len(added) + len(subtracted):
        return np.concatenate(own)
    return np.stack([mixed(np.concatenate([row, added]), subtracted) for row in own])


def _judge(
    model: VSE,
    index: ImageIndex,
    queries: Floats,
    texts: Sequence[str],
    answers: Sequence[dict[str, Any]],
    language: str | None,
) -> None:
    """Add to each answer whether anything fits, and which words are known."""
    from vse.words.recognised import recognised

    known = recognised(texts, model.embeddings(language))
    fits = index.fits(queries, model.levels(index, language))
    for answer, words, fit in zip(answers, known, fits, strict=True):
        answer["fits"] = fit and bool(words.whole or words.subwords)
        answer["words"] = asdict(words)
        answer["verdict"] = _verdict(words, answer["fits"])


def _verdict(words: Recognised, fits: bool) -> str:
    """Return notes on an answer, one a line; nothing where all words are known and something fits."""
    notes = []
    count = len(words.whole) + len(words.subwords) + len(words.unknown)
    if not words.whole and not words.subwords:
        notes.append("no word is known: the images found are arbitrary")
    elif words.subwords or words.unknown:
        by_letters = f"; by their letters alone: {', '.join(words.subwords)}" if words.subwords else ""
        unknown = f"; unknown: {', '.join(words.unknown)}" if words.unknown else ""
        notes.append(f"{len(words.whole)} of {count} words are in the vocabulary{by_letters}{unknown}")
    if not fits:
        notes.append("nothing here fits: random texts reach such scores")
    return "\n".join(notes)


def _named(hit: Hit, captioned: Split | None, language: str) -> dict[str, Any]:
    text = hit.caption if hit.caption is not None else caption(captioned, hit.row, language)
    return {"id": hit.id, "score": hit.score, "caption": text}


def _block(answer: dict[str, Any]) -> str:
    """Return an answer for people: the text, the verdict, and the images."""
    rows = [
        (str(rank), f"{one['score']:.3f}", one["id"], one["caption"] or "")
        for rank, one in enumerate(answer["images"], 1)
    ]
    verdict = [f"({note})" for note in answer.get("verdict", "").splitlines()]
    return "\n".join([answer["text"], *verdict, table(rows) if rows else "no image"])


def _write_page(file: Path, answers: Sequence[dict[str, Any]], files: Mapping[str, Path]) -> None:
    from translator.writing import replacing

    from .page import page

    with replacing(file) as draft:
        draft.write_text(page(answers, files), encoding="utf-8")


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
