"""From seed pairs to maps: a plan carried out, checked on held-out pairs where there are enough of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from translator.maps import CLOSED_FORM
from translator.maps.base import Maps, Spaces
from translator.maps.rcsls import rcsls
from translator.maps.self_learning import mutual_pairs, self_learning
from translator.options import Options, Plan, held_out_words, without_self_learning
from translator.seeds import Seed
from translator.vectors import Indices

logger = logging.getLogger(__name__)

MOST_STEPS = 30  # of RCSLS when held-out pairs say where to stop
UNCHECKED_STEPS = 8  # of RCSLS when there are too few pairs to hold any out
CLEARLY = 0.01  # held-out MRR by which another plan must win: a few hundred words tell no less apart
JUDGED_ROUNDS = 2  # of self-training
LEAST_LIKELY = 0.2  # as many pairs as self-learning found must be likely, or a map of them is the worse one

TRIAL = "training share"  # what the history calls the pairs of a descent that was a trial

Judge = Callable[[Spaces], Indices]  # the likely pairs of words in the shared space, int64 [p, 2]
Step = Mapping[str, float | int | str]


@dataclass(frozen=True)
class Fitted:
    """What came of a plan.

    :param start: the maps that RCSLS started from.
    :param maps: those after it.
    :param steps: of RCSLS that were best on held-out pairs.
    :param tried: a record of each plan that was tried on them.
    """

    plan: Plan
    start: Maps
    maps: Maps
    steps: int
    tried: tuple[Mapping[str, float], ...] = ()


def fit(spaces: Spaces, seed: Seed, chosen: Plan, options: Options, judge: Judge | None = None) -> Fitted:
    """Choose plan and number of steps on a held-out share of the pairs, then refine on all of them.

    :param judge: finds likelier pairs than self-learning does; without it there is no self-training.
    """
    train, held = _hold_out(seed, options) if chosen.refine != "none" else (seed.rows, None)
    if held is None:
        return _unchecked(spaces, seed, chosen, options, judge)
    plans = [chosen] if options.self_learn != "auto" else [chosen, without_self_learning(chosen)]
    trials = [_try(spaces, train, held, plan, options) for plan in plans]
    best, *others = trials
    for other in others:
        if other.tried[0]["held_out_mrr"] > best.tried[0]["held_out_mrr"] + CLEARLY:
            best = other
    logger.info(
        "held-out MRR %(before).3f before RCSLS, %(held_out_mrr).3f after %(steps)d steps", best.tried[0]
    )
    final = _refine(spaces, best.start, seed.rows, best.plan, options, best.steps)
    trial = _labelled(best.maps.history, TRIAL)
    history = (*trial, *final.history[len(best.start.history) :])
    tried = tuple(trial.tried[0] for trial in trials)
    return replace(best, maps=Maps(final.source, final.target, history), tried=tried)


def refit(spaces: Spaces, seed: Seed, fitted: Fitted, pairs: Indices, options: Options) -> Maps:
    """The way that led to ``fitted``, gone again with some of the seed's pairs."""
    if not fitted.tried:
        return _unchecked(spaces, replace(seed, rows=pairs), fitted.plan, options, None).maps
    start = _start(spaces, pairs, True, fitted.plan, options)
    return _refine(spaces, start, pairs, fitted.plan, options, fitted.steps)


def _unchecked(spaces: Spaces, seed: Seed, chosen: Plan, options: Options, judge: Judge | None) -> Fitted:
    """Carry out a plan where no pair can be held out.

    RCSLS then learns from what self-learning found, too: it would run after a few pairs, or wrong ones, for
    as long as it is let. The map that comes of it shows the judge likelier pairs, to start once more from.
    """
    start = _start(spaces, seed.rows, seed.trusted, chosen, options)
    steps = options.steps or UNCHECKED_STEPS
    if not chosen.self_learn or chosen.refine == "none":
        return Fitted(chosen, start, _refine(spaces, start, seed.rows, chosen, options, steps), steps)
    frequent = spaces.frequent(options.self_learning_vocabulary)
    found = mutual_pairs(frequent, start, options.device)
    maps = _refine(spaces, start, seed.beside(found), chosen, options, steps)
    if judge and chosen.self_train:
        maps = _self_training(spaces, seed, chosen, options, judge, maps, round(LEAST_LIKELY * len(found)))
    return Fitted(chosen, start, maps, steps)


def _self_training(
    spaces: Spaces, seed: Seed, chosen: Plan, options: Options, judge: Judge, maps: Maps, fewest: int
) -> Maps:
    """Fit and refine anew on the pairs that the judge finds under the maps, and again under what came of it.

    :param fewest: pairs below which the judge tells too little, and the maps stay.
    """
    frequent = spaces.frequent(options.self_learning_vocabulary)
    for number in range(1, JUDGED_ROUNDS + 1):
        likely = judge(frequent.mapped(maps))
        logger.info("self-training: %d pairs are likely both ways", len(likely))
        if len(likely) <= fewest:
            break
        pairs = np.concatenate([likely, seed.rows]) if seed.trusted else likely
        record: Step = {"method": "self-training", "step": number, "pairs": len(likely)}
        before = (*_labelled(maps.history, "found pairs"), record)
        start = replace(CLOSED_FORM[chosen.start](spaces, pairs), history=before)
        maps = _refine(spaces, start, pairs, chosen, options, options.steps or UNCHECKED_STEPS)
    return maps


def _labelled(history: Sequence[Step], pairs: str) -> Iterator[Step]:
    """The steps, those of a descent that another will follow told apart by the pairs it learnt from."""
    for step in history:
        yield {"pairs": pairs, **step} if step["method"] == "rcsls" else step


def _try(spaces: Spaces, train: Indices, held: Indices, plan: Plan, options: Options) -> Fitted:
    """Carry out a plan on the training share, and see how far RCSLS helps on the held-out one."""
    start = _start(spaces, train, True, plan, options)
    maps = _refine(spaces, start, train, plan, options, options.steps or MOST_STEPS, held)
    scores = [float(step["held_out_mrr"]) for step in maps.history if step["method"] == "rcsls"]
    steps = int(np.argmax(scores))
    scored = {"before": scores[0], "held_out_mrr": scores[steps], "steps": steps}
    return Fitted(plan, start, maps, steps, ({"self_learning": plan.self_learn, **scored},))


def _refine(
    spaces: Spaces,
    start: Maps,
    pairs: Indices,
    chosen: Plan,
    options: Options,
    steps: int,
    validation: Indices | None = None,
) -> Maps:
    if chosen.refine == "none":
        return start
    return rcsls(
        spaces,
        pairs,
        start=start,
        steps=steps,
        validation=validation,
        variant=chosen.refine,
        k=options.k,
        step=options.step,
        device=options.device,
    )


def _start(spaces: Spaces, pairs: Indices, trusted: bool, chosen: Plan, options: Options) -> Maps:
    fit = CLOSED_FORM[chosen.start]
    if not chosen.self_learn:
        return fit(spaces, pairs)
    return self_learning(
        spaces,
        pairs,
        fit,
        vocabulary=options.self_learning_vocabulary,
        rounds=options.self_learning_rounds,
        keep_seed=trusted,
        device=options.device,
    )


def _hold_out(seed: Seed, options: Options) -> tuple[Indices, Indices | None]:
    """Split off a share of the source words; None held when too few, or too doubtful, to tell anything."""
    count = held_out_words(options, seed)
    if not count:
        return seed.rows, None
    words = np.random.default_rng(options.seed).permutation(np.unique(seed.rows[:, 0]))
    held = np.isin(seed.rows[:, 0], words[:count])
    return seed.rows[~held], seed.rows[held]
