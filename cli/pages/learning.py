"""The section on training: how the map was learnt, from the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .markup import Html, Section, element, figure, joined, key, paragraph, section, table
from .svg import AFTER, BEFORE, drawing, inline

if TYPE_CHECKING:
    from translator.alignment.record import Record
    from translator.diagnosis import Diagnosis
    from translator.learning.map_learner import Trial
    from translator.maps.history import RcslsStep


def learning(found: Diagnosis) -> Section:
    """Rounds of self-learning, then loss and held-out score of RCSLS by step."""
    record = found.record
    return section(
        "training",
        "How the map was learnt",
        paragraph(f"{record.method.reason}."),
        _tried(record) if record.method.trials else "",
        _rounds(record) if record.self_learning else "",
        _descent(record)
        if record.rcsls("trial") or record.rcsls("final")
        else paragraph("No RCSLS descent was run."),
        _judged(record) if record.self_training else "",
    )


def _tried(record: Record) -> Html:
    rows = [
        (_way(one), f"{100 * one.before:.1f}", f"{100 * one.held_out_mrr:.1f}", str(one.steps))
        for one in record.method.trials
    ]
    return joined(
        element("h3", "What was tried"),
        paragraph(
            "MRR in percent of pairs that were held out. The first is taken unless another is clearly better."
        ),
        table(("way", "before RCSLS", "after", "steps"), rows),
    )


def _way(one: Trial) -> str:
    if one.self_training:
        return "the better of these, then self-training"
    return "self-learning" if one.self_learning else "the dictionary alone"


def _rounds(record: Record) -> Html:
    rows = [(str(one.round), f"{one.pairs:,}", f"{one.mutual:,}") for one in record.self_learning]
    return joined(
        element("h3", "Self-learning"),
        paragraph(
            "Each round fits the map to its pairs, and finds the words that are each other's best then."
        ),
        table(("round", "pairs fitted", "mutual pairs found"), rows),
    )


def _judged(record: Record) -> Html:
    counts = ", then ".join(f"{one.pairs:,}" for one in record.self_training)
    return joined(
        element("h3", "Self-training"),
        paragraph(
            f"The general ranker held {counts} pairs for likely in both directions under the map as it was. "
            "The map was fitted to these and to the dictionary, if there is one, and refined by RCSLS again; "
            "what is shown above is the last descent."
        ),
    )


def _descent(record: Record) -> Html:
    best, trial, final = record.best_step, record.rcsls("trial"), record.rcsls("final")
    if best is None:
        told = f"{final[-1].step} steps on all pairs; no pairs were held out."
    else:
        told = (
            f"A trial on a share of the pairs ran {trial[-1].step} steps. The held-out pairs were "
            f"ranked best after {best.step} of them, so that many were taken on all pairs."
        )
    return joined(
        element("h3", "RCSLS"),
        paragraph(told),
        element("div", _losses(record), _scores(trial, best) if best is not None else "", class_="pair"),
    )


def _losses(record: Record) -> Html:
    with drawing(3.4, 2.4) as (canvas, axes):
        for steps, colour, line in (
            (record.rcsls("trial"), BEFORE, "--"),
            (record.rcsls("final"), AFTER, "-"),
        ):
            axes.plot([one.step for one in steps], [one.loss for one in steps], line, color=colour)
        axes.set_xlabel("step")
        picture = inline(canvas, "loss", "RCSLS loss by step")
    trial = key("before", "trial") if record.rcsls("trial") else ""
    return figure(picture, trial, key("after", "all pairs"), "RCSLS loss")


def _scores(trial: Sequence[RcslsStep], best: RcslsStep) -> Html:
    scores = [100 * (one.held_out_mrr or 0.0) for one in trial]
    with drawing(3.4, 2.4) as (canvas, axes):
        axes.plot([one.step for one in trial], scores, "--", color=BEFORE)
        axes.plot([best.step], [max(scores)], "o", color=AFTER, markersize=6)
        axes.set_xlabel("step")
        picture = inline(canvas, "held-out", f"Held-out mean reciprocal rank by step, best at {best.step}")
    return figure(picture, key("after", "best"), "MRR of the held-out pairs in percent")
