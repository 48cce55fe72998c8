"""The triplet ranking loss over a batch, from the sum of hinges to the hardest one.

Sum of hinges: Kiros, Salakhutdinov & Zemel, "Unifying Visual-Semantic Embeddings with Multimodal Neural
Language Models", 2014. Hardest negative: Faghri et al., "VSE++", BMVC 2018. Training on the hardest
alone from the start can collapse: all embeddings meet in one point and the loss stays at twice the margin.
Hence the transition from one to the other, :func:`hardness`.
"""

from __future__ import annotations

import torch
from torch import Tensor


def triplet_loss(scores: Tensor, images: Tensor, margin: float = 0.2, hardest: float = 0.0) -> Tensor:
    """Return the hinge loss of a batch in both directions, a scalar: the mean over its captions.

    Each caption i with its image is a positive pair, which must win by ``margin`` over the caption with
    every other image, and over the image with every caption of other images:
    ``max(0, margin - scores[i, i] + scores[i, j])`` and ``max(0, margin - scores[i, i] + scores[j, i])``.
    Captions of one image are never negatives of it, and an image that occurs several times in the
    batch counts as one negative.

    :param scores: float [b, b], similarity of caption i and the image of caption j.
    :param images: int64 [b], which image each caption belongs to.
    :param hardest: weight of a pair's largest hinge in each direction; the rest, ``1 - hardest``, is that of
        the sum of its hinges.
    """
    same = images[:, None] == images
    repeated = same.triu(1).any(dim=0)
    positive = scores.diagonal()
    by_caption = (scores - positive[:, None]).masked_fill(same | repeated, -torch.inf)  # [caption, image]
    by_image = (scores - positive).masked_fill(same, -torch.inf).T  # [image, caption]
    hinges = (margin + torch.stack([by_caption, by_image])).clamp(min=0)
    total = scores.new_zeros(())
    if hardest < 1:
        total = total + (1 - hardest) * hinges.sum()
    if hardest > 0:
        total = total + hardest * hinges.amax(dim=2).sum()
    return total / len(scores)


def hardness(step: int, ramp: int) -> float:
    """Return the weight of the hardest negative: linear from 0 to 1 at step ``ramp``, or 1 if that is 0.

    >>> hardness(5, ramp=20)
    0.25
    """
    return min(1.0, step / ramp) if ramp else 1.0
