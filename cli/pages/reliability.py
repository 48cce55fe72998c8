"""The section on certainty: whether the ranker's probabilities hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .markup import Html, Section, figure, joined, paragraph, percent, section, table
from .svg import AFTER, FAINT, drawing, inline

if TYPE_CHECKING:
    from translator.diagnosis import Diagnosis
    from translator.diagnosis.certainty import Certainty


def reliability(found: Diagnosis) -> Section:
    """The reliability diagram, its calibration error, and what the surest parts met."""
    if found.certainty is not None:
        body = _measured(found.certainty)
    elif found.ranker:
        body = paragraph(
            "The alignment gives probabilities; a test dictionary (--test) shows whether they hold."
        )
    else:
        body = paragraph("The alignment has no ranker, so there are no probabilities.")
    return section("certainty", "How sure a translation is", body)


def _measured(own: Certainty) -> Html:
    rows = [
        (f"{100 * part.level:.0f} %", percent(part.share), "-" if part.met is None else percent(part.met))
        for part in own.parts
    ]
    return joined(
        paragraph(
            "Where the ranker says 80 %, it should be right for 80 of 100 words. Each point is a tenth of "
            f"the {own.words:,} test words; on the dashed line the probabilities hold. Expected calibration "
            f"error: {percent(own.error)}; on so many words, probabilities that hold exactly come to "
            f"{percent(own.chance)} by chance."
        ),
        _plot(own),
        paragraph(
            "The largest part of the test words that is expected to be right that often, as with ",
            "translator lexicon --min-precision:",
        ),
        table(("expected precision", "share of the words", "precision met"), rows),
    )


def _plot(own: Certainty) -> Html:
    with drawing(3.6, 3.2) as (canvas, axes):
        axes.plot([0, 100], [0, 100], "--", color=FAINT, linewidth=1)
        axes.plot(
            [100 * one.expected for one in own.bins],
            [100 * one.met for one in own.bins],
            "o-",
            color=AFTER,
            markersize=5,
        )
        axes.set_xlabel("probability in percent")
        axes.set_ylabel("right in percent")
        picture = inline(
            canvas, "reliability", "Share of right answers by probability, in ten groups of words"
        )
    return figure(picture, "right answers by probability, ten groups of equally many test words")
