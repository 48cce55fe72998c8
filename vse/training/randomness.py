"""Random numbers of training: they follow from a seed and leave the caller's own untouched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def drawing(random_state: int) -> Iterator[None]:
    """Seed torch's generator of the CPU within the block, and restore its state afterwards."""
    with torch.random.fork_rng(devices=()):
        torch.default_generator.manual_seed(random_state % 2**63)
        yield
