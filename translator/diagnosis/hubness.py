"""Hubness: targets that are among the nearest neighbours of far too many source words.

The measure is the skewness of the k-occurrence N_k, the number of words that have a target among their k
nearest (Radovanovic, Nanopoulos & Ivanovic 2010): 0 where neighbours are spread evenly, large where a few
hubs take most places. CSLS is meant to lower it (Lample et al. 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from translator.alignment import Alignment
from translator.retrieval import Criterion, csls_bias, search
from translator.vectors import Indices

VOCABULARY = 20_000  # most frequent words a side that are looked at
NEIGHBOURS = 10  # k of N_k
WORST = 10  # hubs that are named
HEAVY = 5.0  # skewness under cosine between that of real maps and that of random rotations: docs/results.md


@dataclass(frozen=True)
class Occurrence:
    """The k-occurrence under one criterion.

    :param skewness: of N_k over the targets; 0 where all are equal.
    :param never: share of targets that are among the nearest of no source word.
    :param largest: N_k of the largest hub.
    :param counts: targets by N_k: none, 1, 2 to 3, 4 to 7, and so on by powers of two.
    """

    criterion: Criterion
    skewness: float
    never: float
    largest: int
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Hub:
    """A target word, and how many source words have it among their nearest under cosine and under CSLS."""

    word: str
    cosine: int
    csls: int


@dataclass(frozen=True)
class Hubness:
    """How uneven the neighbours are, before and after the correction.

    :param source_words: words asked, the most frequent; ``target_words`` that could be found.
    :param worst: the largest hubs under cosine, the worst first.
    """

    source_words: int
    target_words: int
    k: int
    cosine: Occurrence
    csls: Occurrence
    worst: tuple[Hub, ...]


def hubness(alignment: Alignment, device: str = "cpu") -> Hubness:
    """Count how often each frequent target is a neighbour of the frequent source words."""
    source = alignment.source.mapped.matrix[:VOCABULARY]
    target = alignment.target.mapped.table(VOCABULARY)
    means = alignment.means.target[:VOCABULARY]
    plain, corrected = (
        k_occurrence(search(source, target.matrix, NEIGHBOURS, bias=bias, device=device).indices, len(target))
        for bias in (None, csls_bias(means))
    )
    worst = np.argsort(-plain, kind="stable")[:WORST]
    return Hubness(
        len(source),
        len(target),
        NEIGHBOURS,
        _occurrence("cosine", plain),
        _occurrence("csls", corrected),
        tuple(Hub(target.words[row], int(plain[row]), int(corrected[row])) for row in worst),
    )


def k_occurrence(nearest: Indices, size: int) -> Indices:
    """N_k of each of ``size`` targets, int64 [size], from the nearest of each query, int64 [n, k]."""
    return np.bincount(nearest.ravel(), minlength=size)


def skewness(values: npt.NDArray[np.int64]) -> float:
    """Third standardised moment; 0 where all values are equal."""
    off = values - values.mean()
    spread = np.sqrt((off**2).mean())
    return float((off**3).mean() / spread**3) if spread > 0 else 0.0


def _occurrence(criterion: Criterion, counted: Indices) -> Occurrence:
    power = np.where(counted > 0, np.floor(np.log2(np.maximum(counted, 1))) + 1, 0).astype(np.int64)
    counts = tuple(np.bincount(power).tolist())
    return Occurrence(criterion, skewness(counted), float((counted == 0).mean()), int(counted.max()), counts)
