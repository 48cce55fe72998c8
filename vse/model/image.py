"""The image branch: features -> standardised -> linear -> joint space."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from translator.errors import DataError
from vse.model.dropout import Masks


class ImageEncoder(nn.Module):
    """Encode image features into the joint space.

    :param width: f, width of the features.
    :param joint: e, width of the joint space.
    """

    mean: torch.Tensor
    scale: torch.Tensor

    def __init__(self, width: int, joint: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))
        self.linear = nn.Linear(width, joint)
        nn.init.xavier_uniform_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def standardise(self, mean: torch.Tensor, deviation: torch.Tensor) -> None:
        """Set mean and standard deviation of the training features, float32 [f] each.

        A feature that never varies is only centred.
        """
        self.mean.copy_(mean)
        self.scale.copy_(torch.where(deviation > 0, 1 / deviation, torch.ones_like(deviation)))

    def forward(self, features: torch.Tensor, masks: Masks | None = None) -> torch.Tensor:
        """Return unit rows of the joint space.

        *Shape:* input ``[n, f]``, output ``[n, e]``.
        """
        standard = (features.to(self.mean.dtype) - self.mean) * self.scale
        if masks is not None:
            standard = standard * masks.features.to(standard)
        return functional.normalize(self.linear(standard), dim=1)


def feature_matrix(features: npt.ArrayLike, width: int) -> npt.NDArray[Any]:
    """Return features as a matrix [n, width]; an array is not copied.

    :raises DataError: they are no numbers, or of another width.
    """
    try:
        matrix = np.atleast_2d(np.asarray(features))
    except ValueError:
        raise DataError("features: rows of unequal length", f"Expected numbers [n, {width}].") from None
    if matrix.dtype.kind not in "fiu":
        raise DataError(f"features hold {matrix.dtype}, expected numbers [n, {width}]")
    if matrix.ndim != 2 or matrix.shape[1] != width:
        raise DataError(
            f"features of shape {list(np.shape(features))}, expected [n, {width}]",
            "Use the encoder that made the training features.",
        )
    return matrix
