"""What the ways to a map are made of: a closed form, self-learning, RCSLS, and pairs that are likely."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from translator.maps import CLOSED_FORM
from translator.maps.base import Maps, Spaces
from translator.maps.rcsls import rcsls
from translator.maps.self_learning import self_learning
from translator.options import Options, Plan
from translator.vectors import Indices

logger = logging.getLogger(__name__)

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


@dataclass(frozen=True, eq=False)
class Fitter:
    """Two spaces, and how to fit maps to pairs of their words.

    :param judge: finds likelier pairs than self-learning does; without it there is no self-training.
    """

    spaces: Spaces
    options: Options
    judge: Judge | None = None

    @property
    def frequent(self) -> Spaces:
        """The words among which pairs are sought."""
        return self.spaces.frequent(self.options.self_learning_vocabulary)

    def closed_form(self, pairs: Indices, plan: Plan) -> Maps:
        """The map that fits the pairs best."""
        return CLOSED_FORM[plan.start](self.spaces, pairs)

    def start(self, pairs: Indices, plan: Plan, kept: Indices | None = None) -> Maps:
        """What RCSLS starts from: self-learning from the pairs on, or their closed form.

        :param kept: those that somebody vouches for, int64 [q, 2]; None for all.
        """
        if not plan.self_learn:
            return self.closed_form(pairs, plan)
        return self_learning(
            self.spaces,
            pairs,
            CLOSED_FORM[plan.start],
            vocabulary=self.options.self_learning_vocabulary,
            rounds=self.options.self_learning_rounds,
            kept=kept,
            device=self.options.device,
        )

    def refine(
        self, start: Maps, pairs: Indices, plan: Plan, steps: int, validation: Indices | None = None
    ) -> Maps:
        """RCSLS on the pairs, if the plan has it; the best step by held-out pairs where there are such."""
        if plan.refine == "none":
            return start
        return rcsls(
            self.spaces,
            pairs,
            start=start,
            steps=steps,
            validation=validation,
            variant=plan.refine,
            k=self.options.k,
            step=self.options.step,
            device=self.options.device,
        )

    def likely(self, maps: Maps) -> Indices:
        """What the judge, who must be there, finds under the maps, int64 [p, 2]."""
        assert self.judge is not None
        likely = self.judge(self.frequent.mapped(maps))
        logger.info("self-training: %d pairs are likely both ways", len(likely))
        return likely

    def on_likely(self, fitted: Fitted, known: Indices) -> Maps:
        """Maps of the likely pairs and those that are known, from the closed form on."""
        pairs = fitted.learns_from(known)
        return self.refine(self.closed_form(pairs, fitted.plan), pairs, fitted.plan, fitted.steps)


def labelled(history: Sequence[Step], pairs: str) -> Iterator[Step]:
    """The steps, those of a descent that another will follow told apart by the pairs it learnt from."""
    for step in history:
        yield {"pairs": pairs, **step} if step["method"] == "rcsls" else step


def judged(maps: Maps, learnt_from: str, number: int, likely: Indices) -> tuple[Step, ...]:
    """The history of maps that the judge was shown, and how much was found."""
    record: Step = {"method": "self-training", "step": number, "pairs": len(likely)}
    return (*labelled(maps.history, learnt_from), record)
