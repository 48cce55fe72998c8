"""Several processes that train one model on one global batch, as ``torchrun`` starts them.

Each process encodes its slice of the batch, and all see the embeddings of all. Every process then has the
loss of the whole batch, with gradients through its own slice only: their sum over the processes is the
gradient that one process alone would have.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from translator.vectors import Indices


@dataclass(frozen=True)
class World:
    """This process among the others.

    :param rank: its number; 0 writes the files.
    :param size: how many there are.
    """

    rank: int = 0
    size: int = 1

    @classmethod
    def joined(cls) -> World:
        """The world that ``torchrun`` made, or this process alone."""
        if "RANK" not in os.environ or int(os.environ.get("WORLD_SIZE", "1")) == 1:
            return cls()
        from torch import distributed

        if not distributed.is_initialized():
            distributed.init_process_group("gloo")
        return cls(distributed.get_rank(), distributed.get_world_size())

    def part(self, batch: Indices) -> slice:
        """The slice of a global batch that this process encodes."""
        bounds = np.linspace(0, len(batch), self.size + 1).astype(int)
        return slice(int(bounds[self.rank]), int(bounds[self.rank + 1]))

    def gathered(self, own: torch.Tensor, part: slice, total: int) -> torch.Tensor:
        """Rows of all processes, [total, e]; gradients flow into this one's own."""
        if self.size == 1:
            return own
        from torch import distributed

        rows = own.new_zeros(total, own.shape[1])
        rows[part] = own.detach()
        distributed.all_reduce(rows)
        rows[part] = own
        return rows

    def sum_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Give every process the gradient of the whole batch."""
        if self.size == 1:
            return
        from torch import distributed

        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            distributed.all_reduce(parameter.grad)
