"""The exact scan on a torch device: the twin of ``scan`` for a GPU, block by block.

There a block is cheap to make and dear to read again. So what is added to the scores is part of the product,
as two further coordinates of each side, and the best are sought among few: the k largest of a row are all in
the k groups of neighbours with the largest maxima, which one reading of the block shows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from translator.errors import DataError
from translator.progress import track
from translator.scan import Best
from translator.vectors import Floats

if TYPE_CHECKING:
    import torch

GROUP = 32  # neighbouring candidates of a group
ALIGNED = 4  # float32 numbers; the fast kernels want rows that are a multiple of it
BYTES = 8  # of a score, with what is made of it while its block is searched


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
    """As :func:`translator.scan.scan`; equal scores at the k-th place may be kept in another order.

    :raises DataError: the device is unknown or not there.
    """
    place = usable(device)
    biased = row_bias is not None or column_bias is not None
    targets = _loaded(columns, column_bias, 1, biased, place)
    area = max(1, memory // BYTES)
    height = max(1, min(len(rows), math.isqrt(area)))
    width = max(1, min(len(columns), area // height))
    of_rows, of_columns = _Running(len(rows), row_k, place), _Running(len(columns), column_k, place)
    for top in track(range(0, len(rows), height), "comparing"):
        own = None if row_bias is None else row_bias[top : top + height]
        queries = _loaded(rows[top : top + height], own, 0, biased, place)
        for left in range(0, len(columns), width):
            scores = queries @ targets[left : left + width].T
            of_rows.offer(scores, top, left)
            of_columns.offer(scores.T, left, top)
    return of_rows.best(row_bias), of_columns.best(column_bias)


def usable(name: str) -> torch.device:
    """The torch device of a name such as ``cpu`` or ``cuda``.

    :raises DataError: it is unknown or not there.
    """
    import torch

    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"device {name!r} cannot be used: {reason}", "Use --device cpu.") from None
    return device


def _loaded(rows: Floats, bias: Floats | None, side: int, biased: bool, device: torch.device) -> torch.Tensor:
    """Rows on the device; with biases as (x, own bias, 1) on side 0 and (y, 1, own bias) on side 1.

    The product of two such rows is x.y plus both biases; that of its own side cannot change a row's ranking
    and is taken away at the end.
    """
    import torch

    loaded = torch.tensor(rows, device=device)
    if not biased:
        return loaded
    n, d = rows.shape
    wide = torch.zeros((n, d + 2 + -(d + 2) % ALIGNED), device=device)
    wide[:, :d] = loaded
    wide[:, d + 1 - side] = 1
    if bias is not None:
        wide[:, d + side] = torch.tensor(bias, device=device)
    return wide


class _Running:
    """The best k candidates so far of each of n queries."""

    def __init__(self, n: int, k: int, device: torch.device) -> None:
        import torch

        self.k = k
        self.indices = torch.zeros((n, k), dtype=torch.int64, device=device)
        self.scores = torch.full((n, k), -torch.inf, device=device)

    def offer(self, scores: torch.Tensor, first: int, candidate: int) -> None:
        """Scores of queries from ``first`` on, of candidates from ``candidate`` on."""
        import torch

        if not self.k:
            return
        queries = slice(first, first + len(scores))
        indices, values = _largest(scores, self.k)
        indices = torch.cat([self.indices[queries], indices + candidate], dim=1)
        best = torch.cat([self.scores[queries], values], dim=1).topk(self.k, dim=1)
        self.indices[queries] = indices.gather(1, best.indices)
        self.scores[queries] = best.values

    def best(self, own: Floats | None) -> Best:
        """Best first, equal scores by ascending index, without the queries' ``own`` biases."""
        indices, scores = self.indices.cpu().numpy(), self.scores.cpu().numpy()
        order = np.lexsort((indices, -scores))
        scores = np.take_along_axis(scores, order, 1)
        return np.take_along_axis(indices, order, 1), scores if own is None else scores - own[:, None]


def _largest(scores: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Places and values of the k largest of each row, or of all if there are fewer; in any order."""
    import torch

    n, m = scores.shape
    if m <= 2 * k * GROUP:
        found = scores.topk(min(k, m), dim=1)
        return found.indices, found.values
    whole = m - m % GROUP
    maxima = scores[:, :whole].view(n, whole // GROUP, GROUP).amax(dim=2)
    first = maxima.topk(k, dim=1).indices * GROUP
    within = first[:, :, None] + torch.arange(GROUP, device=scores.device)
    rest = torch.arange(whole, m, device=scores.device).expand(n, -1)
    places = torch.cat([within.flatten(1), rest], dim=1)
    found = scores.gather(1, places).topk(k, dim=1)
    return places.gather(1, found.indices), found.values
