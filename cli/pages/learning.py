"""The section on learning: how the map was trained, from the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .markup import Html, Section, element, figure, joined, key, paragraph, section, table
from .svg import AFTER, BEFORE, drawing, inline

if TYPE_CHECKING:
    from translator.learning.map_learner import Trial

    from translator.alignment.record import Record
    from translator.diagnosis import Diagnosis
    from translator.maps.history import RcslsStep


def learning(diagnosis: Diagnosis) -> Section:
    """Show the rounds of self-learning, then loss and held-out score of RCSLS by step."""
    record = diagnosis.record
    return section(
        "learning",
        "How the map was trained",
        paragraph(f"{record.method.reason}."),
        _trials(record) if record.method.trials else "",
        _rounds(record) if record.self_learning else "",
        _descent(record) if record.rcsls("final") else paragraph("RCSLS was not used."),
        _self_training(record) if record.self_training else "",
    )


def _trials(record: Record) -> Html:
    rows = [
        (_method(one), f"{100 * one.before:.1f}", f"{100 * one.held_out_mrr:.1f}", str(one.steps))
        for one in record.method.trials
    ]
    return joined(
        element("h3", "Methods compared"),
        paragraph(
            "MRR of held-out pairs in percent. The first method is used unless another is clearly better."
        ),
        table(("method", "before RCSLS", "after RCSLS", "steps"), rows),
    )


def _method(one: Trial) -> str:
    if one.self_training:
        return "the better of these, with self-training"
    return "self-learning" if one.self_learning else "the dictionary alone"


def _rounds(record: Record) -> Html:
    rows = [(str(one.round), f"{one.pairs:,}", f"{one.mutual:,}") for one in record.self_learning]
    return joined(
        element("h3", "Self-learning"),
        paragraph(
            "Each round fits the map to the pairs of the round before, and takes the mutual nearest "
            "neighbours under it as new pairs."
        ),
        table(("round", "pairs fitted", "mutual pairs found"), rows),
    )


def _self_training(record: Record) -> Html:
    counts = ", then ".join(f"{one.pairs:,}" for one in record.self_training)
    return joined(
        element("h3", "Self-training"),
        paragraph(
            f"The general ranker found {counts} probable pairs. In each round the map was fitted to them, "
            "together with the dictionary if there is one, and refined by RCSLS. The curves above show the "
            "last round."
        ),
    )


def _descent(record: Record) -> Html:
    best, trial, final = record.best_step, record.rcsls("trial"), record.rcsls("final")
    if best is None:
        text = f"{final[-1].step} steps on all pairs; no pairs were held out."
    else:
        text = (
            f"A trial on a share of the pairs ran {trial[-1].step} steps. The MRR of the "
            f"held-out pairs was highest after {best.step} steps, so the final run on all pairs had "
            f"{best.step} steps."
        )
    return joined(
        element("h3", "RCSLS"),
        paragraph(text),
        element("div", _losses(record), _scores(trial, best) if best is not None else "", class_="pair"),
    )


def _losses(record: Record) -> Html:
    trial, final = record.rcsls("trial"), record.rcsls("final")
    with drawing(3.4, 2.4) as (canvas, axes):
        for steps, colour, line in ((trial, BEFORE, "--"), (final, AFTER, "-")):
            axes.plot([one.step for one in steps], [one.loss for one in steps], line, color=colour)
        axes.set_xlabel("step")
        image = inline(canvas, "loss", "RCSLS loss by step")
    trial_key = key("before", "trial") if trial else ""
    return figure(image, trial_key, key("after", "all pairs"), "RCSLS loss")


def _scores(trial: Sequence[RcslsStep], best: RcslsStep) -> Html:
    scores = [100 * (one.held_out_mrr or 0.0) for one in trial]
    with drawing(3.4, 2.4) as (canvas, axes):
        axes.plot([one.step for one in trial], scores, "--", color=BEFORE)
        axes.plot([best.step], [max(scores)], "o", color=AFTER, markersize=6)
        axes.set_xlabel("step")
        image = inline(canvas, "held-out", f"Held-out mean reciprocal rank by step, best at {best.step}")
    return figure(image, key("after", "best"), "MRR of the held-out pairs in percent")
