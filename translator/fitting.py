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
from translator.options import (
    Options,
    Plan,
    held_out_words,
    may_self_train,
    with_self_training,
    without_self_learning,
)
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
    :param likely: what the last round of self-training learnt from beside the seed, int64 [p, 2].
    """

    plan: Plan
    start: Maps
    maps: Maps
    steps: int
    tried: tuple[Mapping[str, float], ...] = ()
    likely: Indices | None = None

    def learns_from(self, pairs: Indices) -> Indices:
        """Pairs of the seed, and what self-training found beside them: each counts once, int64 [p, 2]."""
        return pairs if self.likely is None else np.concatenate([self.likely, pairs])


def fit(spaces: Spaces, seed: Seed, chosen: Plan, options: Options, judge: Judge | None = None) -> Fitted:
    """Choose plan and number of steps on a held-out share of the pairs, then refine on all of them.

    :param judge: finds likelier pairs than self-learning does; without it there is no self-training.
    """
    train, held = _hold_out(seed, options) if chosen.refine != "none" else (seed.rows, None)
    if held is None:
        return _unchecked(spaces, seed, chosen, options, judge)
    best, tried = _tried(spaces, train, held, chosen, options, judge)
    logger.info(
        "held-out MRR %(before).3f before RCSLS, %(held_out_mrr).3f after %(steps)d steps", best.tried[0]
    )
    final = _refine(spaces, best.start, best.learns_from(seed.rows), best.plan, options, best.steps)
    trial = _labelled(best.maps.history, TRIAL)
    history = (*trial, *final.history[len(best.start.history) :])
    return replace(best, maps=Maps(final.source, final.target, history), tried=tried)


def refit(
    spaces: Spaces, seed: Seed, fitted: Fitted, pairs: Indices, options: Options, judge: Judge | None = None
) -> Maps:
    """The way that led to ``fitted``, gone again with some of the seed's pairs.

    After self-training that is its last round, from a map that what was found tells nothing of the words of
    the other pairs: the judge then finds for them what it finds for any word.
    """
    if judge and fitted.likely is not None:
        out = [np.setdiff1d(seed.rows[:, side], pairs[:, side]) for side in (0, 1)]
        told = np.isin(fitted.likely[:, 0], out[0]) | np.isin(fitted.likely[:, 1], out[1])
        untold = _on_likely(spaces, replace(fitted, likely=fitted.likely[~told]), pairs, options)
        return _on_likely(
            spaces, replace(fitted, likely=_likely(spaces, untold, judge, options)), pairs, options
        )
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
    fitted = Fitted(chosen, start, maps, steps)
    if judge and chosen.self_train:
        return _self_training(spaces, seed, fitted, options, judge, round(LEAST_LIKELY * len(found)))
    return fitted


def _self_training(
    spaces: Spaces, seed: Seed, fitted: Fitted, options: Options, judge: Judge, fewest: int
) -> Fitted:
    """Fit and refine anew on the pairs that the judge finds under the maps, and again under what came of it.

    :param fewest: pairs below which the judge tells too little, and the maps stay.
    """
    known = seed.rows if seed.trusted else seed.rows[:0]
    for number in range(1, JUDGED_ROUNDS + 1):
        likely = _likely(spaces, fitted.maps, judge, options)
        if len(likely) <= fewest:
            break
        before = _judged(fitted.maps, "found pairs", number, likely)
        fitted = replace(fitted, likely=likely)
        maps = _on_likely(spaces, fitted, known, options)
        fitted = replace(fitted, maps=replace(maps, history=(*before, *maps.history)))
    return fitted


def _on_likely(spaces: Spaces, fitted: Fitted, known: Indices, options: Options) -> Maps:
    """Maps of the likely pairs and those that are known, from the closed form on."""
    pairs = fitted.learns_from(known)
    start = CLOSED_FORM[fitted.plan.start](spaces, pairs)
    return _refine(spaces, start, pairs, fitted.plan, options, fitted.steps)


def _likely(spaces: Spaces, maps: Maps, judge: Judge, options: Options) -> Indices:
    """What the judge finds under the maps among the words that self-learning goes by."""
    likely = judge(spaces.frequent(options.self_learning_vocabulary).mapped(maps))
    logger.info("self-training: %d pairs are likely both ways", len(likely))
    return likely


def _judged(maps: Maps, learnt_from: str, number: int, likely: Indices) -> tuple[Step, ...]:
    """The history of a map that the judge was shown, and what was found."""
    record: Step = {"method": "self-training", "step": number, "pairs": len(likely)}
    return (*_labelled(maps.history, learnt_from), record)


def _labelled(history: Sequence[Step], pairs: str) -> Iterator[Step]:
    """The steps, those of a descent that another will follow told apart by the pairs it learnt from."""
    for step in history:
        yield {"pairs": pairs, **step} if step["method"] == "rcsls" else step


def _tried(
    spaces: Spaces, train: Indices, held: Indices, chosen: Plan, options: Options, judge: Judge | None
) -> tuple[Fitted, tuple[Mapping[str, float], ...]]:
    """The plan that ranks held-out pairs best, carried out on the training share, and a record of all."""
    plans = [chosen] if options.self_learn != "auto" else [chosen, without_self_learning(chosen)]
    trials = [
        _try(spaces, _start(spaces, train, True, plan, options), train, held, plan, options) for plan in plans
    ]
    best = _clearly_best(trials)
    if judge and may_self_train(options):
        trials.append(_try_self_training(spaces, train, held, best, options, judge))
        best = _clearly_best([best, trials[-1]])
    return best, tuple(trial.tried[0] for trial in trials)


def _clearly_best(trials: Sequence[Fitted]) -> Fitted:
    """The first, unless others are clearly better."""
    best, *others = trials
    for other in others:
        if other.tried[0]["held_out_mrr"] > best.tried[0]["held_out_mrr"] + CLEARLY:
            best = other
    return best


def _try_self_training(
    spaces: Spaces, train: Indices, held: Indices, best: Fitted, options: Options, judge: Judge
) -> Fitted:
    """One round of it, under the map of the best trial before."""
    likely = _likely(spaces, best.maps, judge, options)
    pairs = np.concatenate([likely, train])
    before = _judged(best.maps, "dictionary", 1, likely)
    start = replace(CLOSED_FORM[best.plan.start](spaces, pairs), history=before)
    fitted = _try(spaces, start, pairs, held, with_self_training(best.plan), options)
    return replace(fitted, likely=likely)


def _try(spaces: Spaces, start: Maps, pairs: Indices, held: Indices, plan: Plan, options: Options) -> Fitted:
    """Refine on the training share, and see how far it helps on the held-out one."""
    maps = _refine(spaces, start, pairs, plan, options, options.steps or MOST_STEPS, held)
    steps = [step for step in maps.history[len(start.history) :] if step["method"] == "rcsls"]
    scores = [float(step["held_out_mrr"]) for step in steps]
    best = int(np.argmax(scores))
    scored = {"before": scores[0], "held_out_mrr": scores[best], "steps": best}
    ways = {"self_learning": plan.self_learn, "self_training": plan.self_train}
    return Fitted(plan, start, maps, best, ({**ways, **scored},))


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
