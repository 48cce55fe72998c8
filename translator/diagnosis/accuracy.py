"""Word translation accuracy by kind of word: by frequency, and by the number of listed translations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from translator.diagnosis.bands import Band, bands
from translator.evaluation import QueryResults, Score, score_ranks
from translator.vectors import Flags

MANY = 3  # listed translations from which words are counted together


@dataclass(frozen=True)
class OfBand:
    """The test words of a band of frequency of the source word."""

    band: Band
    words: int
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class OfListed:
    """The test words that have so many translations in the test dictionary; the last group has more, too."""

    listed: int
    words: int
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Accuracy:
    """Scores of the map alone and, where there is one, of the ranker; groups without a word are left out.

    :param queries: distinct source words of the test dictionary.
    :param words: those that could be asked.
    """

    queries: int
    words: int
    scores: tuple[Score, ...]
    by_frequency: tuple[OfBand, ...]
    by_listed: tuple[OfListed, ...]


def break_down(given: QueryResults, vocabulary: int) -> Accuracy:
    """Scores of all answers and of each group of them.

    :param vocabulary: size of the source vocabulary.
    """
    of_bands = [(band, band.holds(given.rows)) for band in bands(vocabulary)]
    listed = np.minimum(given.listed, MANY)
    of_listed = [(number, listed == number) for number in range(1, MANY + 1)]
    return Accuracy(
        given.queries,
        len(given.rows),
        _scores(given, np.ones(len(given.rows), bool)),
        tuple(OfBand(band, int(own.sum()), _scores(given, own)) for band, own in of_bands if own.any()),
        tuple(OfListed(count, int(own.sum()), _scores(given, own)) for count, own in of_listed if own.any()),
    )


def _scores(given: QueryResults, own: Flags) -> tuple[Score, ...]:
    return tuple(score_ranks(order, ranks[own]) for order, ranks in given.ranks.items())
