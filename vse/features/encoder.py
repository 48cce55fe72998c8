"""The protocol of image encoders, and loading of an encoder by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from translator.errors import DataError
from translator.vectors import Floats
from vse.features.image_files import IMAGENET_MEAN, IMAGENET_STD

if TYPE_CHECKING:
    from PIL.Image import Image


class Encoder(Protocol):
    """A pretrained network that maps images to features."""

    @property
    def name(self) -> str:
        """Return a name of the network, its weights and its preparation; equal names mean equal features."""

    @property
    def width(self) -> int:
        """Return the number of features of a image."""

    def prepare(self, image: Image) -> Floats:
        """Return an upright RGB image as input of the network, float32 [3, h, w]; must be thread-safe."""

    def __call__(self, batch: Floats) -> Floats:
        """Return the features of prepared images: float32 [b, 3, h, w] to float32 [b, width]."""


DEFAULT = "efficientnet-lite2"


def load_encoder(
    name: str = DEFAULT,
    *,
    device: str = "cpu",
    size: int | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> Encoder:
    """Load the encoder of a name.

    :param name: ``efficientnet-lite2``, whose weights are installed by pip; ``onnx:FILE``, a model file; or
        ``timm:NAME``, a model of timm with its pretrained weights.
    :param device: where a torch model runs; an ONNX model runs where the installed onnxruntime can.
    :param size: height and width of an ONNX model's input, where the file leaves them open.
    :param mean: mean of each colour, 0 to 1, for an ONNX model; None for that of ImageNet.
    :param std: standard deviation, likewise. Other models have their own size, mean and std.
    :raises DataError: there is no such kind, or the model cannot be loaded or does not take these values.
    :raises MissingDependencyError: the package that runs such models is not installed.
    """
    kind, _, model = name.partition(":")
    if kind == "onnx" and model:
        from vse.features.onnx_model import OnnxEncoder

        return OnnxEncoder(model, size=size, mean=mean or IMAGENET_MEAN, std=std or IMAGENET_STD)
    if size or mean or std:
        raise DataError(f"{name} has its own size, mean and std", "Leave out `size`, `mean` and `std`.")
    if kind == "timm" and model:
        from vse.features.timm_model import TimmEncoder

        return TimmEncoder(model, device=device)
    if name == DEFAULT:
        from vse.features.efficientnet import EfficientNetLite2

        return EfficientNetLite2(device=device)
    raise DataError(
        f"no encoder is named {name!r}",
        f"Name {DEFAULT}, a model file, onnx:FILE, or a model of timm, such as timm:resnet50.",
    )
