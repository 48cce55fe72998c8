"""From seed pairs to maps: a plan carried out, checked on held-out pairs where there are enough of them."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import numpy.random  # here: imported at its first use, it would swallow an interruption

from translator.fitting.fitter import Fitted, Fitter, judged, labelled
from translator.fitting.trials import best_trial
from translator.maps.base import Maps
from translator.maps.seeds import Seed
from translator.maps.self_learning import mutual_pairs
from translator.options import Options, Plan, held_out_words
from translator.vectors import Indices

logger = logging.getLogger(__name__)

UNCHECKED_STEPS = 8  # of RCSLS when there are too few pairs to hold any out
JUDGED_ROUNDS = 2  # of self-training then
LEAST_LIKELY = 0.2  # as many pairs as self-learning found must be likely, or a map of them is the worse one

TRIAL = "training share"  # what the history calls the pairs of a descent that was a trial


def fit(fitter: Fitter, seed: Seed, chosen: Plan) -> Fitted:
    """Choose plan and number of steps on a held-out share of the pairs, then refine on all of them."""
    train, held = _hold_out(seed, fitter.options) if chosen.refine != "none" else (seed.rows, None)
    if held is None:
        return _unchecked(fitter, seed, chosen)
    best, tried = best_trial(fitter, train, held, chosen)
    logger.info(
        "held-out MRR %(before).3f before RCSLS, %(held_out_mrr).3f after %(steps)d steps", best.tried[0]
    )
    final = fitter.refine(best.start, best.learns_from(seed.rows), best.plan, best.steps)
    history = (*labelled(best.maps.history, TRIAL), *final.history[len(best.start.history) :])
    return replace(best, maps=Maps(final.source, final.target, history), tried=tried)


def refit(fitter: Fitter, seed: Seed, fitted: Fitted, pairs: Indices) -> Maps:
    """The way that led to ``fitted``, gone again with some of the seed's pairs.

    After self-training that is its last round, from a map that what was found tells nothing of the words of
    the other pairs: the judge then finds for them what it finds for any word.

    :param fitter: its spaces may be the beginnings of those that ``fitted`` was fitted in.
    """
    if fitted.likely is not None:
        likely = fitted.likely[(fitted.likely < fitter.spaces.sizes).all(axis=1)]
        out = [np.setdiff1d(seed.rows[:, side], pairs[:, side]) for side in (0, 1)]
        told = np.isin(likely[:, 0], out[0]) | np.isin(likely[:, 1], out[1])
        untold = fitter.on_likely(replace(fitted, likely=likely[~told]), pairs)
        return fitter.on_likely(replace(fitted, likely=fitter.likely(untold)), pairs)
    if not fitted.tried:
        return _unchecked(replace(fitter, judge=None), replace(seed, rows=pairs), fitted.plan).maps
    return fitter.refine(fitter.start(pairs, fitted.plan), pairs, fitted.plan, fitted.steps)


def _unchecked(fitter: Fitter, seed: Seed, chosen: Plan) -> Fitted:
    """Carry out a plan where no pair can be held out.

    RCSLS then learns from what self-learning found, too: it would go on after a few pairs, or wrong ones, for
    as many steps as it is given. The map that comes of it shows the judge likelier pairs, to start once more
    from.
    """
    start = fitter.start(seed.first if chosen.self_learn else seed.rows, chosen, seed.kept)
    steps = fitter.options.steps or UNCHECKED_STEPS
    if not chosen.self_learn or chosen.refine == "none":
        return Fitted(chosen, start, fitter.refine(start, seed.rows, chosen, steps), steps)
    found = mutual_pairs(fitter.frequent, start, fitter.options.device)
    fitted = Fitted(chosen, start, fitter.refine(start, seed.beside(found), chosen, steps), steps)
    if fitter.judge and chosen.self_train:
        return _self_training(fitter, seed, fitted, round(LEAST_LIKELY * len(found)))
    return fitted


def _self_training(fitter: Fitter, seed: Seed, fitted: Fitted, fewest: int) -> Fitted:
    """Fit and refine anew on the pairs that the judge finds under the maps, and again under what came of it.

    :param fewest: pairs below which the judge tells too little, and the maps stay.
    """
    for number in range(1, JUDGED_ROUNDS + 1):
        likely = fitter.likely(fitted.maps)
        if len(likely) <= fewest:
            break
        before = judged(fitted.maps, "found pairs", number, likely)
        fitted = replace(fitted, likely=likely)
        maps = fitter.on_likely(fitted, seed.kept)
        fitted = replace(fitted, maps=replace(maps, history=(*before, *maps.history)))
    return fitted


def _hold_out(seed: Seed, options: Options) -> tuple[Indices, Indices | None]:
    """Split off a share of the source words; None held when too few, or too doubtful, to tell anything."""
    count = held_out_words(options, seed)
    if not count:
        return seed.rows, None
    words = np.random.default_rng(options.seed).permutation(np.unique(seed.rows[:, 0]))
    held = np.isin(seed.rows[:, 0], words[:count])
    return seed.rows[~held], seed.rows[held]
