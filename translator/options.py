"""Every choice of :func:`translator.align`, with its default and its checks."""

from __future__ import annotations

from dataclasses import dataclass
from types import UnionType
from typing import Literal, TypedDict, get_args

from translator.errors import DataError
from translator.retrieval import NEIGHBOURHOOD
from translator.vectors.normalize import DEFAULT_NORMALIZATION, NormalizationStep, parse_normalization

Start = Literal["auto", "procrustes", "whitening"]
Refine = Literal["auto", "free", "spectral", "none"]
SeedChoice = Literal["auto", "identical", "structure"]

SELF_LEARNING_WORDS = 20_000  # most frequent words a side among which self-learning seeks pairs
SELF_LEARNING_ROUNDS = 20

CHOICES = {"start": Start, "refine": Refine, "seed_pairs": SeedChoice}
KINDS: dict[str, type | UnionType] = {  # of the fields that are neither choices nor plain numbers
    "normalization": tuple,
    "self_learn": bool | None,
    **dict.fromkeys(("limit", "steps", "csls_sample"), int | None),
    **dict.fromkeys(("csls_k", "self_learning_words", "self_learning_rounds", "random_state"), int),
    **dict.fromkeys(("compose_oov", "rerank"), bool),
}
POSITIVE = (
    *("csls_k", "steps", "step_size", "csls_sample", "limit"),
    *("self_learning_words", "self_learning_rounds"),
)


class Choices(TypedDict, total=False):
    """The fields of :class:`Options` as keywords of :func:`translator.align`."""

    start: Start
    self_learn: bool | None
    refine: Refine
    seed_pairs: SeedChoice
    normalization: tuple[NormalizationStep, ...]
    limit: int | None
    csls_k: int
    steps: int | None
    step_size: float | None
    held_out: float
    self_learning_words: int
    self_learning_rounds: int
    csls_sample: int | None
    compose_oov: bool
    rerank: bool
    random_state: int
    device: str


@dataclass(frozen=True)
class Options:
    """Every choice of :func:`translator.align`; ``auto`` and None choose by the number of seed pairs.

    :param start: closed-form map: ``procrustes`` (orthogonal) or ``whitening`` (maps both sides).
    :param self_learn: add mutual nearest neighbours to the seed pairs and fit again.
    :param refine: RCSLS descent: ``free``, ``spectral`` or ``none``.
    :param seed_pairs: without a dictionary: ``identical`` strings, or the ``structure`` of the spaces.
    :param normalization: steps applied to the vectors, of ``center`` and ``unit``.
    :param limit: vocabulary size, the most frequent words of each side; None for all.
    :param csls_k: neighbourhood size of CSLS in the result and in RCSLS; self-learning always uses 10.
    :param steps: maximum number of RCSLS steps; None lets held-out pairs decide.
    :param step_size: of RCSLS; None derives it from the number of pairs.
    :param held_out: share of the seed pairs' source words held out for early stopping, 0 to 0.5.
    :param self_learning_words: most frequent words of each side among which self-learning seeks pairs.
    :param csls_sample: number of random words among which CSLS seeks neighbourhoods; None for all words.
    :param compose_oov: give dictionary words outside the vocabulary a vector composed from their subwords.
    :param rerank: re-rank candidates by a model that gives each a probability; a dictionary adapts the model,
        and where the dictionary is small or held-out pairs gain, the map learns from probable pairs too.
    :param random_state: seed of every random choice, 0 or more.
    :param device: ``cpu`` or a torch device for the nearest-neighbour scans.
    :raises DataError: a value is of another kind or out of range.

    >>> Options(limit=5000).csls_k
    10
    """

    start: Start = "auto"
    self_learn: bool | None = None
    refine: Refine = "auto"
    seed_pairs: SeedChoice = "auto"
    normalization: tuple[NormalizationStep, ...] = DEFAULT_NORMALIZATION
    limit: int | None = 200_000
    csls_k: int = NEIGHBOURHOOD
    steps: int | None = None
    step_size: float | None = None
    held_out: float = 0.1
    self_learning_words: int = SELF_LEARNING_WORDS
    self_learning_rounds: int = SELF_LEARNING_ROUNDS
    csls_sample: int | None = None
    compose_oov: bool = False
    rerank: bool = True
    random_state: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        for name, choice in CHOICES.items():
            if (value := getattr(self, name)) not in get_args(choice):
                raise DataError(f"{name}={value!r}: expected one of {', '.join(get_args(choice))}")
        for name, kind in KINDS.items():
            if not isinstance(value := getattr(self, name), kind):
                raise DataError(f"{name}={value!r}: expected {getattr(kind, '__name__', kind)}")
        parse_normalization(",".join(self.normalization))
        if not 0 <= self.held_out <= 0.5:
            raise DataError(f"held_out={self.held_out}: expected a share between 0 and 0.5")
        for name in POSITIVE:
            if (value := getattr(self, name)) is not None and not value > 0:
                raise DataError(f"{name}={value}: expected more than 0")
        if self.random_state < 0:
            raise DataError(f"random_state={self.random_state}: expected 0 or more")
