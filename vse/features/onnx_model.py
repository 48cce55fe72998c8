"""An encoder in an ONNX file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from translator.errors import DataError, FormatError, MissingDependencyError
from translator.files import existing, fingerprint
from translator.vectors import Floats
from vse.features.image_files import IMAGENET_MEAN, IMAGENET_STD, Preparation

if TYPE_CHECKING:
    from PIL.Image import Image

USUAL_SIZE = 224  # pixels, where neither the file nor the caller says

_EXPECTED = (
    "Expected one input, float32 [b, 3, h, w], and an output, float32 [b, f] or [b, f, h', w']:"
    " export the network without its classifier."
)


class OnnxEncoder:
    """Run an ONNX model as an encoder, with onnxruntime.

    It has one input, float32 [b, 3, h, w]. Its features are the first of its outputs that is float32 [b, f],
    or [b, f, h', w'], which is averaged over places.

    :param path: the file.
    :param size: height and width of the input, where the file leaves them open; 224 unless given.
    :param mean: mean of each colour, 0 to 1.
    :param std: standard deviation of each colour.
    :raises FormatError: the file is damaged, or its inputs and outputs are not those expected.
    :raises DataError: the file says another size, or mean or std are not valid.
    :raises MissingDependencyError: onnxruntime is not installed.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        size: int | None = None,
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
    ) -> None:
        self.path = existing(path)
        self._session = _session(self.path)
        self._input, (self._batch, *sides) = _input(self.path, self._session)
        self._output = _output(self.path, self._session)
        if size and any(side not in (None, size) for side in sides):
            raise DataError(
                f"{self.path}: takes images of {sides[0]} x {sides[1]} pixels, not {size}",
                "Leave out `size`.",
            )
        height, width = (side or size or USUAL_SIZE for side in sides)
        self._prepare = Preparation((height, width), mean, std)
        self.name = f"onnx:{fingerprint(self.path)} {self._prepare}"

    @cached_property
    def width(self) -> int:
        """Return the number of features of a image."""
        return int(self(np.zeros((1, 3, *self._prepare.size), np.float32)).shape[1])

    def prepare(self, image: Image) -> Floats:
        """Return the centre of a image, float32 [3, h, w]."""
        return self._prepare(image)

    def __call__(self, batch: Floats) -> Floats:
        """Return the features of prepared images: float32 [b, 3, h, w] to float32 [b, width].

        :raises FormatError: the model fails on them.
        """
        step = self._batch or len(batch)
        parts = [self._run(batch[start : start + step], step) for start in range(0, len(batch), step)]
        return np.concatenate(parts)

    def _run(self, part: Floats, step: int) -> Floats:
        """Return the features of at most ``step`` images, padded to ``step`` if the file fixes the number."""
        missing = step - len(part) if self._batch else 0
        filled = np.concatenate([part, np.zeros((missing, *part.shape[1:]), np.float32)])
        try:
            (found,) = self._session.run([self._output], {self._input: filled})
        except Exception as error:  # onnxruntime has a dozen kinds, without a common one
            height, width = part.shape[2:]
            raise FormatError(
                f"{self.path}: fails on a image of {height} x {width} pixels ({_first_line(error)})",
                "Pass size=PIXELS, the size that the model was made for.",
            ) from None
        features: Floats = found.mean(axis=(2, 3)) if found.ndim == 4 else found
        return features[: len(part)]


def _session(path: Path) -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise MissingDependencyError("onnxruntime", "features", f"The encoder {path}") from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors: it warns of what it could make faster
    providers = onnxruntime.get_available_providers()
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:
        raise FormatError(
            f"{path}: cannot be read as an ONNX model ({_first_line(error)})", _EXPECTED
        ) from None


def _input(path: Path, session: Any) -> tuple[str, list[int | None]]:
    """Return the name of the only input, and its batch, height and width; None for open sizes."""
    inputs = session.get_inputs()
    if len(inputs) != 1:
        names = ", ".join(each.name for each in inputs)
        raise FormatError(f"{path}: has {len(inputs)} inputs: {names}", _EXPECTED)
    (only,) = inputs
    shape = [side if isinstance(side, int) else None for side in only.shape]
    colours_last = shape[-1] == 3 and shape[1:2] != [3]
    if only.type != "tensor(float)" or len(shape) != 4 or shape[1] not in (3, None) or colours_last:
        raise FormatError(f"{path}: its input {only.name!r} is {only.type} {only.shape}", _EXPECTED)
    return only.name, [shape[0], *shape[2:]]


def _output(path: Path, session: Any) -> str:
    """Return the name of the output that holds the features."""
    outputs = session.get_outputs()
    for output in outputs:
        if output.type == "tensor(float)" and len(output.shape) in (2, 4):
            return str(output.name)
    found = ", ".join(f"{output.name} {output.type} {output.shape}" for output in outputs)
    raise FormatError(f"{path}: no output holds features: {found}", _EXPECTED)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
