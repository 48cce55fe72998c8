"""Affine maps as ONNX graphs, and a small builder of such graphs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from translator.errors import MissingDependencyError
from translator.vectors import Floats
from translator.writing import replacing

OPSET = 17
IR_VERSION = 8  # old enough for any runtime of the last years
TINY = 1e-12  # norm below which a row is no longer scaled to unit length: that of torch's ``normalize``


class Graph:
    """Build an ONNX graph. Its values are referred to by their names, which most methods return.

    :param name: what the graph computes.
    :raises MissingDependencyError: the extra ``onnx`` is not installed.
    """

    def __init__(self, name: str) -> None:
        try:
            import onnx
        except ImportError:
            raise MissingDependencyError("onnx", "onnx", "ONNX export") from None
        self._onnx: Any = onnx
        self._name = name
        self._nodes: list[Any] = []
        self._tensors: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []

    def input(self, name: str, shape: Sequence[str | int], dtype: npt.DTypeLike = np.float32) -> str:
        """Declare an input array; an axis of any length has a name instead of a number."""
        self._inputs.append(self._onnx.helper.make_tensor_value_info(name, self._kind(dtype), shape))
        return name

    def tensor(self, array: npt.ArrayLike, name: str = "") -> str:
        """Store an array in the graph."""
        name = name or f"tensor{len(self._tensors)}"
        self._tensors.append(self._onnx.numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def node(self, operator: str, *inputs: str, name: str = "", place: int = 0, **attributes: Any) -> str:
        """Add an operator and return the name of its value.

        :param name: of the value; by default the operator and a number.
        :param place: index of the value among the operator's outputs.
        """
        value = name or f"{operator}{len(self._nodes)}"
        outputs = [""] * place + [value]
        self._nodes.append(self._onnx.helper.make_node(operator, inputs, outputs, value, **attributes))
        return value

    def nodes(self, operator: str, count: int, *inputs: str, **attributes: Any) -> list[str]:
        """Add an operator with several outputs and return the names of their values."""
        values = [f"{operator}{len(self._nodes)}.{place}" for place in range(count)]
        self._nodes.append(self._onnx.helper.make_node(operator, inputs, values, values[0], **attributes))
        return values

    def cast(self, value: str, dtype: npt.DTypeLike) -> str:
        """Convert a value to another type of number."""
        return self.node("Cast", value, to=self._kind(dtype))

    def unit_rows(self, rows: str, *, name: str = "") -> str:
        """Scale to unit length along the last axis; zero rows stay zero."""
        norms = self.node("ReduceL2", rows, axes=[-1], keepdims=1)
        return self.node("Div", rows, self.node("Max", norms, self.tensor(np.float32(TINY))), name=name)

    def output(self, name: str, shape: Sequence[str | int]) -> None:
        """Declare a value as an output, float32."""
        self._outputs.append(self._onnx.helper.make_tensor_value_info(name, self._kind(np.float32), shape))

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the model; the file appears whole or not at all."""
        make = self._onnx.helper
        graph = make.make_graph(self._nodes, self._name, self._inputs, self._outputs, self._tensors)
        model = make.make_model(
            graph,
            opset_imports=[make.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="bli-translator",
        )
        with replacing(path) as draft:
            Path(draft).write_bytes(model.SerializeToString())

    def _kind(self, dtype: npt.DTypeLike) -> int:
        return int(self._onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))


def write_onnx(path: str | os.PathLike[str], weight: Floats, bias: Floats, *, unit_input: bool) -> None:
    """Write ``mapped = vectors @ weight.T + bias``: float32 [n, d] to [n, e].

    :param weight: float32 [e, d].
    :param bias: float32 [e].
    :param unit_input: scale each input row to unit length first.
    :raises MissingDependencyError: the extra ``onnx`` is not installed.
    """
    graph = Graph("Translator")
    vectors = graph.input("vectors", ["n", weight.shape[1]])
    rows = graph.unit_rows(vectors) if unit_input else vectors
    linear = graph.tensor(weight, "weight"), graph.tensor(bias, "bias")
    mapped = graph.node("Gemm", rows, *linear, name="mapped", transB=1)
    graph.output(mapped, ["n", weight.shape[0]])
    graph.write(path)
