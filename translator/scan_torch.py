"""The exact scan on a torch device: the twin of ``scan`` for a GPU, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from translator.errors import DataError
from translator.progress import track
from translator.scan import Best
from translator.vectors import Floats

if TYPE_CHECKING:
    import torch

COLUMNS = 65536


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
    import torch

    place = usable(device)
    targets = torch.from_numpy(np.ascontiguousarray(columns)).to(place)
    width = max(1, min(COLUMNS, len(columns)))
    height = max(1, min(len(rows), memory // (width * 16)))
    of_rows, of_columns = _Running(len(rows), row_k, place), _Running(len(columns), column_k, place)
    for top in track(range(0, len(rows), height), "comparing"):
        queries = torch.from_numpy(np.ascontiguousarray(rows[top : top + height])).to(place)
        for left in range(0, len(columns), width):
            scores = queries @ targets[left : left + width].T
            if row_k:
                of_rows.offer(_shift(scores, column_bias, left), top, left)
            if column_k:
                of_columns.offer(_shift(scores.T, row_bias, top), left, top)
    return of_rows.best(), of_columns.best()


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


def _shift(scores: torch.Tensor, bias: Floats | None, start: int) -> torch.Tensor:
    import torch

    if bias is None:
        return scores
    return scores + torch.from_numpy(bias[start : start + scores.shape[1]]).to(scores.device)


class _Running:
    """The best k candidates so far of each of n queries, best first."""

    def __init__(self, n: int, k: int, device: torch.device) -> None:
        import torch

        self.k = k
        self.indices = torch.zeros((n, k), dtype=torch.int64, device=device)
        self.scores = torch.full((n, k), -torch.inf, device=device)

    def offer(self, scores: torch.Tensor, first: int, candidate: int) -> None:
        import torch

        queries = slice(first, first + len(scores))
        found = torch.topk(scores, min(self.k, scores.shape[1]), dim=1)
        indices = torch.cat([self.indices[queries], found.indices + candidate], dim=1)
        merged = torch.cat([self.scores[queries], found.values], dim=1)
        by_index = torch.argsort(indices, dim=1, stable=True)
        by_score = torch.argsort(merged.gather(1, by_index), dim=1, descending=True, stable=True)
        order = by_index.gather(1, by_score)[:, : self.k]
        self.indices[queries] = indices.gather(1, order)
        self.scores[queries] = merged.gather(1, order)

    def best(self) -> Best:
        return self.indices.cpu().numpy(), self.scores.cpu().numpy()
