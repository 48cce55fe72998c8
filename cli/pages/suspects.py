"""The section on pairs of the seed dictionary that look wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .markup import Html, Section, joined, paragraph, section, table, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from translator.diagnosis import Diagnosis
    from translator.diagnosis.suspects import Suspect

SHOWN = 40  # pairs on the page; --json has all


def suspects(diagnosis: Diagnosis, note: str) -> Section:
    """Show pairs that the map contradicts, those with the largest gap first.

    :param note: why there is no seed dictionary, or an empty string.
    """
    title = "Pairs to check in the dictionary"
    if diagnosis.suspects is None:
        return section("suspects", title, paragraph(note))
    if not diagnosis.suspects:
        return section("suspects", title, paragraph("The map contradicts no pair of the dictionary."))
    return section("suspects", title, _pairs(diagnosis.suspects))


def _pairs(pairs: Sequence[Suspect]) -> Html:
    from translator.diagnosis.suspects import DEPTH

    rows = [
        (
            *(word(text) for text in (one.source, one.target, one.best_target, one.best_source)),
            f"{one.score:.2f}".replace("-", "\N{MINUS SIGN}"),
            f"{one.gap:.2f}",
        )
        for one in pairs[:SHOWN]
    ]
    shown = f" The first {SHOWN}:" if len(pairs) > SHOWN else ""
    return joined(
        paragraph(
            f"{len(pairs):,} pairs on which the map was fitted, although it contradicts them: neither word "
            f"is among the {DEPTH} best translations of the other, and the CSLS of the pair is far below "
            "that of the best translations. (The gap is at least half of the difference between typical "
            "pairs of the dictionary and random pairs.) Such a pair is wrong, or a rare sense, or has a "
            f"word with a poor vector: check each before you delete it.{shown}"
        ),
        table(("source", "target", "best target", "best source", "CSLS", "gap"), rows, names=4),
    )
