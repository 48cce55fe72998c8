"""Word translation accuracy by frequency of the source word and by its number of listed translations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from translator.diagnosis.bands import Band, bands
from translator.evaluation import QueryResults, Score, score_ranks
from translator.vectors import Flags

MANY = 3  # words with this many listed translations or more form one group


@dataclass(frozen=True)
class FrequencyScores:
    """Scores of the test words whose source word is in a band of frequency."""

    band: Band
    words: int
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class TranslationCountScores:
    """Scores of the test words with a number of listed translations; the last group has that or more."""

    translations: int
    words: int
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Accuracy:
    """Scores of the map alone and, if there is one, of the ranker; groups without words are left out.

    :param queries: distinct source words of the test dictionary.
    :param words: those that were evaluated.
    """

    queries: int
    words: int
    scores: tuple[Score, ...]
    by_frequency: tuple[FrequencyScores, ...]
    by_translations: tuple[TranslationCountScores, ...]


def accuracy(results: QueryResults, vocabulary: int) -> Accuracy:
    """Score all test words and each group of them.

    :param vocabulary: size of the source vocabulary.
    """
    in_band = [(band, band.holds(results.rows)) for band in bands(vocabulary)]
    listed = np.minimum(results.listed, MANY)
    with_count = [(count, listed == count) for count in range(1, MANY + 1)]
    return Accuracy(
        results.queries,
        len(results.rows),
        _scores(results, np.ones(len(results.rows), bool)),
        tuple(
            FrequencyScores(band, int(group.sum()), _scores(results, group))
            for band, group in in_band
            if group.any()
        ),
        tuple(
            TranslationCountScores(count, int(group.sum()), _scores(results, group))
            for count, group in with_count
            if group.any()
        ),
    )


def _scores(results: QueryResults, group: Flags) -> tuple[Score, ...]:
    return tuple(score_ranks(order, ranks[group]) for order, ranks in results.ranks.items())
