"""Several processes that train one model on one global batch, as ``torchrun`` starts them.

Each process encodes its slice of the batch, and all see the embeddings of all. Every process then has the
loss of the whole batch, with gradients through its own slice only: their sum over the processes is the
gradient that one process alone would have.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class World:
    """The processes that train together, seen from one of them.

    :param rank: number of this process; 0 writes the files.
    :param size: number of processes.
    """

    rank: int = 0
    size: int = 1

    @classmethod
    def joined(cls) -> World:
        """Return the processes that ``torchrun`` started, or this process alone."""
        if "RANK" not in os.environ or int(os.environ.get("WORLD_SIZE", "1")) == 1:
            return cls()
        from torch import distributed

        if not distributed.is_initialized():
            distributed.init_process_group("gloo")
        return cls(distributed.get_rank(), distributed.get_world_size())

    def part(self, total: int) -> slice:
        """Return the slice of a global batch of ``total`` captions that this process encodes."""
        return slice(self.rank * total // self.size, (self.rank + 1) * total // self.size)

    def gathered(self, encoded: torch.Tensor, part: slice, total: int) -> torch.Tensor:
        """Return the rows of all processes, [total, e]; gradients flow into those of this one.

        :param encoded: rows of this process, [size of part, e].
        :param part: their place among all.
        """
        if self.size == 1:
            return encoded
        from torch import distributed

        rows = encoded.new_zeros(total, encoded.shape[1])
        rows[part] = encoded.detach()
        distributed.all_reduce(rows)
        rows[part] = encoded
        return rows

    def sum_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Give every process the gradient of the whole batch.

        A parameter without a gradient, such as the Translator of another language, has none in any process:
        it stays without, so that the optimiser skips it.
        """
        if self.size == 1:
            return
        from torch import distributed

        for parameter in parameters:
            if parameter.grad is not None:
                distributed.all_reduce(parameter.grad)
