"""The methods that the options amount to for the seed pairs at hand, and the reason for the user."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from translator.learning.seed_pairs import SeedPairs
from translator.options import Options

FEWEST_HELD = 50  # held-out words below which their score is noise
REFINABLE = 30  # fewer dictionary pairs teach RCSLS nothing that holds for other words


@dataclass(frozen=True)
class Plan:
    """The methods that learn the maps, with every ``auto`` settled.

    :param why: where the seed pairs come from, for the user.
    :param self_learn: fit again on mutual nearest neighbours before RCSLS.
    :param self_train: fit and refine once more on the pairs that the general ranker considers probable.
    """

    why: str
    start: Literal["procrustes", "whitening"]
    self_learn: bool
    refine: Literal["free", "spectral", "none"]
    self_train: bool

    @property
    def reason(self) -> str:
        """The seed pairs and the methods in one sentence, such as ``...: procrustes -> RCSLS (free)``."""
        steps: list[str] = [self.start]
        steps += ["self-learning"] * self.self_learn
        steps += [f"RCSLS ({self.refine})"] * (self.refine != "none")
        steps += ["self-training"] * self.self_train
        return f"{self.why}: {' -> '.join(steps)}"

    def without_self_learning(self) -> Plan:
        """Return the plan that uses the seed pairs alone."""
        return replace(self, self_learn=False)

    def with_self_training(self) -> Plan:
        """Return the plan with self-training at its end."""
        return replace(self, self_train=True)


def plan(options: Options, seed_pairs: SeedPairs) -> Plan:
    """Settle every ``auto``; docs/methods.md has the measurements behind these choices."""
    refine = options.refine
    if refine == "auto":
        refine = "free" if len(seed_pairs.first) >= REFINABLE else "none"
    return Plan(
        seed_pairs.reason,
        "procrustes" if options.start == "auto" else options.start,
        options.self_learn is not False,
        refine,
        refine != "none" and may_self_train(options) and not held_out_words(options, seed_pairs),
    )


def held_out_words(options: Options, seed_pairs: SeedPairs) -> int:
    """Return the number of source words to hold out for validation; 0 if too few or too doubtful to tell."""
    count = round(options.held_out * len(np.unique(seed_pairs.rows[:, 0])))
    return count if seed_pairs.trusted and count >= FEWEST_HELD else 0


def may_self_train(options: Options) -> bool:
    """Whether the options let the map learn from pairs that the ranker considers probable."""
    return options.self_learn is not False and options.rerank
