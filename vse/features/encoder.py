"""What an encoder of photos is, and which kinds there are by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from translator.errors import DataError
from translator.vectors import Floats
from vse.features.photos import IMAGENET_MEAN, IMAGENET_STD

if TYPE_CHECKING:
    from PIL.Image import Image


class Encoder(Protocol):
    """A pretrained network that turns photos into features."""

    @property
    def width(self) -> int:
        """Number of features of a photo."""

    def prepare(self, photo: Image) -> Floats:
        """An upright RGB photo as the network takes it, float32 [3, h, w]; called from several threads."""

    def __call__(self, batch: Floats) -> Floats:
        """Features of prepared photos: float32 [b, 3, h, w] to float32 [b, width]."""


def load_encoder(
    name: str,
    *,
    device: str = "cpu",
    size: int | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> Encoder:
    """The encoder of that name.

    :param name: ``onnx:FILE``, a model file, or ``timm:NAME``, a model of timm with its pretrained weights.
    :param device: where a timm model runs; an ONNX model runs where the installed onnxruntime can.
    :param size: height and width of an ONNX model's input, where the file leaves them open.
    :param mean: of each colour, 0 to 1, for an ONNX model; ImageNet's unless given.
    :param std: likewise. A timm model brings its own size, mean and std.
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
                "a timm model brings its own size, mean and std", "Leave out --size, --mean and --std."
            )
        return TimmEncoder(model, device=device)
    raise DataError(
        f"no encoder is named {name!r}",
        "Name a model file, onnx:FILE, or a model of timm, such as timm:resnet50.",
    )
