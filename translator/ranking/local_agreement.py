"""Does a candidate lie where the translations of a word's neighbours lie?

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
NEAREST = 50  # anchors that form the region around a word; with 200 as good, with 10 a third of the gain
BLOCK = 256  # words whose candidates' vectors are in memory at a time


def local_agreement(space: SharedSpace, vectors: Floats, rows: Indices, candidates: Indices) -> Floats:
    """Return the similarities between words and the regions around their candidates, and the other way round.

    :param vectors: unit rows of n source words in the shared space, float32 [n, e].
    :param rows: their rows in the vocabulary, int64 [n]; its length for unseen words.
    :param candidates: rows of the target vocabulary, int64 [n, k].
    :returns: float32 [n, k, 4], in the order of :data:`FEATURES`; zeros without anchors.
    """
    agreement = np.zeros((*candidates.shape, len(FEATURES)), np.float32)
    if not len(space.anchors):
        return agreement
    around_words = local_means(space, vectors, rows)
    distinct, place = np.unique(candidates, return_inverse=True)
    place = place.reshape(candidates.shape)
    around_candidates = local_means(space.inverse(), space.target.matrix[distinct], distinct)
    for start in range(0, len(rows), BLOCK):
        block = slice(start, start + BLOCK)
        targets = space.target.matrix[candidates[block]]
        agreement[block, :, :2] = targets @ around_words[block].swapaxes(1, 2)
        words = vectors[block][:, None, :, None]
        agreement[block, :, 2:] = (around_candidates[place[block]] @ words)[..., 0]
    return agreement


def local_means(space: SharedSpace, vectors: Floats, rows: Indices) -> Floats:
    """Return the mean vectors of the source and of the target words of the anchors nearest to source words.

    A word is no anchor for itself: its own pairs may be wrong, and unseen words have none.

    :param vectors: unit rows, float32 [n, e].
    :param rows: their rows in the vocabulary, int64 [n]; its length for unseen words.
    :returns: float32 [n, 2, e].
    """
    from scipy.sparse import csr_array

    sources, targets = space.source.matrix[space.anchors[:, 0]], space.target.matrix[space.anchors[:, 1]]
    nearest = min(NEAREST, len(space.anchors))
    means = np.empty((len(rows), 2, vectors.shape[1]), np.float32)
    for start in range(0, len(rows), 8 * BLOCK):
        block = slice(start, start + 8 * BLOCK)
        similarity = vectors[block] @ sources.T
        similarity[rows[block, None] == space.anchors[:, 0]] = -np.inf
        anchors = np.argpartition(-similarity, nearest - 1, axis=1)[:, :nearest]
        weights = np.isfinite(np.take_along_axis(similarity, anchors, axis=1)).astype(np.float32)
        weights /= np.maximum(1, weights.sum(axis=1, keepdims=True))
        first = np.arange(0, anchors.size + 1, nearest)
        averaging = csr_array((weights.ravel(), anchors.ravel(), first), shape=similarity.shape)
        means[block, 0], means[block, 1] = averaging @ sources, averaging @ targets
    return means
