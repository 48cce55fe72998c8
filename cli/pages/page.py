"""Render the whole report as one self-contained HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .accuracy import accuracy
from .calibration import calibration
from .conditioning import conditioning
from .coverage import coverage
from .hubness import hubness
from .isomorphism import isomorphism
from .landscape import landscape
from .learning import learning
from .markup import Html, Section, element
from .record import Inputs, record
from .style import STYLE
from .summary import summary
from .suspects import suspects

if TYPE_CHECKING:
    from translator.diagnosis import Advice, Diagnosis

POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # no resource is loaded, and no script runs


def page(diagnosis: Diagnosis, advice: Sequence[Advice], inputs: Inputs, note: str) -> str:
    """Return the report as HTML.

    :param inputs: ``path`` and ``sha256`` of each file that the alignment was made from.
    :param note: why there is no seed dictionary, or an empty string.
    """
    sections = [
        coverage(diagnosis, note),
        accuracy(diagnosis),
        hubness(diagnosis),
        isomorphism(diagnosis),
        conditioning(diagnosis),
        learning(diagnosis),
        calibration(diagnosis),
        landscape(diagnosis),
        suspects(diagnosis, note),
        record(diagnosis, inputs),
    ]
    sections.insert(0, summary(diagnosis, advice, {one.topic: one.title for one in sections}))
    title = f"{diagnosis.source.name} \N{RIGHTWARDS ARROW} {diagnosis.target.name}"
    top = (element("h1", title), element("p", "Report on an alignment of two languages", class_="lead"))
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
