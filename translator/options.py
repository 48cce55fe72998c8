"""Every choice of :func:`translator.align`, with its default and its checks."""

from __future__ import annotations

from dataclasses import dataclass
from types import UnionType
from typing import Literal, TypedDict, get_args

from translator.errors import DataError
from translator.maps.rcsls import STEPS
from translator.retrieval import NEIGHBOURHOOD
from translator.vectors.normalize import DEFAULT_NORMALIZATION, NormalizationStep, parse_normalization

Start = Literal["ridge", "procrustes", "whitening"]
Refine = Literal["free", "spectral", "none"]
SeedChoice = Literal["auto", "identical", "structure"]

CHOICES = {"start": Start, "refine": Refine, "seed_pairs": SeedChoice}
KINDS: dict[str, type | UnionType] = {  # of the fields that are neither choices nor plain numbers
    "normalization": tuple,
    **dict.fromkeys(("limit", "csls_sample"), int | None),
    **dict.fromkeys(("csls_k", "steps", "random_state"), int),
    **dict.fromkeys(("self_learn", "compose_oov", "rerank"), bool),
}
POSITIVE = ("csls_k", "steps", "step_size", "csls_sample", "limit")


class Choices(TypedDict, total=False):
    """The fields of :class:`Options` as keywords of :func:`translator.align`."""

    start: Start
    self_learn: bool
    refine: Refine
    seed_pairs: SeedChoice
    normalization: tuple[NormalizationStep, ...]
    limit: int | None
    csls_k: int
    steps: int
    step_size: float | None
    csls_sample: int | None
    compose_oov: bool
    rerank: bool
    random_state: int
    device: str


@dataclass(frozen=True)
class Options:
    """Every choice of :func:`translator.align`.

    :param start: closed-form map: ``ridge`` (least squares drawn towards a rotation), ``procrustes`` (the
        rotation) or ``whitening`` (maps both sides).
    :param self_learn: learn from probable pairs, too, in addition to the seed pairs.
    :param refine: RCSLS descent: ``free``, ``spectral`` or ``none``.
    :param seed_pairs: without a dictionary: ``identical`` strings, or the ``structure`` of the spaces.
    :param normalization: steps applied to the vectors, of ``center`` and ``unit``.
    :param limit: vocabulary size, the most frequent words of each side; None for all.
    :param csls_k: neighbourhood size of CSLS and of RCSLS.
    :param steps: number of RCSLS steps.
    :param step_size: of RCSLS; None derives it from the number of pairs and of dimensions.
    :param csls_sample: number of random words among which CSLS seeks neighbourhoods; None for all words.
    :param compose_oov: give dictionary words outside the vocabulary a vector composed from their subwords.
    :param rerank: re-rank candidates by a model that gives each a probability; a dictionary adapts the model.
    :param random_state: seed of every random choice, 0 or more.
    :param device: ``cpu`` or a torch device for the nearest-neighbour scans.
    :raises DataError: a value is of another kind or out of range.

    >>> Options(limit=5000).csls_k
    10
    """

    start: Start = "ridge"
    self_learn: bool = True
    refine: Refine = "free"
    seed_pairs: SeedChoice = "auto"
    normalization: tuple[NormalizationStep, ...] = DEFAULT_NORMALIZATION
    limit: int | None = 200_000
    csls_k: int = NEIGHBOURHOOD
    steps: int = STEPS
    step_size: float | None = None
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
        for name in POSITIVE:
            if (value := getattr(self, name)) is not None and not value > 0:
                raise DataError(f"{name}={value}: expected more than 0")
        if self.random_state < 0:
            raise DataError(f"random_state={self.random_state}: expected 0 or more")
