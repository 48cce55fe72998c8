"""The section on accuracy: on a test dictionary, or what is known without one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .coverage import places
from .markup import Html, Section, element, figure, joined, key, paragraph, percent, section, table
from .svg import AFTER, BEFORE, drawing, inline

if TYPE_CHECKING:
    from translator.diagnosis import Diagnosis
    from translator.diagnosis.accuracy import Accuracy
    from translator.evaluation import Measure, Score

ORDERS = {"csls": "map alone", "reranked": "re-ranked"}
SHADES = {"csls": (BEFORE, "before"), "reranked": (AFTER, "after")}


def accuracy(found: Diagnosis) -> Section:
    """Scores with their intervals, by frequency and by number of listed translations."""
    title = "Accuracy"
    if found.accuracy is None:
        return section("accuracy", title, *_without_test(found))
    measured = found.accuracy
    rows = [
        (ORDERS[one.criterion], *map(_interval, (one.p_at_1, one.p_at_5, one.mrr))) for one in measured.scores
    ]
    asked = (
        f"{measured.words:,} of the {measured.queries:,} test words could be asked, among "
        f"{found.target.words:,} candidates. A hit is any translation that the test dictionary lists; the "
        "brackets hold 95 % intervals (bootstrap over words)."
    )
    return section(
        "accuracy",
        title,
        paragraph(asked),
        table(("in percent", "P@1", "P@5", "MRR"), rows),
        element("h3", "By frequency of the source word"),
        _plot(measured) if len(measured.by_frequency) > 1 else "",
        _groups("place", [(places(one.band), one.words, one.scores) for one in measured.by_frequency]),
        element("h3", "By number of translations that the test dictionary lists"),
        _groups("listed", [(_listed(one.listed), one.words, one.scores) for one in measured.by_listed]),
    )


def _listed(number: int) -> str:
    from translator.diagnosis.accuracy import MANY

    return f"{number} or more" if number == MANY else str(number)


def _without_test(found: Diagnosis) -> list[Html]:
    """What the record knows from parts of the seed that were held out while learning."""
    parts = [paragraph("No test dictionary was given. Known from pairs that were kept aside while learning:")]
    rows = []
    best = found.record.best_step
    if best is not None and best.held_out_mrr is not None:
        rows.append(("MRR of the map, on a held-out share of the seed", percent(best.held_out_mrr)))
    forth = found.record.rankers[0].held_out
    if forth is not None:
        rows += [
            ("P@1 of the map, on a third of the seed", percent(forth.map_p_at_1)),
            ("P@1 re-ranked, there", percent(forth.reranked_p_at_1)),
            ("calibration error of the ranker, there", percent(forth.calibration_error)),
        ]
    if not rows:
        return [paragraph("No test dictionary was given, and no pairs were held out while learning.")]
    note = paragraph("Choices were made on these pairs, so the numbers are slightly too good.")
    return [*parts, table(("measure", "value"), rows), note]


def _interval(measure: Measure) -> Html:
    value, low, high = (f"{100 * number:.1f}" for number in (measure.value, measure.low, measure.high))
    return joined(value, " ", element("small", f"[{low}, {high}]"))


def _groups(name: str, groups: Sequence[tuple[str, int, Sequence[Score]]]) -> Html:
    """A line for each group of words, unless all are in one."""
    if len(groups) == 1:
        return paragraph(f"All {groups[0][1]:,} test words are alike in this ({name}: {groups[0][0]}).")
    orders = [ORDERS[one.criterion] for one in groups[0][2]]
    header = [f"{order} {measure}" for order in orders for measure in ("P@1", "P@5", "MRR")]
    rows = [
        (
            label,
            f"{count:,}",
            *(
                f"{100 * measure.value:.1f}"
                for one in scores
                for measure in (one.p_at_1, one.p_at_5, one.mrr)
            ),
        )
        for label, count, scores in groups
    ]
    return table((name, "words", *header), rows)


def _plot(measured: Accuracy) -> Html:
    groups = measured.by_frequency
    with drawing() as (canvas, axes):
        for order, one in enumerate(measured.scores):
            colour = SHADES[one.criterion][0]
            for row, group in enumerate(groups):
                at, value = row + 0.16 * (order - (len(measured.scores) - 1) / 2), group.scores[order].p_at_1
                axes.plot([at, at], [100 * value.low, 100 * value.high], color=colour, linewidth=2)
                axes.plot([at], [100 * value.value], "o", color=colour, markersize=5)
        axes.set_xticks(range(len(groups)), [places(group.band) for group in groups])
        axes.set_xlim(-0.5, len(groups) - 0.5)
        axes.set_ylabel("P@1 in percent")
        axes.grid(visible=False, axis="x")
        picture = inline(canvas, "bands", "P@1 by frequency of the source word; the numbers are in the table")
    keys = [key(SHADES[one.criterion][1], ORDERS[one.criterion]) for one in measured.scores]
    return figure(picture, *keys, "P@1 with its 95 % interval, by place of the source word")
