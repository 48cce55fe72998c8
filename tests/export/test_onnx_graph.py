"""The builder of graphs: what a runtime makes of its unit rows, its types and its arrays."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from translator.errors import DataError, MissingDependencyError
from translator.export.onnx_graph import Graph, write_onnx
from translator.vectors import Floats
from translator.vectors.normalize import unit_rows

onnx = pytest.importorskip("onnx", reason="the writer of the graphs")
runtime = pytest.importorskip("onnxruntime", reason="the reader of the graphs")

ROWS = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
ROWS[1] = 0


def run(path: Path, name: str, rows: Floats) -> Floats:
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (found,) = session.run([name], {"vectors": rows})
    return np.asarray(found)


@pytest.mark.parametrize("scale", [1, 1e-6, 1e6])
def test_rows_become_unit_rows_and_zeros_stay(tmp_path: Path, scale: float) -> None:
    graph = Graph("rows")
    graph.output(graph.unit_rows(graph.input("vectors", ["n", 3]), name="rows"), ["n", 3])
    graph.write(tmp_path / "x.onnx")
    rows = (ROWS * scale).astype(np.float32)
    np.testing.assert_allclose(run(tmp_path / "x.onnx", "rows", rows), unit_rows(rows), atol=1e-6)


def test_a_zero_row_maps_onto_the_bias(tmp_path: Path) -> None:
    weight, bias = ROWS[[0, 2]], np.array([5, 6], np.float32)
    write_onnx(tmp_path / "x.onnx", weight, bias, unit_input=True)
    found = run(tmp_path / "x.onnx", "mapped", ROWS)
    np.testing.assert_allclose(found, unit_rows(ROWS) @ weight.T + bias, atol=1e-6)
    np.testing.assert_array_equal(found[1], bias)


def test_arrays_keep_their_order_and_numbers_their_lack_of_sides(tmp_path: Path) -> None:
    graph = Graph("arrays")
    turned = graph.node("MatMul", graph.input("vectors", ["n", 3]), graph.tensor(ROWS.T))
    count = graph.cast(graph.node("Range", *map(graph.tensor, (0, 4, 1))), np.float32)
    graph.output(graph.node("Add", turned, count, name="sum"), ["n", 4])
    graph.write(tmp_path / "x.onnx")
    expected = ROWS @ ROWS.T + np.arange(4)
    np.testing.assert_allclose(run(tmp_path / "x.onnx", "sum", ROWS), expected, atol=1e-5)


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot write"):
        write_onnx(tmp_path / "nowhere" / "x.onnx", ROWS, ROWS[:, 0], unit_input=False)
    write_onnx(tmp_path / "x.onnx", ROWS, ROWS[:, 0], unit_input=False)
    assert [path.name for path in tmp_path.iterdir()] == ["x.onnx"]


def test_a_missing_onnx_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingDependencyError, match="ONNX export needs the package 'onnx'"):
        Graph("rows")
