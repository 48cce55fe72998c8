"""Ranks of the listed translations among the candidates of each query, and reciprocal ranks."""

from __future__ import annotations

import numpy as np

from translator.vectors import Doubles, Indices


def ranks(candidates: Indices, query: Indices, gold: Indices) -> Indices:
    """Return the rank, from 1, of each query's best-ranked listed translation; 0 if no candidate is listed.

    >>> import numpy as np
    >>> ranks(np.array([[4, 7], [5, 6]]), query=np.array([0, 0, 1]), gold=np.array([3, 7, 8]))
    array([2, 0])

    :param candidates: int64 [n, k], candidates of each query, best first.
    :param query: int64 [g], the query of each listed translation.
    :param gold: int64 [g], the listed translations.
    :returns: int64 [n].
    """
    missed = candidates.shape[1] + 1
    hits = candidates[query] == gold[:, None]
    best = np.full(len(candidates), missed)
    np.minimum.at(best, query, np.where(hits.any(axis=1), hits.argmax(axis=1) + 1, missed))
    return np.where(best == missed, 0, best)


def reciprocal_ranks(ranks: Indices) -> Doubles:
    """Return 1 / rank, and 0 for rank 0; the mean of these is the mean reciprocal rank (MRR).

    :param ranks: as :func:`ranks` returns them.
    """
    return np.divide(1.0, ranks, out=np.zeros(len(ranks)), where=ranks > 0)
