"""The section on calibration: whether the ranker's probabilities agree with the test dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .markup import Html, Section, figure, joined, paragraph, percent, section, table
from .svg import AFTER, FAINT, drawing, inline

if TYPE_CHECKING:
    from translator.diagnosis import Diagnosis
    from translator.diagnosis.calibration import Calibration


def calibration(diagnosis: Diagnosis) -> Section:
    """Show the reliability diagram, the calibration error, and the precision of confident translations."""
    if diagnosis.calibration is not None:
        body = _measured(diagnosis.calibration)
    elif diagnosis.ranker:
        body = paragraph(
            "The alignment gives probabilities. Add a test dictionary with --test to see whether they are "
            "calibrated."
        )
    else:
        body = paragraph("The alignment has no ranker, so there are no probabilities.")
    return section("calibration", "Calibration of the probabilities", body)


def _measured(measured: Calibration) -> Html:
    rows = [
        (
            f"{100 * one.level:.0f} %",
            percent(one.share),
            "-" if one.observed is None else percent(one.observed),
        )
        for one in measured.selections
    ]
    return joined(
        paragraph(
            "Of 100 translations with a probability of 80 %, 80 should be correct. Each point is a tenth "
            f"of the {measured.words:,} test words; exact probabilities are on the dashed line. The "
            f"expected calibration error is {percent(measured.error)}. On as many words, exact "
            f"probabilities have an error of {percent(measured.chance)} by chance."
        ),
        _plot(measured),
        paragraph(
            "The largest share of the test words that is expected to reach a precision, as "
            "translator lexicon --min-precision selects it:"
        ),
        table(("expected precision", "share of the words", "precision on the test"), rows),
    )


def _plot(measured: Calibration) -> Html:
    with drawing(3.6, 3.2) as (canvas, axes):
        axes.plot([0, 100], [0, 100], "--", color=FAINT, linewidth=1)
        axes.plot(
            [100 * one.expected for one in measured.bins],
            [100 * one.observed for one in measured.bins],
            "o-",
            color=AFTER,
            markersize=5,
        )
        axes.set_xlabel("probability in percent")
        axes.set_ylabel("correct in percent")
        image = inline(canvas, "calibration", "Share of correct translations by probability, in ten groups")
    return figure(image, "correct translations by probability, in ten groups of equally many test words")
