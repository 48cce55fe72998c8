"""Whether a ranker's probabilities hold: a reliability diagram in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from translator.ranking.calibration import calibration_error, equal_bins, surest
from translator.vectors import Doubles, Flags, Floats

DRAWS = 1000  # of answers, to find what chance alone comes to
LEVELS = (0.9, 0.8, 0.7)  # precisions that a part of a lexicon is expected to have


@dataclass(frozen=True)
class Bin:
    """Words of like probability: its mean, and the share of them that were answered rightly."""

    words: int
    expected: float
    met: float


@dataclass(frozen=True)
class Part:
    """The largest part of the words that is expected to be answered with a precision.

    :param level: that precision.
    :param share: of all words.
    :param met: the precision it had; None for a part of no words.
    """

    level: float
    share: float
    met: float | None


@dataclass(frozen=True)
class Certainty:
    """What the probabilities of the likeliest candidates came to.

    :param error: expected calibration error, 0 to 1.
    :param chance: what it is in the mean on so many words if the probabilities hold exactly.
    :param bins: ten of equal size, or fewer, the least likely first.
    """

    words: int
    error: float
    chance: float
    bins: tuple[Bin, ...]
    parts: tuple[Part, ...]


def certainty(probability: Floats, hit: Flags) -> Certainty:
    """Compare probabilities, float32 [n], with what was right, bool [n]."""
    likely = probability.astype(np.float64)
    bins = tuple(
        Bin(len(own), float(likely[own].mean()), float(hit[own].mean())) for own in equal_bins(likely)
    )
    parts = tuple(_part(likely, hit, level) for level in LEVELS)
    return Certainty(len(hit), calibration_error(likely, hit), by_chance(likely), bins, parts)


def by_chance(likely: Doubles, seed: int = 0) -> float:
    """Mean calibration error of answers drawn with their own probabilities, float64 [n]."""
    rng, total = np.random.default_rng(seed), 0.0
    for own in equal_bins(likely):
        met = (rng.random((DRAWS, len(own))) < likely[own]).mean(axis=1)
        total += len(own) * float(np.abs(met - likely[own].mean()).mean())
    return total / len(likely)


def _part(likely: Doubles, hit: Flags, level: float) -> Part:
    kept = surest(likely, level)
    return Part(level, len(kept) / len(likely), float(hit[kept].mean()) if len(kept) else None)
