"""The section on learning: how the map was trained, from the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .markup import Html, Section, element, figure, joined, key, paragraph, section, table
from .svg import AFTER, BEFORE, drawing, inline

if TYPE_CHECKING:
    from translator.alignment.training import Step, Training, Tried
    from translator.diagnosis import Diagnosis


def learning(diagnosis: Diagnosis) -> Section:
    """Show the rounds of self-learning, then loss and held-out score of RCSLS by step."""
    training = diagnosis.making.training
    return section(
        "learning",
        "How the map was trained",
        paragraph(f"{diagnosis.making.reason}."),
        _trials(training) if training.tried else "",
        _rounds(training) if training.rounds else "",
        _descent(training) if training.trial or training.final else paragraph("RCSLS was not used."),
        _self_training(training) if training.likely else "",
    )


def _trials(training: Training) -> Html:
    rows = [
        (_method(one), f"{100 * one.before:.1f}", f"{100 * one.after:.1f}", str(one.steps))
        for one in training.tried
    ]
    return joined(
        element("h3", "Methods compared"),
        paragraph(
            "MRR of held-out pairs in percent. The first method is used unless another is clearly better."
        ),
        table(("method", "before RCSLS", "after RCSLS", "steps"), rows),
    )


def _method(one: Tried) -> str:
    if one.self_training:
        return "the better of these, with self-training"
    return "self-learning" if one.self_learning else "the dictionary alone"


def _rounds(training: Training) -> Html:
    rows = [(str(one.number), f"{one.pairs:,}", f"{one.mutual:,}") for one in training.rounds]
    return joined(
        element("h3", "Self-learning"),
        paragraph(
            "Each round fits the map to the pairs of the round before, and takes the mutual nearest "
            "neighbours under it as new pairs."
        ),
        table(("round", "pairs fitted", "mutual pairs found"), rows),
    )


def _self_training(training: Training) -> Html:
    counts = ", then ".join(f"{count:,}" for count in training.likely)
    return joined(
        element("h3", "Self-training"),
        paragraph(
            f"The general ranker found {counts} probable pairs. In each round the map was fitted to them, "
            "together with the dictionary if there is one, and refined by RCSLS. The curves above show the "
            "last round."
        ),
    )


def _descent(training: Training) -> Html:
    best = training.best
    if best is None:
        text = f"{training.final[-1].number} steps on all pairs; no pairs were held out."
    else:
        text = (
            f"A trial on a share of the pairs ran {training.trial[-1].number} steps. The MRR of the "
            f"held-out pairs was highest after {best.number} steps, so the final run on all pairs had "
            f"{best.number} steps."
        )
    return joined(
        element("h3", "RCSLS"),
        paragraph(text),
        element(
            "div", _losses(training), _scores(training.trial, best) if best is not None else "", class_="pair"
        ),
    )


def _losses(training: Training) -> Html:
    with drawing(3.4, 2.4) as (canvas, axes):
        for steps, colour, line in ((training.trial, BEFORE, "--"), (training.final, AFTER, "-")):
            axes.plot([one.number for one in steps], [one.loss for one in steps], line, color=colour)
        axes.set_xlabel("step")
        image = inline(canvas, "loss", "RCSLS loss by step")
    trial = key("before", "trial") if training.trial else ""
    return figure(image, trial, key("after", "all pairs"), "RCSLS loss")


def _scores(trial: Sequence[Step], best: Step) -> Html:
    scores = [100 * (one.held_out_mrr or 0.0) for one in trial]
    with drawing(3.4, 2.4) as (canvas, axes):
        axes.plot([one.number for one in trial], scores, "--", color=BEFORE)
        axes.plot([best.number], [max(scores)], "o", color=AFTER, markersize=6)
        axes.set_xlabel("step")
        image = inline(canvas, "held-out", f"Held-out mean reciprocal rank by step, best at {best.number}")
    return figure(image, key("after", "best"), "MRR of the held-out pairs in percent")
