"""The first section: what it comes to, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..align import agreement
from ..render import share
from .markup import Section, element, paragraph, section

if TYPE_CHECKING:
    from translator.diagnosis import Advice, Diagnosis


def summary(found: Diagnosis, advice: Sequence[Advice], titles: Mapping[str, str]) -> Section:
    """The main numbers, then the advice, each with a link to where its numbers are.

    :param titles: of the sections, by topic.
    """
    numbers = element(
        "dl",
        *(element("div", element("dt", name), element("dd", value)) for name, value in headline(found)),
    )
    items = [
        element("li", one.text, " ", element("a", titles[one.topic], href=f"#{one.topic}")) for one in advice
    ]
    return section(
        "summary",
        "Summary",
        numbers,
        paragraph(f"{agreement(found.record.agreement)}."),
        element("h3", "What to do next"),
        element("ul", *items, class_="advice") if items else paragraph("Nothing stands out."),
    )


def headline(found: Diagnosis) -> list[tuple[str, str]]:
    """The main numbers, as names and values."""
    rows = [(f"words of {one.name}", f"{one.words:,}") for one in (found.source, found.target)]
    if found.accuracy is not None:
        names = {"csls": "P@1, map alone", "reranked": "P@1, re-ranked"}
        rows += [(names[one.criterion], share(one.p_at_1.value)) for one in found.accuracy.scores]
    rows += [
        (f"{name} dictionary found", share(one.share))
        for name, one in (("seed", found.seed), ("test", found.test))
        if one is not None
    ]
    if found.suspects is not None:
        rows.append(("pairs to check", f"{len(found.suspects):,}"))
    return rows
