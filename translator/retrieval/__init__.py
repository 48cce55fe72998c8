"""Exact nearest neighbours: one blocked scan under every criterion.

Each criterion ranks targets y for a query x by an inner product plus a bias of y alone, because
what depends on x alone cannot change the ranking:

====================  ===========================================  ==============================
criterion             score(x, y), rows of unit length             bias(y)
====================  ===========================================  ==============================
``cosine``            x.y                                          0
``csls``              2 x.y - r_T(x) - r_S(y)                      -r_S(y) / 2
``inverted-softmax``  b x.y - log sum_x' exp(b x'.y)               -log sum_x' exp(b x'.y) / b
====================  ===========================================  ==============================

r_T(x) is the mean cosine of x with its k nearest targets, r_S(y) that of y with its k nearest
sources (Lample et al. 2018, section 2.3); b is an inverse temperature (Smith et al. 2017).

The scan itself stands in ``scan`` (numpy), ``scan_half`` (a CPU that multiplies bfloat16) and ``scan_torch``
(any torch device).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from translator.errors import DataError
from translator.progress import track
from translator.retrieval import scan, scan_half
from translator.vectors import Doubles, Floats, Indices

Criterion = Literal["cosine", "csls", "inverted-softmax"]
CRITERIA: tuple[Criterion, ...] = get_args(Criterion)

NEIGHBOURHOOD = 10  # k of CSLS in Lample et al. 2018
MEMORY = 512 * 2**20  # bytes the scan may take besides its inputs and its result
BETA = 30.0  # inverse temperature of the inverted softmax


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The best candidates of each query, best first; equal scores by ascending row.

    :param indices: int64 [n, k], rows of the candidates.
    :param scores: float32 [n, k].
    """

    indices: Indices
    scores: Floats


@dataclass(frozen=True, eq=False)
class Neighbourhoods:
    """Mean cosine of each word with its k nearest words of the other language.

    :param source: r_T, float32 [n], one for each source word.
    :param target: r_S, float32 [m], one for each target word.
    :param sample: words of the other language among which they were sought; None for all.
    """

    source: Floats
    target: Floats
    k: int = NEIGHBOURHOOD
    sample: int | None = None

    def inverse(self) -> Neighbourhoods:
        """The same means, target first."""
        return Neighbourhoods(self.target, self.source, self.k, self.sample)


def search(
    queries: Floats,
    candidates: Floats,
    k: int,
    *,
    bias: Floats | None = None,
    memory: int = MEMORY,
    device: str = "cpu",
) -> Neighbours:
    """The k candidates with the largest ``queries @ candidates.T + bias`` of each query; exact.

    :param queries: float32 [n, d].
    :param candidates: float32 [m, d]; k is cut down to m.
    :param bias: float32 [m], added to every query's score of a candidate.
    :param memory: bytes for blocks and running bests, besides inputs and result.
    :param device: ``cpu`` is numpy; anything else is a torch device that takes the blocks.
    :raises DataError: the widths differ, or the device is not there.
    """
    rows, _ = _scan(queries, candidates, k, 0, None, bias, memory, device)
    return rows


def search_both(
    source: Floats,
    target: Floats,
    k: int,
    *,
    source_bias: Floats | None = None,
    target_bias: Floats | None = None,
    memory: int = MEMORY,
    device: str = "cpu",
) -> tuple[Neighbours, Neighbours]:
    """Best k targets of each source and best k sources of each target, out of one matrix product.

    :param source: float32 [n, d].
    :param target: float32 [m, d].
    :param source_bias: float32 [n], added when sources are ranked for a target.
    :param target_bias: float32 [m], added when targets are ranked for a source.
    """
    return _scan(source, target, k, k, source_bias, target_bias, memory, device)


def neighbourhoods(
    source: Floats,
    target: Floats,
    k: int = NEIGHBOURHOOD,
    *,
    sample: int | None = None,
    seed: int = 0,
    memory: int = MEMORY,
    device: str = "cpu",
) -> Neighbourhoods:
    """Both means that CSLS subtracts; rows of unit length, float32 [n, d] and [m, d].

    :param sample: seek neighbours among so many words of the other language, drawn at random: the cost is
        then ``(n + m) * sample`` instead of ``n * m``. What that loses is in docs/results.md.
    :param seed: of the drawing.
    """
    if sample is None or sample >= max(len(source), len(target)):
        rows, columns = search_both(source, target, k, memory=memory, device=device)
        return Neighbourhoods(_means(rows), _means(columns), k)
    some_source, some_target = (_drawn(side, sample, seed) for side in (source, target))
    rows = search(source, some_target, k, memory=memory, device=device)
    columns = search(target, some_source, k, memory=memory, device=device)
    return Neighbourhoods(_means(rows), _means(columns), k, sample)


def _drawn(rows: Floats, sample: int, seed: int) -> Floats:
    chosen = np.sort(np.random.default_rng(seed).permutation(len(rows))[:sample])
    return rows[chosen]


def csls_bias(means: Floats) -> Floats:
    """What CSLS adds to the inner products of candidates of these neighbourhood means, float32 [m] -> [m]."""
    bias: Floats = np.float32(-0.5) * means
    return bias


def mutual(source: Floats, target: Floats, means: Neighbourhoods, *, device: str = "cpu") -> Indices:
    """Pairs of words that are each other's best under CSLS, int64 [p, 2], by ascending source row."""
    forth, back = search_both(
        source,
        target,
        1,
        source_bias=csls_bias(means.source),
        target_bias=csls_bias(means.target),
        device=device,
    )
    return reciprocal(forth.indices[:, 0], back.indices[:, 0])


def reciprocal(best_target: Indices, best_source: Indices) -> Indices:
    """Pairs that name each other, int64 [p, 2].

    :param best_target: int64 [n], the best target of each source.
    :param best_source: int64 [m], the best source of each target.
    """
    rows = np.flatnonzero(best_source[best_target] == np.arange(len(best_target)))
    return np.column_stack([rows, best_target[rows]])


def ranks(found: Indices, query: Indices, gold: Indices) -> Indices:
    """Rank, from 1, of each query's best listed translation; 0 when none is among those found.

    :param found: int64 [n, k], candidates of each query, best first.
    :param query: int64 [g], the query of each listed translation.
    :param gold: int64 [g], the listed translations.
    :returns: int64 [n].
    """
    below = found.shape[1] + 1
    hits = found[query] == gold[:, None]
    best = np.full(len(found), below)
    np.minimum.at(best, query, np.where(hits.any(axis=1), hits.argmax(axis=1) + 1, below))
    return np.where(best == below, 0, best)


def reciprocals(found: Indices) -> Doubles:
    """1 / rank of each of :func:`ranks`, 0 where there is none; their mean is the MRR."""
    return np.divide(1.0, found, out=np.zeros(len(found)), where=found > 0)


class Index:
    """Targets made ready for one criterion; :meth:`search` ranks them for any query.

    :param targets: unit rows, float32 [m, d].
    :param sources: unit rows, float32 [n, d], whose neighbourhoods correct the hubs among the targets;
        not needed for ``cosine``.
    :param criterion: one of :data:`CRITERIA`.
    :param k: neighbourhood size of CSLS.
    :param target_means: r_S when it is known already, float32 [m]; ``sources`` is not needed then.
    """

    def __init__(
        self,
        targets: Floats,
        sources: Floats | None = None,
        criterion: Criterion = "csls",
        *,
        k: int = NEIGHBOURHOOD,
        target_means: Floats | None = None,
        device: str = "cpu",
    ) -> None:
        if criterion not in CRITERIA:
            raise DataError(f"criterion {criterion!r}: expected one of {', '.join(CRITERIA)}")
        self.targets, self.criterion, self.k, self.device = targets, criterion, k, device
        self.bias: Floats | None = None
        if criterion == "csls":
            if target_means is None:
                if sources is None:
                    raise DataError("CSLS needs the source vectors or the targets' neighbourhood means")
                target_means = _means(search(targets, sources, k, device=device))
            self.bias = csls_bias(target_means)
        elif criterion == "inverted-softmax":
            if sources is None:
                raise DataError("the inverted softmax needs the source vectors")
            self.bias = -_log_sum_exp(targets, sources, BETA) / np.float32(BETA)

    def search(self, queries: Floats, top: int) -> Neighbours:
        """The ``top`` best targets of each query, scores as the criterion defines them.

        :param queries: unit rows, float32 [n, d].
        """
        return self.scored(search(queries, self.targets, top, bias=self.bias, device=self.device), queries)

    def scored(self, found: Neighbours, queries: Floats, means: Floats | None = None) -> Neighbours:
        """Ranked inner products turned into the criterion's own scores.

        :param found: the result of a scan with :attr:`bias`.
        :param means: r_T of the queries where it is known, float32 [n].
        """
        if self.criterion == "cosine":
            return found
        if self.criterion == "inverted-softmax":
            return Neighbours(found.indices, BETA * found.scores)
        if means is None:
            means = _means(search(queries, self.targets, self.k, device=self.device))
        return Neighbours(found.indices, 2 * found.scores - means[:, None])


def _means(found: Neighbours) -> Floats:
    means: Floats = found.scores.mean(axis=1, dtype=np.float32)
    return means


def _scan(
    rows: Floats,
    columns: Floats,
    row_k: int,
    column_k: int,
    row_bias: Floats | None,
    column_bias: Floats | None,
    memory: int,
    device: str,
) -> tuple[Neighbours, Neighbours]:
    if rows.ndim != 2 or columns.ndim != 2 or rows.shape[1] != columns.shape[1]:
        raise DataError(f"cannot compare vectors of shapes {rows.shape} and {columns.shape}")
    wanted = min(row_k, len(columns)), min(column_k, len(rows)), row_bias, column_bias, memory
    if device != "cpu":
        from translator.retrieval import scan_torch

        best = scan_torch.scan(rows, columns, *wanted, device)
    elif scan_half.worthwhile(rows, columns, row_k, column_k, memory):
        best = scan_half.scan(rows, columns, *wanted)
    else:
        best = scan.scan(rows, columns, *wanted)
    return Neighbours(*best[0]), Neighbours(*best[1])


def _log_sum_exp(targets: Floats, sources: Floats, beta: float) -> Floats:
    """Log sum_x exp(beta x.y) of each target y over all sources x, float32 [m]; unit rows."""
    total = np.zeros(len(targets), np.float64)
    for left in track(range(0, len(targets), 1024), "normalising"):
        for top in range(0, len(sources), 8192):
            scores = targets[left : left + 1024] @ sources[top : top + 8192].T
            # cosines are at most 1, so subtracting beta keeps every exponential in range
            total[left : left + 1024] += np.exp(beta * (scores - 1)).sum(axis=1, dtype=np.float64)
    sums: Floats = (np.log(total) + beta).astype(np.float32)
    return sums
