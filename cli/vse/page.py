"""The page of ``vse search --html``: thumbnails of the images found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

STYLE = (
    "body{font:16px sans-serif;margin:2em}"
    "div{display:flex;flex-wrap:wrap;gap:1em}"
    "figure{width:12em;margin:0;overflow-wrap:anywhere}"
    "img{width:12em;height:12em;object-fit:contain;background:#eee}"
    "p,figcaption{color:#555}"
)


def page(answers: Sequence[Mapping[str, Any]], files: Mapping[str, Path]) -> str:
    """Return a page with a section for each search.

    An image without a file is listed by its id.

    :param files: of the images, by id; other ids may be paths.
    :param answers: with ``text``, ``images`` (``id``, ``score``, ``caption``) and perhaps ``verdict``.
    """
    sections = "".join(_section(answer, files) for answer in answers)
    title = escape(", ".join(answer["text"] for answer in answers))
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head>\n<body>{sections}</body></html>\n"
    )


def _section(answer: Mapping[str, Any], files: Mapping[str, Path]) -> str:
    notes = "".join(f"<p>{escape(note)}</p>" for note in answer.get("verdict", "").splitlines())
    figures = "".join(_figure(image, files) for image in answer["images"])
    return f"\n<h2>{escape(answer['text'])}</h2>{notes}<div>{figures}</div>"


def _figure(image: Mapping[str, Any], files: Mapping[str, Path]) -> str:
    file = files.get(image["id"], Path(image["id"]))
    shown = f'<img loading="lazy" src="{escape(file.resolve().as_uri())}" alt="">' if _is_file(file) else ""
    text = f"{escape(image['caption'] or '')}<br>{image['score']:.3f} {escape(image['id'])}"
    return f"\n<figure>{shown}<figcaption>{text}</figcaption></figure>"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # an id that is too long for a path
        return False
