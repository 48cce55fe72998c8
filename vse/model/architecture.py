"""The sizes of a model."""

from __future__ import annotations

from dataclasses import dataclass

from vse.model.text import Pooling


@dataclass(frozen=True)
class Architecture:
    """Sizes of a model.

    :param features: f, width of the image features.
    :param width: d, width of the pivot's word vectors.
    :param hidden: units of the GRU in each direction.
    :param joint: e, width of the joint space.
    :param pooling: how the GRU's states become one vector, see :class:`vse.model.text.TextEncoder`.
    :param bidirectional: whether a second GRU reads each text from its end.
    """

    features: int
    width: int
    hidden: int = 512
    joint: int = 512
    pooling: Pooling = "max"
    bidirectional: bool = False
