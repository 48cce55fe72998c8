"""Pairs that the general ranker considers probable in both directions: the dictionary of self-training.

Mutual nearest neighbours know the geometry only. The general ranker has learned from other languages how a
right translation looks: its rivals, the frequencies of both words, their spelling; and it may decide that no
candidate is right. Pairs on which it agrees in both directions are more often right, and a map fitted to them
is better, also for the words it did not agree on. (A model's own confident answers as labels: Lee 2013; a
ranker next to the map: BLICEr, Li et al. 2022.)
"""

from __future__ import annotations

import numpy as np

from translator.maps.base import Spaces
from translator.ranking.candidates import BLOCK, FoundCandidates, describe, find_both
from translator.ranking.ranker import Ranker
from translator.retrieval import Neighbourhoods, neighbourhoods, reciprocal
from translator.vectors import Floats, Indices, WordVectors

PROBABLE = 0.2  # probability in the less probable direction; docs/methods.md has the measurements


def probable_pairs(
    vocabularies: tuple[WordVectors, WordVectors],
    shared: Spaces,
    csls_k: int,
    device: str = "cpu",
    least: float = PROBABLE,
) -> Indices:
    """Return pairs that are each other's most probable translation, int64 [p, 2].

    :param vocabularies: words of both spaces, the most frequent first, at least as many as there are rows.
    :param shared: unit rows in the shared space.
    :param csls_k: neighbourhood size of CSLS.
    :param least: probability that a pair must have in both directions.
    """
    source, target = (
        WordVectors(words.words[: len(rows)], rows)
        for words, rows in zip(vocabularies, (shared.source, shared.target), strict=True)
    )
    means = neighbourhoods(source.matrix, target.matrix, csls_k, device=device)
    found = find_both(source, target, means, device)
    best_target, forward = _most_probable(source, found[0], target, means)
    best_source, backward = _most_probable(target, found[1], source, means.inverse())
    pairs = reciprocal(best_target, best_source)
    return pairs[np.minimum(forward[pairs[:, 0]], backward[pairs[:, 1]]) >= least]


def _most_probable(
    words: WordVectors, found: FoundCandidates, target: WordVectors, means: Neighbourhoods
) -> tuple[Indices, Floats]:
    """The most probable candidate of each word, int64 [n], and its probability, float32 [n]."""
    indices, probability = np.empty(len(words), np.int64), np.empty(len(words), np.float32)
    for start in range(0, len(words), BLOCK):
        block = slice(start, start + BLOCK)
        rows = np.arange(len(words))[block]
        candidates = describe(words.words[block], rows, found[block], target, means)
        probabilities = Ranker.general().probabilities(candidates)
        best = probabilities.argmax(axis=1)[:, None]
        indices[block] = np.take_along_axis(candidates.indices, best, axis=1)[:, 0]
        probability[block] = np.take_along_axis(probabilities, best, axis=1)[:, 0]
    return indices, probability
