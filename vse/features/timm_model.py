"""An encoder of timm, the PyTorch image models, with its pretrained weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from translator.devices import usable
from translator.errors import DataError, MissingDependencyError
from translator.vectors import Floats

if TYPE_CHECKING:
    from PIL.Image import Image


class TimmEncoder:
    """Run a timm model without its classifier, with the preparation of images of its training.

    :param name: as ``timm.create_model`` takes it: ``resnet50``, ``hf-hub:owner/name``,
        ``local-dir:folder``.
    :param device: ``cpu`` or a torch device.
    :raises DataError: the model or its weights cannot be loaded, or the device cannot be used.
    :raises MissingDependencyError: timm is not installed.
    """

    def __init__(self, name: str, *, device: str = "cpu") -> None:
        self.name = f"timm:{name}"
        timm = _timm(name)
        try:
            model = timm.create_model(name, pretrained=True, num_classes=0).eval()
        except Exception as error:  # names, weights, files and the network each have their own kind
            raise DataError(
                f"the timm model {name!r} cannot be loaded ({error})",
                "timm.list_models(pretrained=True) lists the names. Weights are fetched on first use;"
                " timm:local-dir:FOLDER takes a model from a folder.",
            ) from None
        self._model = model.to(usable(device))
        self._device = device
        config = timm.data.resolve_model_data_config(model)
        self._transform = timm.data.create_transform(**config, is_training=False)
        self.width = self(np.zeros((1, *config["input_size"]), np.float32)).shape[1]

    def prepare(self, image: Image) -> Floats:
        """Return a image prepared as in the evaluation of the model, float32 [3, h, w]."""
        prepared: Floats = self._transform(image).numpy()
        return prepared

    def __call__(self, batch: Floats) -> Floats:
        """Return the features of prepared images: float32 [b, 3, h, w] to float32 [b, width]."""
        import torch

        with torch.inference_mode():
            features: Floats = self._model(torch.from_numpy(batch).to(self._device)).float().cpu().numpy()
        return features


def _timm(name: str) -> Any:
    try:
        import timm
    except ImportError:
        raise MissingDependencyError("timm", "timm", f"The encoder timm:{name}") from None
    except Exception as error:  # torchvision raises a RuntimeError with a torch it was not built for
        raise DataError(
            f"timm is installed but cannot be used ({error})",
            "Install torch and torchvision from the same place: both for the CPU, or both for the GPU.",
        ) from None
    return timm
