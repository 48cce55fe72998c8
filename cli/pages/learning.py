"""The section on training: how the map was learnt, from the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .markup import Html, Section, element, figure, joined, key, paragraph, section, table
from .svg import AFTER, BEFORE, drawing, inline

if TYPE_CHECKING:
    from translator.alignment.training import Step, Training, Tried

    from translator.diagnosis import Diagnosis


def learning(found: Diagnosis) -> Section:
    """Rounds of self-learning, then loss and held-out score of RCSLS by step."""
    own = found.making.training
    return section(
        "training",
        "How the map was learnt",
        paragraph(f"{found.making.reason}."),
        _tried(own) if own.tried else "",
        _rounds(own) if own.rounds else "",
        _descent(own) if own.trial or own.final else paragraph("No RCSLS descent was run."),
        _judged(own) if own.likely else "",
    )


def _tried(own: Training) -> Html:
    rows = [
        (_way(one), f"{100 * one.before:.1f}", f"{100 * one.after:.1f}", str(one.steps)) for one in own.tried
    ]
    return joined(
        element("h3", "What was tried"),
        paragraph(
            "MRR in percent of pairs that were held out. The first is taken unless another is clearly better."
        ),
        table(("way", "before RCSLS", "after", "steps"), rows),
    )


def _way(one: Tried) -> str:
    if one.self_training:
        return "the better of these, then self-training"
    return "self-learning" if one.self_learning else "the dictionary alone"


def _rounds(own: Training) -> Html:
    rows = [(str(one.number), f"{one.pairs:,}", f"{one.mutual:,}") for one in own.rounds]
    return joined(
        element("h3", "Self-learning"),
        paragraph(
            "Each round fits the map to its pairs, and finds the words that are each other's best then."
        ),
        table(("round", "pairs fitted", "mutual pairs found"), rows),
    )


def _judged(own: Training) -> Html:
    counts = ", then ".join(f"{count:,}" for count in own.likely)
    return joined(
        element("h3", "Self-training"),
        paragraph(
            f"The general ranker held {counts} pairs for likely in both directions under the map as it was. "
            "The map was fitted to these and to the dictionary, if there is one, and refined by RCSLS again; "
            "what is shown above is the last descent."
        ),
    )


def _descent(own: Training) -> Html:
    best = own.best
    if best is None:
        told = f"{own.final[-1].number} steps on all pairs; no pairs were held out."
    else:
        told = (
            f"A trial on a share of the pairs ran {own.trial[-1].number} steps. The held-out pairs were "
            f"ranked best after {best.number} of them, so that many were taken on all pairs."
        )
    return joined(
        element("h3", "RCSLS"),
        paragraph(told),
        element("div", _losses(own), _scores(own.trial, best) if best is not None else "", class_="pair"),
    )


def _losses(own: Training) -> Html:
    with drawing(3.4, 2.4) as (canvas, axes):
        for steps, colour, line in ((own.trial, BEFORE, "--"), (own.final, AFTER, "-")):
            axes.plot([one.number for one in steps], [one.loss for one in steps], line, color=colour)
        axes.set_xlabel("step")
        picture = inline(canvas, "loss", "RCSLS loss by step")
    trial = key("before", "trial") if own.trial else ""
    return figure(picture, trial, key("after", "all pairs"), "RCSLS loss")


def _scores(trial: Sequence[Step], best: Step) -> Html:
    scores = [100 * (one.held_out_mrr or 0.0) for one in trial]
    with drawing(3.4, 2.4) as (canvas, axes):
        axes.plot([one.number for one in trial], scores, "--", color=BEFORE)
        axes.plot([best.number], [max(scores)], "o", color=AFTER, markersize=6)
        axes.set_xlabel("step")
        picture = inline(canvas, "held-out", f"Held-out mean reciprocal rank by step, best at {best.number}")
    return figure(picture, key("after", "best"), "MRR of the held-out pairs in percent")
