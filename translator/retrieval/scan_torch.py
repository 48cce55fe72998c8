"""The exact scan on a torch device: the twin of ``scan`` for a GPU, in two steps.

There a product is cheap and every further look at it dear, so a block is read once for each side: for the
maxima of groups of neighbouring candidates. The k best of a query all lie in the k groups of largest maxima;
their scores alone are made again and sorted. A bias is part of the product, as a further coordinate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from translator.devices import usable
from translator.progress import track
from translator.retrieval.scan import Best
from translator.vectors import Floats

if TYPE_CHECKING:
    import torch

GROUP = 64  # candidates
WIDTH = 8192  # columns of a block
ALIGNED = 4  # float32 numbers; the fast kernels want rows that are a multiple of it


def scan(
    rows: Floats,
    columns: Floats,
    row_k: int,
    column_k: int,
    row_bias: Floats | None,
    column_bias: Floats | None,
    memory: int,
    device: str,
) -> tuple[Best, Best]:
    """As :func:`translator.retrieval.scan.scan`; equal scores at the k-th place may be kept in another order.

    :raises DataError: the device is unknown or not there.
    """
    place = usable(device)  # names the package to install where torch is missing
    import torch

    queries, targets = _loaded(rows, row_bias, 0, place), _loaded(columns, column_bias, 1, place)
    n, m = len(queries), len(targets)
    width = GROUP * max(1, min(m, WIDTH) // GROUP)
    # A row of a strip has its scores of a block, and its part in the maxima of both sides and their copies
    height = GROUP * max(1, memory // (4 * width + 16 * m // GROUP) // GROUP)
    of_rows, of_columns = _Groups(n, m, row_k, place), _Groups(m, n, column_k, place)
    for top in track(range(0, n, height), "comparing"):
        strip = queries[top : top + height]
        across = torch.empty((len(strip), m // GROUP if row_k else 0), device=place)
        down = torch.empty((m, len(strip) // GROUP if column_k else 0), device=place)
        for left in range(0, m, width):
            scores = strip @ targets[left : left + width].T
            if row_k:
                across[:, left // GROUP : (left + width) // GROUP] = _maxima(scores)
            if column_k:
                down[left : left + width] = _maxima(scores.T)
        of_rows.offer(across, slice(top, top + height), 0)
        of_columns.offer(down, slice(0, m), top // GROUP)
    return (
        of_rows.best(queries[: len(rows)], targets, row_k, row_bias, memory),
        of_columns.best(targets[: len(columns)], queries, column_k, column_bias, memory),
    )


def _loaded(rows: Floats, bias: Floats | None, side: int, device: torch.device) -> torch.Tensor:
    """Rows on the device, in whole groups: (x, own bias, 1) on side 0 and (y, 1, own bias) on side 1.

    The product of two such rows is x.y plus both biases; that of its own side cannot change a row's ranking
    and is taken away at the end. Rows that fill up the last group lose against every other.
    """
    import torch

    n, d = rows.shape
    loaded = torch.zeros((n + -n % GROUP, d + 2 + -(d + 2) % ALIGNED), device=device)
    loaded[:n, :d] = torch.tensor(rows, device=device)
    loaded[:, d + 1 - side] = 1
    if bias is not None:
        loaded[:n, d + side] = torch.tensor(bias, device=device)
    loaded[n:, d + side] = -torch.inf
    return loaded


def _maxima(scores: torch.Tensor) -> torch.Tensor:
    """The largest score of each query in each group of candidates, [n, m] -> [n, m / GROUP]."""
    n, m = scores.shape
    return scores.view(n, m // GROUP, GROUP).amax(dim=2)


class _Groups:
    """The best groups so far of each query: as many as it wants candidates."""

    def __init__(self, queries: int, candidates: int, k: int, device: torch.device) -> None:
        import torch

        self.number = min(k, candidates // GROUP)
        self.groups = torch.zeros((queries, self.number), dtype=torch.int64, device=device)
        self.maxima = torch.full((queries, self.number), -torch.inf, device=device)

    def offer(self, maxima: torch.Tensor, queries: slice, first: int) -> None:
        """Maxima of some queries in the groups from ``first`` on."""
        import torch

        if not self.number:
            return
        best = torch.cat([self.maxima[queries], maxima], dim=1).topk(self.number, dim=1)
        known = self.groups[queries].gather(1, best.indices.clamp(max=self.number - 1))
        new = best.indices - self.number + first
        self.groups[queries] = torch.where(best.indices < self.number, known, new)
        self.maxima[queries] = best.values

    def best(
        self, queries: torch.Tensor, candidates: torch.Tensor, k: int, own: Floats | None, memory: int
    ) -> Best:
        """The k best candidates of each query, by ascending index where equal, without its ``own`` bias."""
        import torch

        some = max(1, memory // (max(1, self.number) * GROUP * (4 * candidates.shape[1] + 16)))
        within = torch.arange(GROUP, device=queries.device)
        indices, scores = np.empty((len(queries), k), np.int64), np.empty((len(queries), k), np.float32)
        for top in range(0, len(queries), some):
            part = slice(top, top + some)
            asked = queries[part, :, None]
            places = (self.groups[part][: len(asked), :, None] * GROUP + within).flatten(1)
            best = torch.bmm(candidates[places], asked).squeeze(2).topk(k, dim=1)
            found, by_index = places.gather(1, best.indices).sort(dim=1)
            values, order = best.values.gather(1, by_index).sort(dim=1, descending=True, stable=True)
            indices[part], scores[part] = found.gather(1, order).cpu(), values.cpu()
        return indices, scores if own is None else scores - own[:, None]
