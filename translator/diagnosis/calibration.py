"""Calibration of the ranker's probabilities: a reliability diagram in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from translator.ranking.calibration import calibration_error, equal_bins, most_confident
from translator.vectors import Doubles, Flags, Floats

DRAWS = 1000  # simulated outcomes per word, to estimate the calibration error by chance
LEVELS = (0.9, 0.8, 0.7)  # expected precisions for which the selected share of the words is reported


@dataclass(frozen=True)
class Bin:
    """Words of similar probability.

    :param expected: their mean probability.
    :param observed: the share of them that was translated correctly.
    """

    words: int
    expected: float
    observed: float


@dataclass(frozen=True)
class Selection:
    """The largest set of most confident words that is expected to reach a precision.

    :param level: the expected precision.
    :param share: of all words, 0 to 1.
    :param observed: the precision on the test dictionary; None for a selection of no words.
    """

    level: float
    share: float
    observed: float | None


@dataclass(frozen=True)
class Calibration:
    """Probabilities of the best candidates compared with correct translations.

    :param error: expected calibration error, 0 to 1.
    :param chance: mean calibration error of exact probabilities on the same number of words.
    :param bins: ten of equal size, or fewer, the least probable first.
    :param selections: one for each of :data:`LEVELS`.
    """

    words: int
    error: float
    chance: float
    bins: tuple[Bin, ...]
    selections: tuple[Selection, ...]


def calibration(probability: Floats, correct: Flags) -> Calibration:
    """Compare probabilities, float32 [n], with which translations were correct, bool [n]."""
    probabilities = probability.astype(np.float64)
    bins = tuple(
        Bin(len(rows), float(probabilities[rows].mean()), float(correct[rows].mean()))
        for rows in equal_bins(probabilities)
    )
    selections = tuple(_selection(probabilities, correct, level) for level in LEVELS)
    error = calibration_error(probabilities, correct)
    return Calibration(len(correct), error, error_by_chance(probabilities), bins, selections)


def error_by_chance(probabilities: Doubles, random_state: int = 0) -> float:
    """Return the mean calibration error if each word is correct with its own probability, float64 [n]."""
    rng, total = np.random.default_rng(random_state), 0.0
    for rows in equal_bins(probabilities):
        observed = (rng.random((DRAWS, len(rows))) < probabilities[rows]).mean(axis=1)
        total += len(rows) * float(np.abs(observed - probabilities[rows].mean()).mean())
    return total / len(probabilities)


def _selection(probabilities: Doubles, correct: Flags, level: float) -> Selection:
    rows = most_confident(probabilities, level)
    return Selection(
        level, len(rows) / len(probabilities), float(correct[rows].mean()) if len(rows) else None
    )
