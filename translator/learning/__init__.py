"""From seed pairs to maps: a plan is carried out, and validated on held-out pairs where there are enough."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import numpy.random  # imported here because an import at first use would swallow an interruption

from translator.learning.map_learner import LearnedMaps, MapLearner, at_stage, with_probable
from translator.learning.plan import Plan, held_out_words
from translator.learning.seed_pairs import SeedPairs
from translator.learning.self_learning import mutual_pairs
from translator.learning.trials import best_trial
from translator.maps.base import Maps
from translator.options import Options
from translator.vectors import Indices

logger = logging.getLogger(__name__)

UNVALIDATED_STEPS = 8  # of RCSLS when there are too few pairs to hold any out
SELF_TRAINING_ROUNDS = 2  # when there are too few pairs to hold any out
LEAST_PROBABLE = (
    0.2  # share of the pairs self-learning found that must be probable; with fewer the map got worse
)


def learn_maps(learner: MapLearner, seed_pairs: SeedPairs, chosen: Plan) -> LearnedMaps:
    """Choose plan and number of RCSLS steps on held-out seed pairs, then refine on all of them."""
    if chosen.refine == "none":
        train, held_out = seed_pairs.rows, None
    else:
        train, held_out = hold_out(seed_pairs, learner.options)
    if held_out is None:
        return _unvalidated(learner, seed_pairs, chosen)
    best, trials = best_trial(learner, train, held_out, chosen)
    logger.info(
        "held-out MRR %.3f before RCSLS, %.3f after %d steps",
        *(best.trials[0].before, best.trials[0].held_out_mrr, best.steps),
    )
    final = learner.refine(best.start, best.training_pairs(seed_pairs.rows), best.plan, best.steps)
    history = (*at_stage(best.maps, "trial").history, *final.history[len(best.start.history) :])
    return replace(best, maps=replace(final, history=history), trials=trials)


def refit(learner: MapLearner, seed_pairs: SeedPairs, learned: LearnedMaps, pairs: Indices) -> Maps:
    """Repeat the fit that produced ``learned``, using only a subset of the seed pairs.

    After self-training its last round is repeated. It starts from a map that was not trained on any probable
    pair involving the left-out words, so that the words are treated as any word outside the dictionary.

    :param learner: its spaces may be cut to the most frequent words of those that ``learned`` was fitted in.
    :param pairs: subset of the seed pairs, int64 [p, 2].
    """
    if learned.probable is not None:
        inside = learned.probable[(learned.probable < learner.spaces.sizes).all(axis=1)]
        left_out = [np.setdiff1d(seed_pairs.rows[:, side], pairs[:, side]) for side in (0, 1)]
        leaking = np.isin(inside[:, 0], left_out[0]) | np.isin(inside[:, 1], left_out[1])
        unseen = learner.fit_probable(replace(learned, probable=inside[~leaking]), pairs)
        return learner.fit_probable(replace(learned, probable=learner.probable(unseen)), pairs)
    if not learned.trials:
        alone = replace(learner, find_probable=None)
        return _unvalidated(alone, replace(seed_pairs, rows=pairs), learned.plan).maps
    return learner.refine(learner.start(pairs, learned.plan), pairs, learned.plan, learned.steps)


def _unvalidated(learner: MapLearner, seed_pairs: SeedPairs, chosen: Plan) -> LearnedMaps:
    """Carry out a plan when no pair can be held out.

    RCSLS then learns from the pairs of self-learning as well: from a few seed pairs alone it over-fits for as
    many steps as it is given. The resulting map finds better pairs, from which the fit is repeated.
    """
    first = seed_pairs.first if chosen.self_learn else seed_pairs.rows
    start = learner.start(first, chosen, seed_pairs.kept)
    steps = learner.options.steps or UNVALIDATED_STEPS
    if not chosen.self_learn or chosen.refine == "none":
        return LearnedMaps(chosen, start, learner.refine(start, seed_pairs.rows, chosen, steps), steps)
    induced = mutual_pairs(learner.frequent, start, learner.options.device)
    maps = learner.refine(start, seed_pairs.joined(induced), chosen, steps)
    learned = LearnedMaps(chosen, start, maps, steps)
    if learner.find_probable and chosen.self_train:
        return _self_training(learner, seed_pairs, learned, round(LEAST_PROBABLE * len(induced)))
    return learned


def _self_training(
    learner: MapLearner, seed_pairs: SeedPairs, learned: LearnedMaps, fewest: int
) -> LearnedMaps:
    """Fit and refine on the pairs that are probable under the maps; repeat with the resulting maps.

    :param fewest: number of probable pairs at or below which the maps are kept as they are.
    """
    for number in range(1, SELF_TRAINING_ROUNDS + 1):
        probable = learner.probable(learned.maps)
        if len(probable) <= fewest:
            break
        before = with_probable(learned.maps, number, probable).history
        learned = replace(learned, probable=probable)
        maps = learner.fit_probable(learned, seed_pairs.kept)
        learned = replace(learned, maps=replace(maps, history=(*before, *maps.history)))
    return learned


def hold_out(seed_pairs: SeedPairs, options: Options) -> tuple[Indices, Indices | None]:
    """Split the seed pairs into training and held-out pairs without a common source word.

    :returns: int64 [p, 2] and int64 [v, 2]; None held out if they are too few or too doubtful.
    """
    count = held_out_words(options, seed_pairs)
    if not count:
        return seed_pairs.rows, None
    rng = np.random.default_rng(options.random_state)
    words = rng.permutation(np.unique(seed_pairs.rows[:, 0]))
    held = np.isin(seed_pairs.rows[:, 0], words[:count])
    return seed_pairs.rows[~held], seed_pairs.rows[held]
