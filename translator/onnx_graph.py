"""An affine map as an ONNX graph: one Gemm node, after a scaling of the rows where the map asks for it."""

from __future__ import annotations

import os
from pathlib import Path

from translator.errors import MissingDependencyError
from translator.files import replacing
from translator.vectors import Floats

OPSET = 17
IR_VERSION = 8  # old enough for any runtime of the last years


def write_onnx(path: str | os.PathLike[str], weight: Floats, bias: Floats, *, unit_input: bool) -> None:
    """Write ``mapped = vectors @ weight.T + bias``: float32 [n, d] to [n, e].

    :param weight: float32 [e, d].
    :param bias: float32 [e].
    :param unit_input: scale each input row to unit length first.
    :raises MissingDependencyError: the extra ``onnx`` is not installed.
    """
    try:
        from onnx import TensorProto, helper, numpy_helper
    except ImportError:
        raise MissingDependencyError("onnx", "onnx", "ONNX export") from None

    rows = "rows" if unit_input else "vectors"
    nodes = [helper.make_node("Gemm", [rows, "weight", "bias"], ["mapped"], transB=1)]
    if unit_input:
        nodes.insert(0, helper.make_node("LpNormalization", ["vectors"], [rows], axis=1, p=2))
    graph = helper.make_graph(
        nodes,
        "Translator",
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", weight.shape[1]])],
        [helper.make_tensor_value_info("mapped", TensorProto.FLOAT, ["n", weight.shape[0]])],
        [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")],
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="bli-translator",
    )
    with replacing(path) as draft:
        Path(draft).write_bytes(model.SerializeToString())
