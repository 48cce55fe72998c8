"""Plans tried on a training share of the seed pairs; held-out pairs choose among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from translator.learning.map_learner import LearnedMaps, MapLearner, Trial, with_probable
from translator.learning.plan import Plan, may_self_train
from translator.maps.base import Maps
from translator.maps.history import RcslsStep
from translator.vectors import Indices

MOST_STEPS = 30  # of RCSLS; held-out pairs decide where to stop
CLEARLY = 0.01  # held-out MRR by which a later trial must win: a few hundred words resolve no less


def best_trial(
    learner: MapLearner, train: Indices, held_out: Indices, chosen: Plan
) -> tuple[LearnedMaps, tuple[Trial, ...]]:
    """Return the plan that ranks held-out pairs best, carried out on the training share, and all trials.

    :param train: training pairs, int64 [p, 2].
    :param held_out: validation pairs, int64 [v, 2].
    """
    plans = [chosen]
    if learner.options.self_learn is None:
        plans.append(chosen.without_self_learning())
    trials = [_try(learner, learner.start(train, plan), train, held_out, plan) for plan in plans]
    best = _clearly_best(trials)
    if learner.find_probable and may_self_train(learner.options):
        trials.append(_try_self_training(learner, train, held_out, best))
        best = _clearly_best([best, trials[-1]])
    return best, tuple(trial.trials[0] for trial in trials)


def _clearly_best(trials: Sequence[LearnedMaps]) -> LearnedMaps:
    """The first trial unless another is clearly better."""
    best, *others = trials
    for other in others:
        if other.trials[0].held_out_mrr > best.trials[0].held_out_mrr + CLEARLY:
            best = other
    return best


def _try_self_training(
    learner: MapLearner, train: Indices, held_out: Indices, best: LearnedMaps
) -> LearnedMaps:
    """Try one round of self-training that starts from the best trial so far."""
    probable = learner.probable(best.maps)
    pairs = replace(best, probable=probable).training_pairs(train)
    history = with_probable(best.maps, 1, probable).history
    start = replace(learner.closed_form(pairs, best.plan), history=history)
    tried = _try(learner, start, pairs, held_out, best.plan.with_self_training())
    return replace(tried, probable=probable)


def _try(learner: MapLearner, start: Maps, pairs: Indices, held_out: Indices, plan: Plan) -> LearnedMaps:
    """Refine on the training share and score every step on the held-out pairs."""
    maps = learner.refine(start, pairs, plan, learner.options.steps or MOST_STEPS, held_out)
    scores = [
        step.held_out_mrr or 0.0 for step in maps.history[len(start.history) :] if isinstance(step, RcslsStep)
    ]
    best = int(np.argmax(scores))
    trial = Trial(plan.self_learn, plan.self_train, scores[0], scores[best], best)
    return LearnedMaps(plan, start, maps, best, (trial,))
