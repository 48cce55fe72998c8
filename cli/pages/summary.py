"""The summary: the main numbers, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..align import agreement
from ..render import share
from .markup import Section, element, paragraph, section

if TYPE_CHECKING:
    from translator.diagnosis import Advice, Diagnosis


def summary(diagnosis: Diagnosis, advice: Sequence[Advice], titles: Mapping[str, str]) -> Section:
    """Show the main numbers, then the advice with links to the sections.

    :param titles: of the sections, by topic.
    """
    numbers = element(
        "dl",
        *(element("div", element("dt", name), element("dd", value)) for name, value in headline(diagnosis)),
    )
    items = [
        element("li", one.text, " ", element("a", titles[one.topic], href=f"#{one.topic}")) for one in advice
    ]
    return section(
        "summary",
        "Summary",
        numbers,
        paragraph(f"{agreement(diagnosis.record)}."),
        *(paragraph(f"Probabilities: {one}.") for one in (diagnosis.record.probabilities,) if one),
        element("h3", "What to do next"),
        element("ul", *items, class_="advice") if items else paragraph("There is no advice."),
    )


def headline(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """Return the main numbers as names and values."""
    rows = [(f"words of {one.name}", f"{one.words:,}") for one in (diagnosis.source, diagnosis.target)]
    if diagnosis.accuracy is not None:
        names = {"csls": "P@1, map alone", "reranked": "P@1, re-ranked"}
        rows += [(names[one.criterion], share(one.p_at_1.value)) for one in diagnosis.accuracy.scores]
    rows += [
        (f"coverage of the {name} dictionary", share(one.share))
        for name, one in (("seed", diagnosis.seed_coverage), ("test", diagnosis.test_coverage))
        if one is not None
    ]
    if diagnosis.suspects is not None:
        rows.append(("pairs to check", f"{len(diagnosis.suspects):,}"))
    return rows
