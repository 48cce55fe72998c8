"""The best k candidates of each query, updated with one block of scores after another.

A block is compared with the k-th best score of each query so far. Nearly all scores lose this comparison; the
few winners are merged by sorting keys. A key is one whole number that holds score and index: keys sort
several times as fast as scores with their indices, and equal scores stay in ascending order of their index.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from translator.retrieval.blocks import Blocks, Codes
from translator.vectors import Flags, Floats, Indices

Best = tuple[Indices, Floats]  # int64 [n, k] and float32 [n, k], best first

GROUPS = 8  # times k: groups of candidates in the first block, whose maxima give the first threshold
STEP = 4096  # queries whose keys are unpacked at once
LAST = 2**32 - 1  # largest index that a key can hold


class RunningBest:
    """Keep the best k candidates so far of each of n queries.

    :param origin: index of the first candidate that is offered.
    :param blocks: converts between scores and codes.
    """

    def __init__(self, n: int, k: int, origin: int, blocks: Blocks) -> None:
        self.k, self.origin, self.blocks = k, origin, blocks
        self.keys = np.full((n, k), NOTHING)
        self.threshold = blocks.codes(np.full(n, -np.inf, np.float32))  # only scores above it can be among k

    def offer(self, scores: Codes, query: int, candidate: int, mask: Flags) -> None:
        """Update with the scores of a block.

        :param scores: [h, w], of queries from ``query`` on with candidates from ``candidate`` on.
        :param mask: bool [h, w], overwritten.
        """
        threshold = self.threshold[query : query + len(scores)]
        if candidate == self.origin and scores.shape[1] >= self.k:
            threshold[:] = self.blocks.below(_kth_bound(scores, self.k))
        winners = np.flatnonzero(np.greater(scores, threshold[:, None], out=mask))
        row, column = np.divmod(winners, scores.shape[1])
        self._merge(query + row, candidate + column, self.blocks.values(scores.ravel()[winners]))

    def offer_columns(self, scores: Codes, query: int, candidate: int, mask: Flags) -> None:
        """Update with the scores [h, w] of candidates (rows) with at most 2^16 queries (columns)."""
        threshold = self.threshold[query : query + scores.shape[1]]
        if candidate == self.origin and len(scores) >= self.k:
            threshold[:] = self.blocks.below(_kth_bound(scores.T, self.k))
        winners = np.flatnonzero(np.greater(scores, threshold, out=mask))
        row, column = np.divmod(winners, scores.shape[1])
        order = np.argsort(column.astype(np.uint16), kind="stable")  # numpy has a radix sort for 16 bits
        values = self.blocks.values(scores.ravel()[winners[order]])
        self._merge(query + column[order], candidate + row[order], values)

    def _merge(self, query: Indices, candidate: Indices, score: Floats) -> None:
        """Merge winners, which are sorted by query."""
        if not len(query):
            return
        start = np.flatnonzero(np.diff(query, prepend=-1))
        touched, count = query[start], np.diff(start, append=len(query))
        line = np.repeat(np.arange(len(touched)), count)
        place = self.k + np.arange(len(query)) - np.repeat(start, count)
        keys = np.full((len(touched), self.k + count.max()), NOTHING)
        keys[:, : self.k] = self.keys[touched]
        keys[line, place] = pack(candidate, score)
        keys.sort(axis=1)
        self.keys[touched] = best = keys[:, : -self.k - 1 : -1]
        self.threshold[touched] = self.blocks.codes(unpack_scores(best[:, -1]))

    def best(self) -> Best:
        """Return indices and scores of the best; the indices overwrite the keys, so call this only once."""
        scores = np.empty(self.keys.shape, np.float32)
        for top in range(0, len(scores), STEP):
            scores[top : top + STEP] = unpack_scores(self.keys[top : top + STEP])
        return unpack_indices(self.keys), scores


def _kth_bound(scores: Codes, k: int) -> Codes:
    """Return a value that at least k scores of each row reach, [h, w] -> [h].

    It is the k-th largest of the maxima of groups of columns. Maxima take one pass at the speed of memory,
    and the few of them are cheap to partition.
    """
    groups = min(GROUPS * k, scores.shape[1])
    maxima = scores[:, :groups].copy(order="K")
    for left in range(groups, scores.shape[1] - groups + 1, groups):
        np.maximum(maxima, scores[:, left : left + groups], out=maxima)
    kth: Codes = np.partition(maxima, groups - k, axis=1)[:, groups - k]
    return kth


def pack(indices: Indices, scores: Floats) -> Indices:
    """Return int64 keys that rise with the score and, for equal scores, fall with the index.

    :param indices: 0 to 2^32 - 1, int64.
    :param scores: float32 of the same shape; no NaN.
    """
    bits = (scores + np.float32(0)).view(np.int32)  # adding 0 turns minus zero into zero
    return _rising(bits).astype(np.int64) << 32 | (LAST - indices)


def unpack_scores(keys: Indices) -> Floats:
    """Return the scores of keys, float32."""
    return _rising((keys >> 32).astype(np.int32)).view(np.float32)


def unpack_indices(keys: Indices) -> Indices:
    """Overwrite keys with their indices, and return them."""
    keys &= LAST
    return np.subtract(LAST, keys, out=keys)


def _rising(bits: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Convert bits of float32 to whole numbers that rise with the float; a second call converts them back."""
    return bits ^ (bits >> 31 & np.int32(2**31 - 1))


NOTHING = pack(np.zeros(1, np.int64), np.full(1, -np.inf, np.float32))[0]  # an empty place
