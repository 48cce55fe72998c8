"""The section on the landscape: some words in the shared space, in two dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..render import width
from .labels import Box, place
from .markup import Html, Section, figure, key, percent, section
from .svg import FAINT, RULE, SOURCE, TARGET, drawing, inline

if TYPE_CHECKING:
    from translator.diagnosis import Diagnosis
    from translator.diagnosis.landscape import Landscape, Spot

WIDE, LEAST, MOST = 350.0, 200.0, 400.0  # points: the figure's width, and the bounds of its height
MARGIN = 42.0
LETTER = 8.5  # points
FAR = 9.0  # distance in points from which a line joins a label to its point

Point = tuple[float, float]


def landscape(diagnosis: Diagnosis) -> Section:
    """Show words of all frequencies and their best translations, in two dimensions."""
    shown = diagnosis.landscape
    count = len(shown.neighbourhoods)
    return section(
        "landscape",
        "A look at the shared space",
        figure(
            _drawn(
                shown, f"{count} words of {diagnosis.source.name} and their best translations, by similarity"
            ),
            key("source", diagnosis.source.name),
            key("target", diagnosis.target.name),
            f"{count} source words, chosen by their frequency alone, joined by lines to their best "
            f"translations, in the first two principal components ({percent(shown.explained)} of the "
            "variance)",
        ),
    )


def _drawn(shown: Landscape, label: str) -> Html:
    spots = [
        (spot, spot is one.source) for one in shown.neighbourhoods for spot in (one.source, *one.targets)
    ]
    points, height = _scaled([spot for spot, _ in spots])
    sizes = [(0.56 * LETTER * width(spot.word) + 2, 1.1 * LETTER) for spot, _ in spots]
    with drawing(WIDE / 72, height / 72) as (canvas, axes):
        axes.set_axis_off()
        axes.set_position((0, 0, 1, 1))
        axes.set_xlim(0, WIDE)
        axes.set_ylim(0, height)
        _join(axes, shown, points)
        for point, (spot, is_source), box in zip(
            points, spots, place(points, sizes, WIDE, height), strict=True
        ):
            colour = SOURCE if is_source else TARGET
            axes.plot(*point, "o", color=colour, markersize=4.5 if is_source else 3.5)
            _name(axes, spot.word, colour, point, box)
        return inline(canvas, "landscape", label)


def _scaled(spots: list[Spot]) -> tuple[list[Point], float]:
    """Scale the spots to points of the figure, equally in both directions; also return its height."""
    across, along = [spot.x for spot in spots], [spot.y for spot in spots]
    spans = [max(values) - min(values) or 1.0 for values in (across, along)]
    scale = min((WIDE - 2 * MARGIN) / spans[0], (MOST - 2 * MARGIN) / spans[1])
    height = max(LEAST, scale * spans[1] + 2 * MARGIN)
    left, low = (WIDE - scale * spans[0]) / 2, (height - scale * spans[1]) / 2
    points = [(left + scale * (spot.x - min(across)), low + scale * (spot.y - min(along))) for spot in spots]
    return points, height


def _join(axes: Any, shown: Landscape, points: list[Point]) -> None:
    """Draw a line from each source word to each of its translations."""
    first = 0
    for one in shown.neighbourhoods:
        for number in range(1, len(one.targets) + 1):
            ends = points[first], points[first + number]
            axes.plot(*zip(*ends, strict=True), color=RULE, linewidth=1.2, zorder=0)
        first += 1 + len(one.targets)


def _name(axes: Any, word: str, colour: str, point: Point, box: Box) -> None:
    """Write the word in its box, with a thin line to its point if they are far apart."""
    x = min(max(point[0], box.x - box.width / 2), box.x + box.width / 2)
    y = min(max(point[1], box.y - box.height / 2), box.y + box.height / 2)
    if abs(x - point[0]) + abs(y - point[1]) > FAR:
        axes.plot([point[0], x], [point[1], y], color=FAINT, linewidth=0.5, zorder=0)
    style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "parse_math": False}
    axes.text(box.x, box.y, word, color=colour, fontsize=LETTER, **style)
