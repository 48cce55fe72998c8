"""Dropout masks, drawn for the global batch: the same for any number of processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch


@dataclass(frozen=True, eq=False)
class Masks:
    """Masks of n captions and their images.

    :param words: words kept, bool [n, longest]; a dropped one is read as a word without a vector.
    :param states: factors of the pooled states, float32 [n, s]: 0, or 1 / (1 - dropout).
    :param features: factors of the standardised image features, float32 [n, f].
    """

    words: torch.Tensor
    states: torch.Tensor
    features: torch.Tensor


def draw_masks(
    shapes: Sequence[tuple[int, int]],
    dropout: float,
    words: float,
    part: slice,
) -> Masks:
    """Draw the masks of this process's part of the batch from torch's global generator.

    :param shapes: shapes of the three masks for the whole batch, in the order of :class:`Masks`.
    :param dropout: share of states and features to drop.
    :param words: share of words to drop.
    :param part: slice of the batch that this process encodes.
    """
    kept = torch.rand(shapes[0]) >= words
    factors = [(torch.rand(shape) >= dropout).float() / (1 - dropout) for shape in shapes[1:]]
    return Masks(kept[part], factors[0][part], factors[1][part])
