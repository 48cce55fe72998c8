"""Inner products of each query with the candidates on its list, computed on all cores."""

from __future__ import annotations

import numpy as np

from translator.threads import side_by_side
from translator.vectors import Floats, Indices

CACHE = 2**20  # bytes of candidates that a thread copies at once, so that they stay in the processor's cache


def listed_scores(queries: Floats, candidates: Floats, lists: Indices) -> Floats:
    """Return the inner product of each query with each candidate on its list, float32 [n, l].

    :param queries: float32 [n, d].
    :param candidates: float32 [m, d].
    :param lists: rows of candidates, int64 [n, l].
    """
    scores = np.empty(lists.shape, np.float32)
    step = max(1, CACHE // (4 * max(1, lists.shape[1] * queries.shape[1])))

    def score(top: int) -> None:
        part = slice(top, top + step)
        np.matmul(candidates[lists[part]], queries[part, :, None], out=scores[part, :, None])

    side_by_side(score, range(0, len(lists), step))
    return scores
