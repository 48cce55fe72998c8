"""The exact scan on a torch device, in two steps that suit a GPU.

On a GPU a product is cheap, and every further pass over the scores is expensive. So a block is read only
once for each side, for the maxima of groups of neighbouring candidates. The k best of a query all lie in the
k groups with the largest maxima; only the scores of these groups are computed again and sorted. A bias is
part of the product, as a further coordinate.
"""

from __future__ import annotations

import numpy as np
import torch

from translator.progress import track
from translator.retrieval.problem import SearchProblem
from translator.retrieval.running_best import Best
from translator.vectors import Floats

GROUP = 64  # candidates of a group
WIDTH = 8192  # columns of a block
ALIGNED = 4  # float32 numbers: fast kernels need the length of rows to be a multiple of this


def scan(problem: SearchProblem, device: torch.device) -> tuple[Best, Best]:
    """Return the same as :func:`translator.retrieval.scan.scan`, computed on a torch device.

    Of candidates with equal scores at the k-th place, another one may be kept.
    """
    rows, columns = (
        _loaded(problem.rows, problem.row_bias, 0, device),
        _loaded(problem.columns, problem.column_bias, 1, device),
    )
    n, m = len(rows), len(columns)
    width = GROUP * max(1, min(m, WIDTH) // GROUP)
    # A row of a strip has the scores of one block, and its share of the maxima of both sides and their copies
    height = GROUP * max(1, problem.memory // (4 * width + 16 * m // GROUP) // GROUP)
    of_rows, of_columns = _Groups(n, m, problem.row_k, device), _Groups(m, n, problem.column_k, device)
    for top in track(range(0, n, height), "comparing"):
        strip = rows[top : top + height]
        row_maxima = torch.empty((len(strip), m // GROUP if problem.row_k else 0), device=device)
        column_maxima = torch.empty((m, len(strip) // GROUP if problem.column_k else 0), device=device)
        for left in range(0, m, width):
            scores = strip @ columns[left : left + width].T
            if problem.row_k:
                row_maxima[:, left // GROUP : (left + width) // GROUP] = _maxima(scores)
            if problem.column_k:
                column_maxima[left : left + width] = _maxima(scores.T)
        of_rows.offer(row_maxima, slice(top, top + height), 0)
        of_columns.offer(column_maxima, slice(0, m), top // GROUP)
    return (
        of_rows.best(rows[: len(problem.rows)], columns, problem.row_k, problem.row_bias, problem.memory),
        of_columns.best(
            columns[: len(problem.columns)], rows, problem.column_k, problem.column_bias, problem.memory
        ),
    )


def _loaded(rows: Floats, bias: Floats | None, side: int, device: torch.device) -> torch.Tensor:
    """Copy rows to the device, in whole groups: as (x, bias, 1) for side 0 and (y, 1, bias) for side 1.

    The product of two such rows is x.y plus both biases. The bias of a query cannot change its ranking and
    is subtracted at the end. Rows that fill up the last group score minus infinity.
    """
    n, d = rows.shape
    loaded = torch.zeros((n + -n % GROUP, d + 2 + -(d + 2) % ALIGNED), device=device)
    loaded[:n, :d] = torch.tensor(rows, device=device)
    loaded[:, d + 1 - side] = 1
    if bias is not None:
        loaded[:n, d + side] = torch.tensor(bias, device=device)
    loaded[n:, d + side] = -torch.inf
    return loaded


def _maxima(scores: torch.Tensor) -> torch.Tensor:
    """Return the largest score of each query in each group of candidates, [n, m] -> [n, m / GROUP]."""
    n, m = scores.shape
    return scores.view(n, m // GROUP, GROUP).amax(dim=2)


class _Groups:
    """Keep the groups with the largest maxima of each query: as many groups as candidates are wanted."""

    def __init__(self, queries: int, candidates: int, k: int, device: torch.device) -> None:
        self.number = min(k, candidates // GROUP)
        self.groups = torch.zeros((queries, self.number), dtype=torch.int64, device=device)
        self.maxima = torch.full((queries, self.number), -torch.inf, device=device)

    def offer(self, maxima: torch.Tensor, queries: slice, first: int) -> None:
        """Update some queries with the maxima of the groups from number ``first`` on."""
        if not self.number:
            return
        best = torch.cat([self.maxima[queries], maxima], dim=1).topk(self.number, dim=1)
        previous = self.groups[queries].gather(1, best.indices.clamp(max=self.number - 1))
        new = best.indices - self.number + first
        self.groups[queries] = torch.where(best.indices < self.number, previous, new)
        self.maxima[queries] = best.values

    def best(
        self,
        queries: torch.Tensor,
        candidates: torch.Tensor,
        k: int,
        query_bias: Floats | None,
        memory: int,
    ) -> Best:
        """Return the k best candidates of each query, equal ones by ascending index.

        :param query_bias: bias of the queries, which is subtracted from the scores.
        """
        step = max(1, memory // (max(1, self.number) * GROUP * (4 * candidates.shape[1] + 16)))
        within = torch.arange(GROUP, device=queries.device)
        indices, scores = np.empty((len(queries), k), np.int64), np.empty((len(queries), k), np.float32)
        for top in range(0, len(queries), step):
            part = slice(top, top + step)
            columns = queries[part, :, None]
            places = (self.groups[part][: len(columns), :, None] * GROUP + within).flatten(1)
            best = torch.bmm(candidates[places], columns).squeeze(2).topk(k, dim=1)
            by_index, order = places.gather(1, best.indices).sort(dim=1)
            values, by_score = best.values.gather(1, order).sort(dim=1, descending=True, stable=True)
            indices[part], scores[part] = by_index.gather(1, by_score).cpu(), values.cpu()
        return indices, scores if query_bias is None else scores - query_bias[:, None]
