"""How the map was learnt, read from an alignment's record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from translator.fitting import TRIAL


@dataclass(frozen=True)
class Round:
    """A round of self-learning: the pairs that were fitted, and the mutual neighbours found with them."""

    number: int
    pairs: int
    mutual: int


@dataclass(frozen=True)
class Step:
    """A step of RCSLS; 0 is the start.

    :param held_out_mrr: of pairs kept aside, 0 to 1; None where none were.
    """

    number: int
    loss: float
    held_out_mrr: float | None


@dataclass(frozen=True)
class Tried:
    """A way to the map that was tried on held-out pairs.

    :param self_learning: whether RCSLS started from self-learning or from the seed alone.
    :param self_training: whether it then learnt once more, from the dictionary and likely pairs.
    :param before: held-out mean reciprocal rank before RCSLS, 0 to 1; :param after: at its best.
    :param steps: of RCSLS until then.
    """

    self_learning: bool
    self_training: bool
    before: float
    after: float
    steps: int


@dataclass(frozen=True)
class Training:
    """What happened, in order.

    :param tried: what was chosen from; the first unless another was clearly better.
    :param rounds: of self-learning.
    :param trial: RCSLS on a share of the pairs, which says how many steps to take.
    :param likely: pairs that the general ranker held for likely, in each round of self-training.
    :param final: RCSLS on all pairs; after self-training, that of its last round.
    """

    tried: tuple[Tried, ...]
    rounds: tuple[Round, ...]
    trial: tuple[Step, ...]
    likely: tuple[int, ...]
    final: tuple[Step, ...]

    @property
    def best(self) -> Step | None:
        """The step of the trial with the best held-out score, whose number of steps was taken."""
        return max(self.trial, key=lambda step: step.held_out_mrr or 0.0, default=None)


def training(history: Sequence[Mapping[str, Any]], tried: Sequence[Mapping[str, Any]]) -> Training:
    """Read ``record["history"]`` and ``record["method"]["tried"]``."""
    descent = [step for step in history if step["method"] == "rcsls"]
    rounds = [step for step in history if step["method"] == "self-learning"]
    return Training(
        tuple(
            Tried(
                bool(one["self_learning"]),
                bool(one.get("self_training")),  # older records have none
                float(one["before"]),
                float(one["held_out_mrr"]),
                int(one["steps"]),
            )
            for one in tried
        ),
        tuple(Round(int(one["step"]), int(one["pairs"]), int(one["mutual"])) for one in rounds),
        tuple(_step(step) for step in descent if step.get("pairs") == TRIAL),
        tuple(int(step["pairs"]) for step in history if step["method"] == "self-training"),
        tuple(_step(step) for step in descent if "pairs" not in step),
    )


def _step(step: Mapping[str, Any]) -> Step:
    score = step.get("held_out_mrr")
    return Step(int(step["step"]), float(step["loss"]), None if score is None else float(score))
