"""Targets prepared for ranking under cosine, CSLS or the inverted softmax."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from translator.errors import DataError
from translator.progress import track
from translator.retrieval.csls import NEIGHBOURHOOD, csls_bias, mean_scores
from translator.retrieval.exact import Neighbours, search
from translator.vectors import Floats

Criterion = Literal["cosine", "csls", "inverted-softmax"]
CRITERIA: tuple[Criterion, ...] = get_args(Criterion)

BETA = 30.0  # inverse temperature of the inverted softmax (Smith et al. 2017)


class Index:
    """Rank a fixed set of targets for any query under one criterion.

    >>> import numpy as np
    >>> source = np.array([[1, 0], [0, 1]], np.float32)
    >>> target = np.array([[1, 0], [0.6, 0.8], [0, -1]], np.float32)
    >>> Index(target, source, csls_k=1).search(source, k=2).indices
    array([[0, 1],
           [1, 0]])

    :param targets: rows of unit length, float32 [m, d].
    :param sources: rows of unit length, float32 [n, d], from which the hubness of the targets is computed;
        not needed for ``cosine``.
    :param criterion: one of :data:`CRITERIA`.
    :param csls_k: size of the neighbourhoods of CSLS.
    :param target_means: r_S, float32 [m], if it is known already; then CSLS does not need ``sources``.
    :param device: as in :func:`translator.retrieval.search`.
    :raises DataError: the criterion is unknown, or needs ``sources``.
    """

    def __init__(
        self,
        targets: Floats,
        sources: Floats | None = None,
        criterion: Criterion = "csls",
        *,
        csls_k: int = NEIGHBOURHOOD,
        target_means: Floats | None = None,
        device: str = "cpu",
    ) -> None:
        if criterion not in CRITERIA:
            raise DataError(f"criterion {criterion!r}: expected one of {', '.join(CRITERIA)}")
        self.targets, self.criterion, self.csls_k, self.device = targets, criterion, csls_k, device
        self.bias: Floats | None = None
        if criterion == "csls":
            if target_means is None:
                if sources is None:
                    raise DataError("criterion 'csls' needs the source vectors; pass sources or target_means")
                target_means = mean_scores(search(targets, sources, csls_k, device=device), csls_k)
            self.bias = csls_bias(target_means)
        elif criterion == "inverted-softmax":
            if sources is None:
                raise DataError("criterion 'inverted-softmax' needs the source vectors; pass sources")
            self.bias = -_log_sum_exp(targets, sources, BETA) / np.float32(BETA)

    def search(self, queries: Floats, k: int) -> Neighbours:
        """Return the k best targets of each query, with the scores of the criterion.

        :param queries: rows of unit length, float32 [n, d].
        """
        return self.scored(search(queries, self.targets, k, bias=self.bias, device=self.device), queries)

    def scored(
        self, neighbours: Neighbours, queries: Floats, query_means: Floats | None = None
    ) -> Neighbours:
        """Replace the scores of a search with :attr:`bias` by the scores of the criterion.

        :param queries: rows of unit length, float32 [n, d].
        :param query_means: r_T of the queries, float32 [n], if it is known already.
        """
        if self.criterion == "cosine":
            return neighbours
        if self.criterion == "inverted-softmax":
            return Neighbours(neighbours.indices, BETA * neighbours.scores)
        if query_means is None:
            query_means = mean_scores(
                search(queries, self.targets, self.csls_k, device=self.device), self.csls_k
            )
        return Neighbours(neighbours.indices, 2 * neighbours.scores - query_means[:, None])


def _log_sum_exp(targets: Floats, sources: Floats, beta: float) -> Floats:
    """Return log sum_x exp(beta x.y) over the sources x for each target y, float32 [m]; unit rows."""
    total = np.zeros(len(targets), np.float64)
    for left in track(range(0, len(targets), 1024), "normalising"):
        for top in range(0, len(sources), 8192):
            scores = targets[left : left + 1024] @ sources[top : top + 8192].T
            # cosines are at most 1, so subtracting beta keeps every exponential in range
            total[left : left + 1024] += np.exp(beta * (scores - 1)).sum(axis=1, dtype=np.float64)
    sums: Floats = (np.log(total) + beta).astype(np.float32)
    return sums
