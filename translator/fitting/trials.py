"""Plans carried out on a share of the seed pairs, and chosen among by the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from translator.fitting.fitter import Fitted, Fitter, judged
from translator.maps.base import Maps
from translator.options import Plan, may_self_train, with_self_training, without_self_learning
from translator.vectors import Indices

MOST_STEPS = 30  # of RCSLS; held-out pairs say where to stop
CLEARLY = 0.01  # held-out MRR by which another plan must win: a few hundred words tell no less apart


def best_trial(
    fitter: Fitter, train: Indices, held: Indices, chosen: Plan
) -> tuple[Fitted, tuple[Mapping[str, float], ...]]:
    """The plan that ranks held-out pairs best, carried out on the training share, and a record of all.

    :param train: int64 [p, 2], pairs to learn from; ``held`` those to measure by.
    """
    plans = [chosen] if fitter.options.self_learn != "auto" else [chosen, without_self_learning(chosen)]
    trials = [_try(fitter, fitter.start(train, plan), train, held, plan) for plan in plans]
    best = _clearly_best(trials)
    if fitter.judge and may_self_train(fitter.options):
        trials.append(_try_self_training(fitter, train, held, best))
        best = _clearly_best([best, trials[-1]])
    return best, tuple(trial.tried[0] for trial in trials)


def _clearly_best(trials: Sequence[Fitted]) -> Fitted:
    """The first, unless others are clearly better."""
    best, *others = trials
    for other in others:
        if other.tried[0]["held_out_mrr"] > best.tried[0]["held_out_mrr"] + CLEARLY:
            best = other
    return best


def _try_self_training(fitter: Fitter, train: Indices, held: Indices, best: Fitted) -> Fitted:
    """One round of it, under the map of the best trial before."""
    likely = fitter.likely(best.maps)
    pairs = replace(best, likely=likely).learns_from(train)
    before = judged(best.maps, "dictionary", 1, likely)
    start = replace(fitter.closed_form(pairs, best.plan), history=before)
    return replace(_try(fitter, start, pairs, held, with_self_training(best.plan)), likely=likely)


def _try(fitter: Fitter, start: Maps, pairs: Indices, held: Indices, plan: Plan) -> Fitted:
    """Refine on the training share, and see how far it helps on the held-out one."""
    maps = fitter.refine(start, pairs, plan, fitter.options.steps or MOST_STEPS, held)
    scores = [float(step["held_out_mrr"]) for step in maps.history[len(start.history) :]]
    best = int(np.argmax(scores))
    scored = {"before": scores[0], "held_out_mrr": scores[best], "steps": best}
    ways = {"self_learning": plan.self_learn, "self_training": plan.self_train}
    return Fitted(plan, start, maps, best, ({**ways, **scored},))
