"""Nearest neighbours of queries that move a little from search to search, at a fraction of a full scan.

In refinement the candidates stay and the queries are moved by each step, so most neighbours stay what they
were. A first scan keeps a shortlist of each query's best candidates and the score of the last of them, the
floor. When the query has become ``q' = a q + r`` with ``r`` at right angles to ``q``, a candidate ``c``
outside the list scores ``a q.c + r.c``, at most ``a floor + |r|`` for ``c`` of unit length. As long as the
k-th best of the list is above that, the list still holds the k best; otherwise the query is scanned anew.

``|r|`` is what a candidate in the very direction of the change would gain. None comes near it in hundreds of
dimensions, so :data:`SLACK` of it is asked for; with 1 the answer is exact by proof (docs/methods.md has
what was measured).
"""

from __future__ import annotations

import numpy as np

from translator.retrieval import Neighbours, search
from translator.retrieval.listed import listed_scores
from translator.vectors import Floats, Indices

SLACK = 0.5
SHORTEST, LONGEST, SHARE = 64, 256, 512  # a list holds one in so many candidates, within bounds


class Shortlist:
    """The k nearest of a fixed set of candidates, for the same queries in every search.

    :param candidates: rows of unit length, float32 [m, d].
    :param k: neighbours of each query.
    :param slack: how much of the bound must hold; 1 makes every answer exact.
    """

    def __init__(self, candidates: Floats, k: int, device: str = "cpu", slack: float = SLACK) -> None:
        self.candidates, self.k, self.device, self.slack = candidates, k, device, slack
        self.size = max(2 * k, SHORTEST, min(LONGEST, len(candidates) // SHARE))
        self.known: tuple[Floats, Neighbours] | None = None  # queries as they were scanned, and their lists

    def search(self, queries: Floats) -> Neighbours:
        """The k best of each query, best first; queries float32 [n, d], the same n from call to call."""
        if self.known is None:
            found = search(queries, self.candidates, self.size, device=self.device)
            self.known = queries.copy(), found
            return Neighbours(found.indices[:, : self.k], found.scores[:, : self.k])
        scanned, lists = self.known
        scores = listed_scores(queries, self.candidates, lists.indices)
        order = np.argsort(-scores, axis=1, kind="stable")[:, : self.k]
        best = Neighbours(
            np.take_along_axis(lists.indices, order, axis=1), np.take_along_axis(scores, order, axis=1)
        )
        stale = np.flatnonzero(best.scores[:, -1] < self._limit(queries, scanned, lists.scores[:, -1]))
        if lists.scores.shape[1] < len(self.candidates):
            self._scan_anew(queries, stale, best)
        return best

    def _scan_anew(self, queries: Floats, stale: Indices, best: Neighbours) -> None:
        """New lists for the stale queries, and their answers put right."""
        assert self.known is not None
        scanned, lists = self.known
        found = search(queries[stale], self.candidates, self.size, device=self.device)
        scanned[stale], lists.indices[stale], lists.scores[stale] = (
            queries[stale],
            found.indices,
            found.scores,
        )
        best.indices[stale], best.scores[stale] = found.indices[:, : self.k], found.scores[:, : self.k]

    def _limit(self, queries: Floats, scanned: Floats, floor: Floats) -> Floats:
        """What a candidate outside the list may score at most, float32 [n]."""
        length = np.maximum(np.einsum("ij,ij->i", scanned, scanned), np.finfo(np.float32).tiny)
        along = np.einsum("ij,ij->i", queries, scanned) / length
        across = np.linalg.norm(queries - along[:, None] * scanned, axis=1)
        limit: Floats = np.where(
            along > 0, along * floor + np.float32(self.slack) * across, np.float32(np.inf)
        )
        return limit
