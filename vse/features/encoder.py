"""The protocol of photo encoders, and loading of an encoder by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from translator.errors import DataError
from translator.vectors import Floats
from vse.features.photos import IMAGENET_MEAN, IMAGENET_STD

if TYPE_CHECKING:
    from PIL.Image import Image


class Encoder(Protocol):
    """A pretrained network that maps photos to features."""

    @property
    def width(self) -> int:
        """Return the number of features of a photo."""

    def prepare(self, photo: Image) -> Floats:
        """Return an upright RGB photo as input of the network, float32 [3, h, w]; must be thread-safe."""

    def __call__(self, batch: Floats) -> Floats:
        """Return the features of prepared photos: float32 [b, 3, h, w] to float32 [b, width]."""


def load_encoder(
    name: str,
    *,
    device: str = "cpu",
    size: int | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> Encoder:
    """Load the encoder of a name.

    :param name: ``onnx:FILE``, a model file, or ``timm:NAME``, a model of timm with its pretrained weights.
    :param device: where a timm model runs; an ONNX model runs where the installed onnxruntime can.
    :param size: height and width of an ONNX model's input, where the file leaves them open.
    :param mean: mean of each colour, 0 to 1, for an ONNX model; None for that of ImageNet.
    :param std: standard deviation, likewise. A timm model has its own size, mean and std.
    :raises DataError: there is no such kind, or the model cannot be loaded or does not take these values.
    :raises MissingDependencyError: the package that runs such models is not installed.
    """
    kind, _, model = name.partition(":")
    if kind == "onnx" and model:
        from vse.features.onnx_model import OnnxEncoder

        return OnnxEncoder(model, size=size, mean=mean or IMAGENET_MEAN, std=std or IMAGENET_STD)
    if kind == "timm" and model:
        from vse.features.timm_model import TimmEncoder

        if size or mean or std:
            raise DataError(
                "a timm model has its own size, mean and std", "Leave out `size`, `mean` and `std`."
            )
        return TimmEncoder(model, device=device)
    raise DataError(
        f"no encoder is named {name!r}",
        "Name a model file, onnx:FILE, or a model of timm, such as timm:resnet50.",
    )
