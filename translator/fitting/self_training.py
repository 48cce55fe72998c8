"""Self-training: what the ranker considers likely, both ways, is a better dictionary than what the map finds.

Mutual neighbours know of the geometry alone. The general ranker has learnt, from other languages, what a
right translation looks like: where its rivals stand, how frequent both words are, how they are spelled; and
it may say that none of the candidates is right. So the pairs it agrees on in both directions are more often
right, and a map learnt from them is better, for words it did not agree on, too. (A model's own confident
answers as labels: Lee 2013; a ranker beside the map: BLICEr, Li et al. 2022.)
"""

from __future__ import annotations

import numpy as np

from translator.maps.base import Spaces
from translator.ranking.candidates import BLOCK, Found, describe, find_both
from translator.ranking.ranker import Ranker
from translator.retrieval import Neighbourhoods, neighbourhoods, reciprocal
from translator.vectors import Floats, Indices, WordVectors

LIKELY = 0.2  # of the less likely of both directions; docs/methods.md has the measurements


def likely_pairs(
    vocabularies: tuple[WordVectors, WordVectors],
    shared: Spaces,
    k: int,
    device: str = "cpu",
    least: float = LIKELY,
) -> Indices:
    """Pairs that are each other's likeliest translation, and likely enough, int64 [p, 2].

    :param vocabularies: words of both spaces, the most frequent first, at least as many as there are rows.
    :param shared: unit rows in the shared space.
    :param k: neighbourhood size of CSLS.
    :param least: probability that both directions must give a pair.
    """
    source, target = (
        WordVectors(words.words[: len(rows)], rows)
        for words, rows in zip(vocabularies, (shared.source, shared.target), strict=True)
    )
    means = neighbourhoods(source.matrix, target.matrix, k, device=device)
    found = find_both(source, target, means, device)
    best_target, forth = _likeliest(source, found[0], target, means)
    best_source, back = _likeliest(target, found[1], source, means.inverse())
    pairs = reciprocal(best_target, best_source)
    return pairs[np.minimum(forth[pairs[:, 0]], back[pairs[:, 1]]) >= least]


def _likeliest(
    words: WordVectors, found: Found, target: WordVectors, means: Neighbourhoods
) -> tuple[Indices, Floats]:
    """The likeliest candidate of each word, int64 [n], and how likely it is right, float32 [n]."""
    indices, likely = np.empty(len(words), np.int64), np.empty(len(words), np.float32)
    for start in range(0, len(words), BLOCK):
        some = slice(start, start + BLOCK)
        row = np.arange(len(words))[some]
        seen = describe(words.words[some], row, found[some], target, means)
        probabilities = Ranker.general().probabilities(seen)
        best = probabilities.argmax(axis=1)[:, None]
        indices[some] = np.take_along_axis(seen.indices, best, axis=1)[:, 0]
        likely[some] = np.take_along_axis(probabilities, best, axis=1)[:, 0]
    return indices, likely
