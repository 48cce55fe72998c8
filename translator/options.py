"""Every choice of an alignment, and what the choices come to for one seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import UnionType
from typing import Literal, get_args

import numpy as np

from translator.errors import DataError
from translator.maps.seeds import Seed, SeedChoice
from translator.maps.self_learning import ROUNDS, VOCABULARY
from translator.retrieval import NEIGHBOURHOOD
from translator.vectors.normalize import DEFAULT_NORMALIZATION, NormalizationStep, parse_normalization

Start = Literal["auto", "procrustes", "whitening"]
Refine = Literal["auto", "free", "spectral", "none"]
Switch = Literal["auto", "yes", "no"]

LEARNING, TRAINING = "self-learning", "self-training"  # their names in the reason
FEWEST_HELD = 50  # held-out words below which their score is noise
REFINABLE = 30  # fewer dictionary pairs teach RCSLS nothing that holds for other words


KINDS: dict[str, type | UnionType] = {  # of what is neither a choice nor a plain number
    "recipe": tuple,
    **dict.fromkeys(("limit", "steps", "csls_sample"), int | None),
    **dict.fromkeys(("k", "self_learning_vocabulary", "self_learning_rounds", "seed"), int),
    **dict.fromkeys(("compose_oov", "rerank"), bool),
}


@dataclass(frozen=True)
class Options:
    """Every choice of :func:`align`; ``auto`` picks by the number of seed pairs.

    :param start: closed-form map: ``procrustes`` (orthogonal) or ``whitening`` (both sides).
    :param self_learn: add mutual neighbours to the seed and fit again.
    :param refine: RCSLS descent on the dictionary: ``free``, ``spectral`` or ``none``.
    :param seed_from: without a dictionary, ``identical`` strings or ``structure`` of the spaces.
    :param recipe: normalisation steps.
    :param limit: most frequent words a side that form the vocabulary; None for all.
    :param k: neighbourhood size of CSLS in the result, and of RCSLS; self-learning and structure go by 10.
    :param steps: most RCSLS steps; None lets the held-out pairs decide.
    :param step: size of an RCSLS step; None takes it from the number of pairs.
    :param held_out: share of the seed's source words kept aside for early stopping, 0 to 0.5.
    :param self_learning_vocabulary: most frequent words a side among which pairs are sought.
    :param csls_sample: words among which CSLS seeks the neighbourhoods of the result; None for all.
    :param compose_oov: give dictionary words outside the vocabulary a vector from their subwords.
    :param rerank: re-rank candidates and say how likely each is right; a dictionary adapts how, and where it
        is small or that helps, the map learns from likely pairs, too. Without it there is geometry alone.
    :param seed: of every random choice.
    :param device: ``cpu`` or a torch device, for the nearest-neighbour scans but those of structure.
    """

    start: Start = "auto"
    self_learn: Switch = "auto"
    refine: Refine = "auto"
    seed_from: SeedChoice = "auto"
    recipe: tuple[NormalizationStep, ...] = DEFAULT_NORMALIZATION
    limit: int | None = 200_000
    k: int = NEIGHBOURHOOD
    steps: int | None = None
    step: float | None = None
    held_out: float = 0.1
    self_learning_vocabulary: int = VOCABULARY
    self_learning_rounds: int = ROUNDS
    csls_sample: int | None = None
    compose_oov: bool = False
    rerank: bool = True
    seed: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        for name, allowed in (
            ("start", Start),
            ("self_learn", Switch),
            ("refine", Refine),
            ("seed_from", SeedChoice),
        ):
            if getattr(self, name) not in get_args(allowed):
                raise DataError(
                    f"{name}={getattr(self, name)!r}: expected one of {', '.join(get_args(allowed))}"
                )
        for name, kind in KINDS.items():
            if not isinstance(value := getattr(self, name), kind):
                raise DataError(f"{name}={value!r}: expected {getattr(kind, '__name__', kind)}")
        parse_normalization(",".join(self.recipe))
        if not 0 <= self.held_out <= 0.5:
            raise DataError(f"held_out={self.held_out}: expected a share between 0 and 0.5")
        for name in ("k", "steps", "step", "csls_sample", "self_learning_vocabulary", "self_learning_rounds"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise DataError(f"{name}={getattr(self, name)}: expected more than 0")
        if self.seed < 0:
            raise DataError(f"seed={self.seed}: expected 0 or more")
        if self.limit is not None and self.limit < 1:
            raise DataError(f"limit={self.limit}: expected more than 0, or None for all words")


@dataclass(frozen=True)
class Plan:
    """What :class:`Options` come to for one seed, and the reason, for the user.

    :param self_train: refine once more on the pairs that the general ranker considers likely.
    """

    start: Literal["procrustes", "whitening"]
    self_learn: bool
    refine: Literal["free", "spectral", "none"]
    self_train: bool
    reason: str


def plan(options: Options, seed: Seed) -> Plan:
    """Settle every ``auto``: docs/methods.md has the measurements behind these choices."""
    start = "procrustes" if options.start == "auto" else options.start
    learn = options.self_learn != "no"
    refine = options.refine
    if refine == "auto":
        refine = "free" if len(seed.first) >= REFINABLE else "none"
    train = refine != "none" and may_self_train(options) and not held_out_words(options, seed)
    descent = [f"RCSLS ({refine})"] * (refine != "none")
    steps = [start, *[LEARNING] * learn, *descent, *[TRAINING] * train]
    return Plan(start, learn, refine, train, f"{seed.reason}: {' -> '.join(steps)}")


def held_out_words(options: Options, seed: Seed) -> int:
    """Source words kept aside to measure by; 0 when too few, or too doubtful, to tell anything."""
    count = round(options.held_out * len(np.unique(seed.rows[:, 0])))
    return count if seed.trusted and count >= FEWEST_HELD else 0


def may_self_train(options: Options) -> bool:
    """Whether the ranker may have a say in what the map learns: where pairs can be held out, these decide."""
    return options.self_learn != "no" and options.rerank


def without_self_learning(chosen: Plan) -> Plan:
    """The same plan on the seed pairs alone: what ``auto`` tries beside it where pairs can be held out."""
    return replace(chosen, self_learn=False, reason=chosen.reason.replace(f" -> {LEARNING}", ""))


def with_self_training(chosen: Plan) -> Plan:
    """The plan, and then self-training: tried where pairs can be held out."""
    return replace(chosen, self_train=True, reason=f"{chosen.reason} -> {TRAINING}")
