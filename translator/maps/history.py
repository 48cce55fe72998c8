"""The record of one step of each method; ``Maps.history`` lists the steps in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


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
class InductionRound:
    """A round of learning: a map is fitted, and the ranker says which pairs are probable under it.

    :param pairs: number of pairs found, each with its probability as weight.
    :param expected: expected number of right pairs among them, the sum of their probabilities.
    """

    round: int
    pairs: int
    expected: float
    method: Literal["induction"] = "induction"


@dataclass(frozen=True)
class RcslsStep:
    """A step of RCSLS; step 0 is the start."""

    step: int
    loss: float
    step_size: float
    method: Literal["rcsls"] = "rcsls"


Step = StructureRound | InductionRound | RcslsStep
