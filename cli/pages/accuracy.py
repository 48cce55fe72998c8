"""The section on accuracy: measured on a test dictionary, or on held-out training pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .coverage import ranks
from .markup import Html, Section, element, figure, joined, key, paragraph, percent, section, table
from .svg import AFTER, BEFORE, drawing, inline

if TYPE_CHECKING:
    from translator.diagnosis import Diagnosis
    from translator.diagnosis.accuracy import Accuracy
    from translator.evaluation import Measure, Score

ORDERS = {"csls": "map alone", "reranked": "re-ranked"}
SHADES = {"csls": (BEFORE, "before"), "reranked": (AFTER, "after")}


def accuracy(diagnosis: Diagnosis) -> Section:
    """Show scores with their intervals, by frequency and by number of listed translations."""
    title = "Accuracy"
    if diagnosis.accuracy is None:
        return section("accuracy", title, *_without_test(diagnosis))
    measured = diagnosis.accuracy
    rows = [
        (ORDERS[one.criterion], *map(_interval, (one.p_at_1, one.p_at_5, one.mrr))) for one in measured.scores
    ]
    protocol = (
        f"{measured.words:,} of the {measured.queries:,} test words are in the vocabulary, as is one of "
        f"their translations at least. Each was translated among {diagnosis.target.words:,} candidates. Any "
        "translation that the test dictionary lists counts as correct. Brackets: 95 % intervals (bootstrap "
        "over words)."
    )
    return section(
        "accuracy",
        title,
        paragraph(protocol),
        table(("in percent", "P@1", "P@5", "MRR"), rows),
        element("h3", "By frequency of the source word"),
        _plot(measured) if len(measured.by_frequency) > 1 else "",
        _groups("rank", [(ranks(one.band), one.words, one.scores) for one in measured.by_frequency]),
        element("h3", "By number of listed translations in the test dictionary"),
        _groups(
            "translations",
            [(_count(one.translations), one.words, one.scores) for one in measured.by_translations],
        ),
    )


def _count(number: int) -> str:
    from translator.diagnosis.accuracy import MANY

    return f"{number} or more" if number == MANY else str(number)


def _without_test(diagnosis: Diagnosis) -> list[Html]:
    """Show scores on seed pairs that were held out during training, from the record."""
    intro = paragraph(
        "No test dictionary was given. Scores on seed pairs that were held out during training:"
    )
    forward = diagnosis.record.rankers[0].held_out
    if forward is None:
        return [paragraph("No test dictionary was given, and no pairs were held out during training.")]
    rows = [
        ("P@1 of the map, in cross-validation", percent(forward.map_p_at_1)),
        ("P@1 re-ranked, in cross-validation", percent(forward.reranked_p_at_1)),
        ("calibration error of the ranker, in cross-validation", percent(forward.calibration_error)),
    ]
    return [intro, table(("measure", "value"), rows)]


def _interval(measure: Measure) -> Html:
    value, low, high = (f"{100 * number:.1f}" for number in (measure.value, measure.low, measure.high))
    return joined(value, " ", element("small", f"[{low}, {high}]"))


def _groups(name: str, groups: Sequence[tuple[str, int, Sequence[Score]]]) -> Html:
    """Show a row for each group of words, or a sentence if there is one group only."""
    if len(groups) == 1:
        return paragraph(f"All {groups[0][1]:,} test words are in one group ({name}: {groups[0][0]}).")
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
                x, value = row + 0.16 * (order - (len(measured.scores) - 1) / 2), group.scores[order].p_at_1
                axes.plot([x, x], [100 * value.low, 100 * value.high], color=colour, linewidth=2)
                axes.plot([x], [100 * value.value], "o", color=colour, markersize=5)
        axes.set_xticks(range(len(groups)), [ranks(group.band) for group in groups])
        axes.set_xlim(-0.5, len(groups) - 0.5)
        axes.set_ylabel("P@1 in percent")
        axes.grid(visible=False, axis="x")
        image = inline(canvas, "bands", "P@1 by frequency of the source word; the numbers are in the table")
    keys = [key(SHADES[one.criterion][1], ORDERS[one.criterion]) for one in measured.scores]
    return figure(image, *keys, "P@1 with its 95 % interval, by rank of the source word")
