"""The section on the maps: how they stretch their spaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .markup import Html, Section, figure, joined, key, paragraph, section, table
from .svg import RULE, SOURCE, TARGET, drawing, inline

if TYPE_CHECKING:
    from translator.diagnosis import Diagnosis
    from translator.diagnosis.conditioning import Conditioning

COLOURS = {"source": SOURCE, "target": TARGET}


def maps(found: Diagnosis) -> Section:
    """Singular values and condition number of each map that does more than scale."""
    both = {"source": found.source_map, "target": found.target_map}
    names = {"source": found.source.name, "target": found.target.name}
    there = {role: one for role, one in both.items() if one is not None}
    still = [
        paragraph(f"The map of {names[role]} only scales: its space stays as it is.")
        for role in both
        if role not in there
    ]
    return section(
        "maps",
        "The maps",
        paragraph(
            "A rotation has a singular value of 1 in every direction. A small one presses together what the "
            "other language, or the dictionary, does not tell apart; a large condition number makes the way "
            "back out of the shared space (--space target) uncertain."
        ),
        *still,
        _shapes(there, names) if there else "",
    )


def _shapes(there: Mapping[str, Conditioning], names: Mapping[str, str]) -> Html:
    rows = [
        (
            f"map of {names[role]}",
            f"{one.singular_values[0]:.2f}",
            f"{one.singular_values[-1]:.3f}",
            "infinite" if one.condition_number is None else f"{one.condition_number:,.0f}",
        )
        for role, one in there.items()
    ]
    with drawing() as (canvas, axes):
        axes.axhline(1, color=RULE, linewidth=1.2)
        for role, one in there.items():
            axes.plot(range(1, len(one.singular_values) + 1), one.singular_values, color=COLOURS[role])
        axes.set_ylim(bottom=0)
        axes.set_xlabel("direction, the most stretched first")
        axes.set_ylabel("singular value")
        picture = inline(canvas, "maps", "Singular values of the maps, the largest first")
    keys = [key(role, names[role]) for role in there]
    return joined(
        table(("", "largest", "smallest", "condition number"), rows),
        figure(picture, *keys, "singular values, divided by their root mean square"),
    )
