"""What is random in training follows from a seed, and the caller's own random numbers stay theirs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def drawing(seed: int) -> Iterator[None]:
    """Draw from torch's generator of the CPU as it is after seeding; afterwards it goes on as before."""
    with torch.random.fork_rng(devices=()):
        torch.default_generator.manual_seed(seed % 2**63)
        yield
