"""The section on suspicious pairs of the seed dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .markup import Html, Section, joined, paragraph, section, table, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from translator.diagnosis import Diagnosis
    from translator.diagnosis.suspects import Suspect

SHOWN = 40  # pairs on the page; --json has all


def doubts(found: Diagnosis, note: str) -> Section:
    """Pairs that the geometry contradicts, the farthest first.

    :param note: why there is no seed dictionary, if there is none.
    """
    title = "Pairs to check in the dictionary"
    if found.suspects is None:
        return section("suspects", title, paragraph(note))
    if not found.suspects:
        return section("suspects", title, paragraph("The map contradicts no pair of the dictionary."))
    return section("suspects", title, _pairs(found.suspects))


def _pairs(own: Sequence[Suspect]) -> Html:
    from translator.diagnosis.suspects import DEPTH

    rows = [
        (
            *(word(text) for text in (one.source, one.target, one.best_target, one.best_source)),
            f"{one.score:.2f}".replace("-", "\N{MINUS SIGN}"),
            f"{one.gap:.2f}",
        )
        for one in own[:SHOWN]
    ]
    shown = f" The first {SHOWN} of them:" if len(own) > SHOWN else ""
    return joined(
        paragraph(
            f"The map was fitted on these pairs, but neither word is among the {DEPTH} best translations of "
            "the other, and their CSLS lies far below what the map prefers: by half or more of what parts a "
            "typical pair of the dictionary from two words at random. They are wrong, or a rare sense, or a "
            f"word with a poor vector: look at them before you delete any. {len(own):,} pairs.{shown}"
        ),
        table(("source", "target", "best target", "best source", "CSLS", "below the best"), rows, names=4),
    )
