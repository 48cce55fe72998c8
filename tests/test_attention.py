"""Attention over target words against a slow loop, finite differences, and its files read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from toys import Doubles, Floats, dictionary, gaussian, rotated

from translator.alignment import Alignment
from translator.attention import LexiconAttention
from translator.errors import DataError, FormatError
from translator.layer import Translator
from translator.lexicon_vectors import LexiconVectors
from translator.pipeline import align


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    return align(*rotated(noise=0.4), dictionary(range(120)), rerank=False)


def loop(layer: LexiconAttention, rows: Floats) -> Doubles:
    """The output word by word, in double precision."""
    state = {name: tensor.double().numpy() for name, tensor in layer.state_dict().items()}
    outputs = []
    for x in rows.astype(np.float64):
        q = state["translator.weight"] @ x + state["translator.bias"]
        q /= np.linalg.norm(q)
        scores = [2 * q @ y - r for y, r in zip(state["keys"], state["density"], strict=True)]
        best = sorted(range(len(scores)), key=lambda row: -scores[row])[: layer.k]
        weights = [np.exp((scores[row] - scores[best[0]]) / np.exp(state["log_temperature"])) for row in best]
        mean = sum(w * state["values"][row] for w, row in zip(weights, best, strict=True)) / sum(weights)
        outputs.append(mean * x.any())
    return np.array(outputs)


@pytest.mark.parametrize("k", [1, 5, 1000])
def test_equals_a_loop(alignment: Alignment, k: int) -> None:
    layer = LexiconAttention.from_alignment(alignment, k)
    rows = np.vstack([alignment.source.vectors.embed(["s1", "s200"]), np.zeros((1, 20), np.float32)])
    with torch.no_grad():
        found = layer(torch.from_numpy(rows))
        assert torch.equal(layer(torch.from_numpy(rows)[:, None]), found[:, None])
    np.testing.assert_allclose(found.numpy(), loop(layer, rows), atol=1e-4)


def test_blocks_give_the_same(alignment: Alignment, monkeypatch: pytest.MonkeyPatch) -> None:
    layer = LexiconAttention.from_alignment(alignment)
    rows = torch.from_numpy(gaussian(50, 20, 3))
    whole = layer(rows)
    monkeypatch.setattr("translator.attention.BLOCK", 7)
    torch.testing.assert_close(layer(rows), whole)


def test_it_is_what_vectors_through_the_lexicon_are_without_a_ranker(alignment: Alignment) -> None:
    words = ["s1", "s60", "s250"]
    layer = LexiconAttention.from_alignment(alignment)
    with torch.no_grad():
        found = layer(torch.from_numpy(alignment.source.vectors.embed(words))).numpy()
    np.testing.assert_allclose(found, LexiconVectors(alignment).embed(words), atol=1e-3)


def test_gradients_equal_finite_differences() -> None:
    keys = torch.nn.functional.normalize(torch.from_numpy(gaussian(12, 4, 1)).double(), dim=1)
    density, values = torch.linspace(0, 0.3, 12).double(), torch.from_numpy(gaussian(12, 3, 2)).double()
    layer = LexiconAttention(Translator(5, 4), keys, density, values, k=4, temperature=0.5).double()
    rows = torch.from_numpy(gaussian(6, 5, 4)).double().requires_grad_()
    names = ["translator.weight", "translator.bias", "log_temperature"]
    assert {*names} == {name for name, _ in layer.named_parameters()}
    parameters = [layer.get_parameter(name).detach().clone().requires_grad_() for name in names]

    def output(rows: torch.Tensor, *parameters: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(layer, dict(zip(names, parameters, strict=True)), (rows,))

    assert torch.autograd.gradcheck(output, (rows, *parameters))


def test_training_moves_the_map_and_the_temperature(alignment: Alignment) -> None:
    layer = LexiconAttention.from_alignment(alignment)
    rows = torch.from_numpy(alignment.source.vectors.embed(["s1", "s2"]))
    layer(rows).square().sum().backward()
    gradients = [parameter.grad for parameter in layer.parameters()]
    assert len(gradients) == 3 and all(g is not None and g.any() for g in gradients)


def test_a_file_gives_the_same_layer(alignment: Alignment, tmp_path: Path) -> None:
    layer = LexiconAttention.from_alignment(alignment, 3)
    layer.save_weights(tmp_path / "a.safetensors")
    again = LexiconAttention.from_pretrained(tmp_path / "a.safetensors")
    rows = torch.from_numpy(gaussian(5, 20, 5))
    assert again.k == 3 and torch.equal(again(rows), layer(rows))


def test_an_onnx_runtime_computes_the_same(alignment: Alignment, tmp_path: Path) -> None:
    runtime = pytest.importorskip("onnxruntime", reason="the reader of the graphs")
    layer = LexiconAttention.from_alignment(alignment, 3)
    layer.save_weights(tmp_path / "a.onnx")
    session = runtime.InferenceSession(str(tmp_path / "a.onnx"), providers=["CPUExecutionProvider"])
    rows = np.vstack([gaussian(5, 20, 5), np.zeros((1, 20), np.float32)])
    (found,) = session.run(None, {"vectors": rows})
    with torch.no_grad():
        np.testing.assert_allclose(found, layer(torch.from_numpy(rows)).numpy(), atol=1e-4)


def test_other_files_are_refused(alignment: Alignment, tmp_path: Path) -> None:
    Translator.from_alignment(alignment).save_weights(tmp_path / "linear.safetensors")
    with pytest.raises(FormatError, match="not an exported LexiconAttention"):
        LexiconAttention.from_pretrained(tmp_path / "linear.safetensors")
    with pytest.raises(DataError, match=r"ends in \.safetensors or \.onnx"):
        LexiconAttention.from_alignment(alignment).save_weights(tmp_path / "a.bin")
    with pytest.raises(DataError, match="no such file"):
        LexiconAttention.from_pretrained(tmp_path / "none.safetensors")
    with pytest.raises(DataError, match="is a folder, expected a file"):
        LexiconAttention.from_pretrained(tmp_path)


def test_an_alignment_folder_is_refused_with_the_way_that_works(alignment: Alignment, tmp_path: Path) -> None:
    alignment.save_pretrained(tmp_path / "a")
    with pytest.raises(DataError, match="is an alignment folder") as caught:
        LexiconAttention.from_pretrained(tmp_path / "a")
    assert "from_alignment(Alignment.from_pretrained(FOLDER))" in caught.value.hint
    layer = LexiconAttention.from_alignment(Alignment.from_pretrained(tmp_path / "a"))
    assert len(layer.keys) == len(alignment.target.mapped)


def test_no_rows_and_no_candidates(alignment: Alignment) -> None:
    assert LexiconAttention.from_alignment(alignment)(torch.zeros(0, 20)).shape == (0, 20)
    with pytest.raises(DataError, match="k=0"):
        LexiconAttention.from_alignment(alignment, 0)


@pytest.mark.parametrize("temperature", [0, -1, float("nan")])
def test_a_temperature_is_above_zero(alignment: Alignment, temperature: float) -> None:
    with pytest.raises(DataError, match=r"temperature=.*expected a number above 0"):
        LexiconAttention.from_alignment(alignment, temperature=temperature)
