"""Measure whether a candidate lies where the translations of a word's neighbours lie.

One linear map serves all words, and fits some regions better than others. Anchors are pairs that are probably
translations. The anchors nearest to a word show the region around it in both languages: the mean vectors of
their two sides. A right candidate is similar to both means, and so is the word to those of the anchors
nearest to the candidate. (Maps that depend on the neighbourhood: Nakashole 2018.)
"""

from __future__ import annotations

import numpy as np

from translator.ranking.shared_space import SharedSpace
from translator.vectors import Floats, Indices

FEATURES = ("local source", "local target", "backward local target", "backward local source")
# The general ranker learned with 2,000 anchors. With the hundred words of a small dictionary the regions are
# so coarse that it rejects nearly everything: FreeDict's Czech-English fell from 24 % to 13 % (by hand).
FEWEST = 1000
BLOCK = 256  # words whose candidates' vectors are in memory at a time


def local_agreement(space: SharedSpace, vectors: Floats, rows: Indices, candidates: Indices) -> Floats:
    """Return the similarities between words and the regions around their candidates, and the other way round.

    :param vectors: unit rows of n source words in the shared space, float32 [n, e].
    :param rows: their rows in the vocabulary, int64 [n]; its length for unseen words.
    :param candidates: rows of the target vocabulary, int64 [n, k].
    :returns: float32 [n, k, 4], in the order of :data:`FEATURES`; NaN with fewer than :data:`FEWEST` anchors.
    """
    (n, k), width = candidates.shape, vectors.shape[1]
    agreement = np.full((n, k, len(FEATURES)), np.nan, np.float32)
    if len(space.anchors) < FEWEST:
        return agreement
    around_words = local_means(space, vectors, rows)
    distinct, place = np.unique(candidates, return_inverse=True)
    place = place.reshape(n, k)
    around_candidates = local_means(space.inverse(), space.target.matrix[distinct], distinct)
    for start in range(0, n, BLOCK):
        block = slice(start, start + BLOCK)
        targets = space.target.matrix[candidates[block]]
        agreement[block, :, :2] = targets @ around_words[block].swapaxes(1, 2)
        around = around_candidates[place[block]].reshape(-1, 2 * k, width)
        agreement[block, :, 2:] = (around @ vectors[block, :, None]).reshape(-1, k, 2)
    return agreement


def local_means(space: SharedSpace, vectors: Floats, rows: Indices) -> Floats:
    """Return the mean vectors of the source and of the target words of the anchors nearest to source words.

    A word is no anchor for itself: its own pairs may be wrong, and unseen words have none.

    :param vectors: unit rows, float32 [n, e].
    :param rows: their rows in the vocabulary, int64 [n]; its length for unseen words.
    :returns: float32 [n, 2, e].
    """
    from scipy.sparse import csr_array

    nearest = space.nearest[0].of(vectors, rows)
    weights = (space.anchors[nearest, 0] != rows[:, None]).astype(np.float32)
    weights /= np.maximum(1, weights.sum(axis=1, keepdims=True))
    bounds = np.arange(0, nearest.size + 1, nearest.shape[1])
    averaging = csr_array((weights.ravel(), nearest.ravel(), bounds), shape=(len(rows), len(space.anchors)))
    sides = zip((space.source, space.target), space.anchors.T, strict=True)
    return np.stack([averaging @ side.matrix[anchors] for side, anchors in sides], axis=1)
