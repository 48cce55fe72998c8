"""The whole page: one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .accuracy import accuracy
from .coverage import coverage
from .doubts import doubts
from .hubs import hubs
from .learning import learning
from .maps import maps
from .markup import Html, Section, element
from .origin import Inputs, origin
from .reliability import reliability
from .scenery import scenery
from .spaces import spaces
from .style import STYLE
from .summary import summary

if TYPE_CHECKING:
    from translator.diagnosis import Advice, Diagnosis

POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # nothing is loaded, and no script runs


def page(found: Diagnosis, advice: Sequence[Advice], inputs: Inputs, note: str) -> str:
    """The report as HTML.

    :param inputs: ``path`` and ``sha256`` of each file that the alignment was made from.
    :param note: why there is no seed dictionary, if there is none.
    """
    sections = [
        coverage(found, note),
        accuracy(found),
        hubs(found),
        spaces(found),
        maps(found),
        learning(found),
        reliability(found),
        scenery(found),
        doubts(found, note),
        origin(found, inputs),
    ]
    sections.insert(0, summary(found, advice, {one.topic: one.title for one in sections}))
    title = f"{found.source.name} \N{RIGHTWARDS ARROW} {found.target.name}"
    top = (element("h1", title), element("p", "A report on an alignment of two languages", class_="lead"))
    body = element(
        "body",
        element("header", *top),
        _contents(sections),
        element("main", *(one.html for one in sections)),
    )
    return f"<!DOCTYPE html>\n{element('html', _head(title), body, lang='en')}\n"


def _head(title: str) -> Html:
    return element(
        "head",
        Html('<meta charset="utf-8">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        element("title", f"{title}: report"),
        element("style", Html(STYLE)),
    )


def _contents(sections: Sequence[Section]) -> Html:
    links = [element("a", one.title, href=f"#{one.topic}") for one in sections]
    return element("nav", element("ol", *(element("li", link) for link in links)), aria_label="Contents")
