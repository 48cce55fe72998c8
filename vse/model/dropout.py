"""Dropout masks, drawn for the global batch: several processes then drop what one process would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch


@dataclass(frozen=True, eq=False)
class Masks:
    """What training drops from n captions and their pictures.

    :param words: words kept, bool [n, longest]; a dropped one reads as a word without a vector.
    :param states: factors of the pooled states, float32 [n, s]: 0, or what keeps their expected size.
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
    """Masks of this process's part of the batch, out of torch's global generator.

    :param shapes: of the three masks, in the order of :class:`Masks`, for the whole batch.
    :param dropout: share of states and features dropped; ``words``: share of words.
    """
    kept = torch.rand(shapes[0]) >= words
    factors = [(torch.rand(shape) >= dropout).float() / (1 - dropout) for shape in shapes[1:]]
    return Masks(kept[part], factors[0][part], factors[1][part])
