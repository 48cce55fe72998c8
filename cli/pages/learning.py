"""The section on learning: how the map was trained, from the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .markup import Html, Section, element, figure, joined, key, paragraph, section, table
from .svg import AFTER, drawing, inline

if TYPE_CHECKING:
    from translator.alignment.record import Record
    from translator.diagnosis import Diagnosis


def learning(diagnosis: Diagnosis) -> Section:
    """Show the rounds in which pairs were found, then the loss of RCSLS by step."""
    record = diagnosis.record
    return section(
        "learning",
        "How the map was trained",
        paragraph(f"{record.method}."),
        _rounds(record) if record.rounds else "",
        _descent(record) if record.rcsls else paragraph("RCSLS was not used."),
    )


def _rounds(record: Record) -> Html:
    rows = [(str(one.round), f"{one.pairs:,}", f"{one.expected:,.0f}") for one in record.rounds]
    return joined(
        element("h3", "Rounds"),
        paragraph(
            "Each round fits the map to the pairs of the round before, and asks the general ranker which "
            "pairs are probable under it. The dictionary, if there is one, stays in every round."
        ),
        table(("round", "probable pairs", "expected to be right"), rows),
    )


def _descent(record: Record) -> Html:
    return joined(element("h3", "RCSLS"), element("div", _losses(record), class_="pair"))


def _losses(record: Record) -> Html:
    with drawing(3.4, 2.4) as (canvas, axes):
        axes.plot([one.step for one in record.rcsls], [one.loss for one in record.rcsls], "-", color=AFTER)
        axes.set_xlabel("step")
        image = inline(canvas, "loss", "RCSLS loss by step")
    return figure(image, key("after", "loss"), "RCSLS loss")
