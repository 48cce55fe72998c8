"""Nearest neighbours of queries that change little from search to search, at a fraction of a full scan.

In refinement the candidates are fixed and each step changes the queries a little, so most neighbours remain
the same. The first scan keeps a shortlist of each query's best candidates and the lowest score on it, the
floor. Let the query become ``q' = a q + r`` with ``r`` orthogonal to ``q``. A candidate ``c`` of unit
length outside the list then scores ``a q.c + r.c``, at most ``a floor + |r|``. While the k-th best score on
the list is above this bound, the list holds the k best; otherwise the query is scanned again.

Only a candidate exactly in the direction of ``r`` would gain ``|r|``. In hundreds of dimensions none comes
close, so the bound uses only the fraction :data:`SLACK` of ``|r|``; with 1 the results are proved to be
exact (measurements are in docs/methods.md).
"""

from __future__ import annotations

import numpy as np

from translator.retrieval import Neighbours, search
from translator.retrieval.listed import listed_scores
from translator.vectors import Floats, Indices

SLACK = 0.5
SHORTEST, LONGEST, SHARE = 64, 256, 512  # a list holds one in SHARE candidates, within the two limits


class Shortlist:
    """Find the k nearest of a fixed set of candidates, for queries that change a little between searches.

    :param candidates: rows of unit length, float32 [m, d].
    :param k: neighbours of each query.
    :param slack: fraction of ``|r|`` in the bound; with 1 every result is exact.
    """

    def __init__(self, candidates: Floats, k: int, device: str = "cpu", slack: float = SLACK) -> None:
        self.candidates, self.k, self.device, self.slack = candidates, k, device, slack
        self.size = max(2 * k, SHORTEST, min(LONGEST, len(candidates) // SHARE))
        self.scanned: tuple[Floats, Neighbours] | None = None  # queries when last scanned, and their lists

    def search(self, queries: Floats) -> Neighbours:
        """Return the k best candidates of each query.

        :param queries: float32 [n, d], the same n in every call.
        """
        if self.scanned is None:
            found = search(queries, self.candidates, self.size, device=self.device)
            self.scanned = queries.copy(), found
            return Neighbours(found.indices[:, : self.k], found.scores[:, : self.k])
        previous, lists = self.scanned
        scores = listed_scores(queries, self.candidates, lists.indices)
        order = np.argsort(-scores, axis=1, kind="stable")[:, : self.k]
        best = Neighbours(
            np.take_along_axis(lists.indices, order, axis=1), np.take_along_axis(scores, order, axis=1)
        )
        stale = np.flatnonzero(best.scores[:, -1] < self._bound(queries, previous, lists.scores[:, -1]))
        if lists.scores.shape[1] < len(self.candidates):
            self._scan_again(queries, stale, best)
        return best

    def _scan_again(self, queries: Floats, stale: Indices, best: Neighbours) -> None:
        """Scan the stale queries, and replace their lists and their results in ``best``."""
        assert self.scanned is not None
        previous, lists = self.scanned
        found = search(queries[stale], self.candidates, self.size, device=self.device)
        previous[stale], lists.indices[stale], lists.scores[stale] = (
            queries[stale],
            found.indices,
            found.scores,
        )
        best.indices[stale], best.scores[stale] = found.indices[:, : self.k], found.scores[:, : self.k]

    def _bound(self, queries: Floats, previous: Floats, floor: Floats) -> Floats:
        """Return the highest score expected of a candidate outside the list, float32 [n]."""
        length = np.maximum(np.einsum("ij,ij->i", previous, previous), np.finfo(np.float32).tiny)
        along = np.einsum("ij,ij->i", queries, previous) / length
        across = np.linalg.norm(queries - along[:, None] * previous, axis=1)
        bound: Floats = np.where(
            along > 0, along * floor + np.float32(self.slack) * across, np.float32(np.inf)
        )
        return bound
