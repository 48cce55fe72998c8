"""Pairs of words that are probably translations under a map, with their probabilities.

The nearest neighbours of a map know the geometry only. The general ranker has learned from other languages
how a right translation looks: its rivals, the frequencies of both words, their spelling; and it may decide
that no candidate is right. A pair's weight is the smaller probability of the two directions. (A model's own
confident answers as labels: Lee 2013; a ranker next to the map: BLICEr, Li et al. 2022.)
"""

from __future__ import annotations

import numpy as np

from translator.maps.base import Spaces
from translator.maps.pairs import WeightedPairs
from translator.ranking.candidates import BLOCK, FoundCandidates, describe, find_both
from translator.ranking.ranker import Ranker
from translator.ranking.shared_space import SharedSpace
from translator.threads import side_by_side
from translator.vectors import Floats, Indices, WordVectors

DEPTH = 15  # candidates of each word: half of what re-ranking sees, since only likely ones matter here
# Pairs of an unfinished map are no anchors: with them the rounds of a poor start went astray (by hand)
NO_ANCHORS: Indices = np.empty((0, 2), np.int64)
LEAST = 0.05  # probability in the less probable direction below which a pair is left out


def probable_pairs(
    vocabularies: tuple[WordVectors, WordVectors],
    shared: Spaces,
    csls_k: int,
    device: str = "cpu",
    least: float = LEAST,
) -> WeightedPairs:
    """Return every pair that is probable in both directions, by ascending source row.

    :param vocabularies: words of both spaces, the most frequent first, at least as many as there are rows.
    :param shared: unit rows in the shared space.
    :param csls_k: neighbourhood size of CSLS.
    :param least: probability in the less probable direction below which a pair is left out.
    """
    means, forward, backward = find_both(shared, csls_k, device, DEPTH)
    space = SharedSpace.of(vocabularies, shared, means, NO_ANCHORS)
    words, translations, probability = _probable(space, forward, least)
    back_words, back_translations, back_probability = _probable(space.inverse(), backward, least)
    keys, place, back = np.intersect1d(
        words * len(shared.target) + translations,
        back_translations * len(shared.target) + back_words,
        assume_unique=True,
        return_indices=True,
    )
    rows = np.column_stack(np.divmod(keys, len(shared.target)))
    return WeightedPairs(rows, np.minimum(probability[place], back_probability[back]))


def _probable(space: SharedSpace, found: FoundCandidates, least: float) -> tuple[Indices, Indices, Floats]:
    """Return words, candidates and probabilities of all pairs from ``least`` on in one direction."""
    source = space.source

    def probable(start: int) -> tuple[Indices, Indices, Floats]:
        block = slice(start, start + BLOCK)
        rows = np.arange(len(source))[block]
        candidates = describe(source.words[block], source.matrix[block], rows, found[block], space)
        probability = Ranker.general().probabilities(candidates)
        word, place = np.nonzero(probability >= least)
        return rows[word], candidates.indices[word, place], probability[word, place]

    blocks = side_by_side(probable, range(0, len(source), BLOCK))
    word_rows, translations, probabilities = (np.concatenate(part) for part in zip(*blocks, strict=True))
    return word_rows, translations, probabilities
