"""The record of one step of each method; ``Maps.history`` lists the steps in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stage = Literal["trial", "earlier", "final"]


@dataclass(frozen=True)
class StructureRound:
    """A round of stochastic self-learning on the spaces' structure.

    :param objective: mean cosine of all words with their nearest translations.
    :param share: of the candidates that the round saw, in (0, 1].
    """

    round: int
    objective: float
    share: float
    method: Literal["structure"] = "structure"


@dataclass(frozen=True)
class SelfLearningRound:
    """A round of self-learning.

    :param pairs: number of pairs that the map was fitted to.
    :param mutual: number of mutual nearest neighbours found with that map.
    :param nearness: mean cosine of all words with their nearest translations.
    """

    round: int
    pairs: int
    mutual: int
    nearness: float
    method: Literal["self-learning"] = "self-learning"


@dataclass(frozen=True)
class RcslsStep:
    """A step of RCSLS; step 0 is the start.

    :param held_out_mrr: mean reciprocal rank of held-out pairs, in [0, 1]; None where none were held out.
    :param stage: ``final`` for the descent that led to the maps; ``trial`` for one on a share of the pairs,
        which chose the number of steps; ``earlier`` for one that self-training continued from.
    """

    step: int
    loss: float
    step_size: float
    held_out_mrr: float | None = None
    stage: Stage = "final"
    method: Literal["rcsls"] = "rcsls"


@dataclass(frozen=True)
class SelfTrainingRound:
    """A round of self-training.

    :param pairs: number of pairs that the general ranker found probable in both directions.
    """

    round: int
    pairs: int
    method: Literal["self-training"] = "self-training"


Step = StructureRound | SelfLearningRound | RcslsStep | SelfTrainingRound
