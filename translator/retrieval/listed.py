"""Scores of listed candidates, on all cores, a few lists at a time."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from translator.threads import shared_out
from translator.vectors import Floats, Indices

CACHE = 2**20  # bytes of candidates that a thread gathers at once: they are to stay near the processor


def listed_scores(queries: Floats, candidates: Floats, lists: Indices) -> Floats:
    """The inner product of each query with each candidate of its list, float32 [n, l].

    :param queries: float32 [n, d].
    :param candidates: float32 [m, d].
    :param lists: rows of candidates, int64 [n, l].
    """
    scores = np.empty(lists.shape, np.float32)
    step = max(1, CACHE // (4 * max(1, lists.shape[1] * queries.shape[1])))

    def score(top: int) -> None:
        some = slice(top, top + step)
        np.matmul(candidates[lists[some]], queries[some, :, None], out=scores[some, :, None])

    with shared_out(-(-len(lists) // step)) as threads, ThreadPoolExecutor(threads) as pool:
        deque(pool.map(score, range(0, len(lists), step)), 0)
    return scores
