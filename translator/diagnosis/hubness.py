"""Hubness: targets that are among the nearest neighbours of very many source words.

The measure is the skewness of the k-occurrence N_k, the number of words that have a target among their k
nearest (Radovanovic, Nanopoulos & Ivanovic 2010): 0 where neighbours are spread evenly, large where a few
hubs take most places. CSLS lowers it (Lample et al. 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from translator.alignment import Alignment
from translator.retrieval import Criterion, csls_bias, search
from translator.vectors import Indices

HUBNESS_WORDS = 20_000  # most frequent words per language that are searched
NEIGHBOURS = 10  # k of N_k
WORST = 10  # hubs that are listed
HEAVY = 5.0  # skewness by cosine that parts real maps (lower) from random rotations (higher): docs/results.md


@dataclass(frozen=True)
class Occurrence:
    """The k-occurrence by one criterion.

    :param skewness: of N_k over the targets; 0 if all are equal.
    :param never: share of targets that are among the nearest of no source word.
    :param largest: N_k of the largest hub.
    :param counts: number of targets with N_k of 0, 1, 2 to 3, 4 to 7, and so on by powers of two.
    """

    criterion: Criterion
    skewness: float
    never: float
    largest: int
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Hub:
    """A target word, and how many source words have it among their nearest by cosine and by CSLS."""

    word: str
    cosine: int
    csls: int


@dataclass(frozen=True)
class Hubness:
    """Hubness before and after the correction by CSLS.

    :param source_words: number of queries, the most frequent words; ``target_words`` of candidates.
    :param worst: the largest hubs by cosine, the largest first.
    """

    source_words: int
    target_words: int
    k: int
    cosine: Occurrence
    csls: Occurrence
    worst: tuple[Hub, ...]


def hubness(alignment: Alignment, device: str = "cpu") -> Hubness:
    """Count how often each frequent target is a neighbour of the frequent source words."""
    source = alignment.source.mapped.matrix[:HUBNESS_WORDS]
    target = alignment.target.mapped.table(HUBNESS_WORDS)
    bias = csls_bias(alignment.means.target[:HUBNESS_WORDS])
    cosine, csls = (
        k_occurrence(search(source, target.matrix, NEIGHBOURS, bias=bias, device=device).indices, len(target))
        for bias in (None, bias)
    )
    worst = np.argsort(-cosine, kind="stable")[:WORST]
    return Hubness(
        len(source),
        len(target),
        NEIGHBOURS,
        _occurrence("cosine", cosine),
        _occurrence("csls", csls),
        tuple(Hub(target.words[row], int(cosine[row]), int(csls[row])) for row in worst),
    )


def k_occurrence(nearest: Indices, size: int) -> Indices:
    """Return N_k of each of ``size`` targets, int64 [size], from the nearest of each query, int64 [n, k].

    >>> k_occurrence(np.array([[0, 2], [2, 1]]), 4).tolist()
    [1, 1, 2, 0]
    """
    return np.bincount(nearest.ravel(), minlength=size)


def _occurrence(criterion: Criterion, count: Indices) -> Occurrence:
    from scipy.stats import skew

    power = np.where(count > 0, np.floor(np.log2(np.maximum(count, 1))) + 1, 0).astype(np.int64)
    skewness = float(skew(count)) if count.min() < count.max() else 0.0  # undefined where all are equal
    counts = tuple(np.bincount(power).tolist())
    return Occurrence(criterion, skewness, float((count == 0).mean()), int(count.max()), counts)
