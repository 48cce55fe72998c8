"""The parts that ways of learning a map are made of: closed form, self-learning, RCSLS, probable pairs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from translator.learning.plan import Plan
from translator.learning.self_learning import self_learning
from translator.maps import CLOSED_FORM
from translator.maps.base import Maps, Spaces
from translator.maps.history import RcslsStep, SelfTrainingRound, Stage
from translator.maps.rcsls import rcsls
from translator.options import Options
from translator.vectors import Indices

logger = logging.getLogger(__name__)

FindPairs = Callable[[Spaces], Indices]  # spaces mapped into the shared one -> probable pairs, int64 [p, 2]


@dataclass(frozen=True)
class Trial:
    """A plan that was tried on a training share of the seed pairs, scored by held-out pairs.

    :param self_learning: whether RCSLS started from self-learning or from the seed pairs alone.
    :param self_training: whether the map then learned once more from the dictionary and probable pairs.
    :param before: held-out mean reciprocal rank before RCSLS, in [0, 1].
    :param held_out_mrr: held-out mean reciprocal rank at the best step of RCSLS.
    :param steps: number of RCSLS steps up to the best one.
    """

    self_learning: bool
    self_training: bool
    before: float
    held_out_mrr: float
    steps: int


@dataclass(frozen=True)
class LearnedMaps:
    """The result of a plan.

    :param start: the maps that RCSLS started from.
    :param maps: the maps after RCSLS.
    :param steps: number of RCSLS steps taken.
    :param trials: every plan that was tried on held-out pairs.
    :param probable: pairs that the last round of self-training added to the seed pairs, int64 [p, 2].
    """

    plan: Plan
    start: Maps
    maps: Maps
    steps: int
    trials: tuple[Trial, ...] = ()
    probable: Indices | None = None

    def training_pairs(self, seed_pairs: Indices) -> Indices:
        """Seed pairs together with the probable ones, each counted once, int64 [p, 2]."""
        return seed_pairs if self.probable is None else np.concatenate([self.probable, seed_pairs])


@dataclass(frozen=True, eq=False)
class MapLearner:
    """Learns maps between two spaces from pairs of their words.

    :param find_probable: finds the pairs that the general ranker considers probable in both directions;
        without it there is no self-training.
    """

    spaces: Spaces
    options: Options
    find_probable: FindPairs | None = None

    @property
    def frequent(self) -> Spaces:
        """The words among which pairs are sought."""
        return self.spaces.frequent(self.options.self_learning_words)

    def closed_form(self, pairs: Indices, plan: Plan) -> Maps:
        """Return the closed-form maps of the pairs."""
        return CLOSED_FORM[plan.start](self.spaces, pairs)

    def start(self, pairs: Indices, plan: Plan, kept: Indices | None = None) -> Maps:
        """Return the maps to start RCSLS from: the closed form of the pairs, or self-learning from them.

        :param kept: pairs that every round of self-learning keeps, int64 [q, 2]; None for all.
        """
        if not plan.self_learn:
            return self.closed_form(pairs, plan)
        return self_learning(
            self.spaces,
            pairs,
            CLOSED_FORM[plan.start],
            words=self.options.self_learning_words,
            rounds=self.options.self_learning_rounds,
            kept=kept,
            device=self.options.device,
        )

    def refine(
        self, start: Maps, pairs: Indices, plan: Plan, steps: int, validation: Indices | None = None
    ) -> Maps:
        """Refine maps by RCSLS if the plan includes it; validation pairs choose the best step."""
        if plan.refine == "none":
            return start
        return rcsls(
            self.spaces,
            pairs,
            start=start,
            steps=steps,
            validation=validation,
            variant=plan.refine,
            k=self.options.csls_k,
            step=self.options.step_size,
            device=self.options.device,
        )

    def probable(self, maps: Maps) -> Indices:
        """Return the probable pairs under the maps, int64 [p, 2]; needs ``find_probable``."""
        assert self.find_probable is not None
        pairs = self.find_probable(self.frequent.mapped(maps))
        logger.info("self-training: %d pairs are probable in both directions", len(pairs))
        return pairs

    def fit_probable(self, learned: LearnedMaps, seed_pairs: Indices) -> Maps:
        """Fit maps to the probable and the given seed pairs from scratch: closed form, then RCSLS."""
        pairs = learned.training_pairs(seed_pairs)
        return self.refine(self.closed_form(pairs, learned.plan), pairs, learned.plan, learned.steps)


def at_stage(maps: Maps, stage: Stage) -> Maps:
    """The maps with the final RCSLS steps of their history assigned to an earlier stage."""
    history = (
        replace(step, stage=stage) if isinstance(step, RcslsStep) and step.stage == "final" else step
        for step in maps.history
    )
    return replace(maps, history=tuple(history))


def with_probable(maps: Maps, number: int, probable: Indices) -> Maps:
    """The maps with a round of self-training added to their history."""
    earlier = at_stage(maps, "earlier")
    return replace(earlier, history=(*earlier.history, SelfTrainingRound(number, len(probable))))
