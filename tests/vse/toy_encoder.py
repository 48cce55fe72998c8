"""Small encoders of images whose right answer numpy knows, some of them ONNX models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from translator.vectors import Floats

Shape = list[int | str]
OPEN: Shape = ["b", 3, "h", "w"]
POOLED: Shape = ["b", 3, 1, 1]


def model(
    path: Path,
    inputs: dict[str, Shape] | None = None,
    outputs: dict[str, Shape] | None = None,
    kind: str = "FLOAT",
) -> Path:
    """A model with outputs ``pooled``, the mean of each colour [b, 3, 1, 1], ``flat``, twice that [b, 3], and
    ``map``, its input."""
    import onnx

    helper, number = onnx.helper, getattr(onnx.TensorProto, kind)
    inputs, outputs = inputs or {"x": OPEN}, outputs or {"flat": ["b", 3]}
    first = next(iter(inputs))
    nodes = [
        helper.make_node("Identity", [first], ["map"]),
        helper.make_node("GlobalAveragePool", [first], ["pooled"]),
        helper.make_node("Add", ["pooled", "pooled"], ["double"]),
        helper.make_node("Flatten", ["double"], ["flat"]),
    ]
    infos = [
        [helper.make_tensor_value_info(name, number, shape) for name, shape in sides.items()]
        for sides in (inputs, outputs)
    ]
    if kind != "FLOAT":  # onnxruntime averages nothing else
        nodes = nodes[:1]
    opset = [helper.make_opsetid("", 17)]
    made = helper.make_model(helper.make_graph(nodes, "colours", *infos), opset_imports=opset, ir_version=8)
    path.write_bytes(made.SerializeToString())
    return path


class MeanColour:
    """An encoder whose features are the mean of each colour, and which remembers how much it was given."""

    name, width = "mean colour", 3

    def __init__(self) -> None:
        self.batches: list[int] = []

    def prepare(self, image: Any) -> Floats:
        return np.asarray(image.resize((4, 4)), np.float32).transpose(2, 0, 1)

    def __call__(self, batch: Floats) -> Floats:
        self.batches.append(len(batch))
        means: Floats = batch.mean(axis=(2, 3))
        return means
