"""The page of ``vse search --html``: thumbnails of the images found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any

STYLE = (
    "body{font:16px sans-serif;margin:2em}"
    "div{display:flex;flex-wrap:wrap;gap:1em}"
    "figure{width:12em;margin:0;overflow-wrap:anywhere}"
    "img{width:12em;height:12em;object-fit:contain;background:#eee}"
    "p,figcaption{color:#555}"
)


def page(answers: Sequence[Mapping[str, Any]], folder: Path) -> str:
    """Return a page with a section for each search.

    An image is shown where its id is the path of a file, from ``folder`` or from the current one; others are
    listed by their ids.

    :param answers: with ``text``, ``images`` (``id``, ``score``, ``caption``) and perhaps ``verdict``.
    """
    sections = "".join(_section(answer, folder) for answer in answers)
    title = escape(", ".join(answer["text"] for answer in answers))
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head>\n<body>{sections}</body></html>\n"
    )


def _section(answer: Mapping[str, Any], folder: Path) -> str:
    notes = "".join(f"<p>{escape(note)}</p>" for note in answer.get("verdict", "").splitlines())
    figures = "".join(_figure(image, folder) for image in answer["images"])
    return f"\n<h2>{escape(answer['text'])}</h2>{notes}<div>{figures}</div>"


def _figure(image: Mapping[str, Any], folder: Path) -> str:
    files = (place.resolve() for place in (folder / image["id"], Path(image["id"])) if place.is_file())
    shown = "".join(f'<img loading="lazy" src="{escape(file.as_uri())}" alt="">' for file in islice(files, 1))
    text = f"{escape(image['caption'] or '')}<br>{image['score']:.3f} {escape(image['id'])}"
    return f"\n<figure>{shown}<figcaption>{text}</figcaption></figure>"
