"""The section on conditioning: how the maps stretch their spaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .markup import Html, Section, figure, joined, key, paragraph, section, table
from .svg import RULE, SOURCE, TARGET, drawing, inline

if TYPE_CHECKING:
    from translator.diagnosis import Diagnosis
    from translator.diagnosis.conditioning import Conditioning

COLOURS = {"source": SOURCE, "target": TARGET}


def conditioning(diagnosis: Diagnosis) -> Section:
    """Show singular values and condition number of each map that does more than scale."""
    both = {"source": diagnosis.source_conditioning, "target": diagnosis.target_conditioning}
    names = {"source": diagnosis.source.name, "target": diagnosis.target.name}
    measured = {role: one for role, one in both.items() if one is not None}
    unchanged = [
        paragraph(f"The map of {names[role]} only scales its space.") for role in both if role not in measured
    ]
    return section(
        "conditioning",
        "Conditioning of the maps",
        paragraph(
            "All singular values of a rotation are 1. A direction with a small one is compressed: the "
            "dictionary, or the other language, makes no distinction along it. With a large condition "
            "number, mapping back from the shared space (translator export --space target) is imprecise."
        ),
        *unchanged,
        _shapes(measured, names) if measured else "",
    )


def _shapes(measured: Mapping[str, Conditioning], names: Mapping[str, str]) -> Html:
    rows = [
        (
            f"map of {names[role]}",
            f"{one.singular_values[0]:.2f}",
            f"{one.singular_values[-1]:.3f}",
            "infinite" if one.condition_number is None else f"{one.condition_number:,.0f}",
        )
        for role, one in measured.items()
    ]
    with drawing() as (canvas, axes):
        axes.axhline(1, color=RULE, linewidth=1.2)
        for role, one in measured.items():
            axes.plot(range(1, len(one.singular_values) + 1), one.singular_values, color=COLOURS[role])
        axes.set_ylim(bottom=0)
        axes.set_xlabel("direction, the most stretched first")
        axes.set_ylabel("singular value")
        image = inline(canvas, "conditioning", "Singular values of the maps, the largest first")
    keys = [key(role, names[role]) for role in measured]
    return joined(
        table(("", "largest", "smallest", "condition number"), rows),
        figure(image, *keys, "singular values, divided by their root mean square"),
    )
