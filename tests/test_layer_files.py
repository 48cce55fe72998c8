"""A layer out of files and into them: every form it is read from, hostile ones, and ONNX."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hub_stand_in import Handler
from safetensors.numpy import load_file, save_file
from toys import gaussian, saved_alignment

torch = pytest.importorskip("torch")

from translator.alignment import Alignment  # noqa: E402
from translator.errors import DataError, FormatError  # noqa: E402
from translator.layer import Translator  # noqa: E402

UNSEEN = gaussian(9, 8, 7)


def run(layer: Any) -> Any:
    with torch.no_grad():
        return layer(torch.from_numpy(UNSEEN)).numpy()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return saved_alignment(tmp_path)


@pytest.mark.parametrize("space", ["shared", "target"])
def test_from_an_alignment_folder_without_the_vectors(folder: Path, space: Any) -> None:
    expected = run(Translator.from_alignment(Alignment.from_pretrained(folder), space))
    (folder.parent / "en.npz").unlink()
    (folder.parent / "de.npz").unlink()
    assert np.array_equal(run(Translator.from_pretrained(folder, space)), expected)


@pytest.mark.parametrize("unit_input", [False, True])
def test_from_its_own_folder_and_from_one_file(tmp_path: Path, unit_input: bool) -> None:
    layer = Translator(8, 5, unit_input=unit_input)
    layer.save_pretrained(tmp_path / "layer")
    layer.save_weights(tmp_path / "layer.safetensors")
    for place in ("layer", "layer.safetensors", "layer/model.safetensors"):
        again = Translator.from_pretrained(str(tmp_path / place))
        assert again.unit_input == unit_input and np.array_equal(run(again), run(layer))
    config = json.loads((tmp_path / "layer/config.json").read_text())
    assert config == {"kind": "translator", "in_features": 8, "out_features": 5, "unit_input": unit_input}


def test_the_file_is_the_state_of_a_plain_linear(tmp_path: Path) -> None:
    layer = Translator(8, 5)
    layer.save_weights(tmp_path / "layer.safetensors")
    linear = torch.nn.Linear(8, 5)
    state = {
        name: torch.from_numpy(array) for name, array in load_file(tmp_path / "layer.safetensors").items()
    }
    linear.load_state_dict(state, strict=True)
    assert np.array_equal(run(linear), run(layer))


def test_the_space_of_an_exported_layer_is_settled(tmp_path: Path) -> None:
    Translator(8, 8).save_pretrained(tmp_path / "layer")
    for place in (tmp_path / "layer", tmp_path / "layer/model.safetensors"):
        with pytest.raises(DataError, match=r"exported with its space, which cannot become 'target'"):
            Translator.from_pretrained(place, space="target")


def test_saving_never_replaces_a_folder_of_other_files(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(DataError, match="holds something other than a Translator"):
        Translator(8, 8).save_pretrained(tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_half_precision_is_read(tmp_path: Path) -> None:
    state = {"weight": gaussian(5, 8).astype(np.float16, order="C"), "bias": np.ones(5, np.float16)}
    save_file(state, tmp_path / "half.safetensors")
    layer = Translator.from_pretrained(tmp_path / "half.safetensors")
    assert layer.weight.dtype == torch.float32
    assert np.array_equal(layer.weight.detach().numpy(), state["weight"].astype(np.float32))


@pytest.mark.parametrize(
    "state",
    [
        {"weight": np.ones((5, 8), np.float32)},
        {"weight": np.ones((5, 8), np.float32), "bias": np.ones(1, np.float32)},
        {"weight": np.ones((5, 8), np.float32), "bias": np.ones((5, 1), np.float32)},
        {"weight": np.ones(8, np.float32), "bias": np.ones(8, np.float32)},
        {"weight": np.array(1, np.float32), "bias": np.array(1, np.float32)},
    ],
)
def test_a_file_that_holds_no_layer(tmp_path: Path, state: dict[str, Any]) -> None:
    save_file(state, tmp_path / "layer.safetensors")
    with pytest.raises(FormatError, match=r"layer\.safetensors: not an exported Translator") as caught:
        Translator.from_pretrained(tmp_path / "layer.safetensors")
    assert "export_layer" in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"\x00" * 40, b"\xff" * 40, b"PK\x03\x04 a pickle, perhaps"])
def test_a_file_that_is_no_safetensors(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "layer.safetensors").write_bytes(content)
    with pytest.raises(FormatError, match=r"layer\.safetensors: cannot be read as \.safetensors"):
        Translator.from_pretrained(tmp_path / "layer.safetensors")


@pytest.mark.parametrize("config", ["", "[]", "{}", '{"kind": "translator"}', '{"kind": "bert"}', "\x00"])
def test_a_folder_that_holds_no_layer(tmp_path: Path, config: str) -> None:
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(FormatError):
        Translator.from_pretrained(tmp_path)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        Translator.from_pretrained(tmp_path / "nowhere")
    with pytest.raises(DataError, match="no alignment folder"):
        Translator.from_pretrained(tmp_path)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
@pytest.mark.parametrize("unit_input", [False, True])
def test_onnx_gives_equal_output_for_any_number_of_rows(tmp_path: Path, unit_input: bool) -> None:
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    layer = Translator(8, 5, unit_input=unit_input).train()
    layer.save_weights(tmp_path / "layer.onnx")
    assert layer.training, "export must leave the layer as it was"
    session = runtime.InferenceSession(str(tmp_path / "layer.onnx"), providers=["CPUExecutionProvider"])
    for rows in (UNSEEN, UNSEEN[:1]):
        (mapped,) = session.run(["mapped"], {"vectors": rows})
        np.testing.assert_allclose(mapped, run(layer)[: len(rows)], atol=1e-5)
    assert [path.name for path in tmp_path.iterdir()] == ["layer.onnx"]


def test_a_layer_on_the_hub(hub_uploads: type[Handler]) -> None:
    """Pushed as the folder of :meth:`save_pretrained`, and read by the id of its repository."""
    layer = Translator(8, 5)
    layer.push_to_hub("owner/name", private=True, token="t")
    assert set(hub_uploads.repositories["owner/name"]) == {"config.json", "model.safetensors"}
    assert np.array_equal(run(Translator.from_pretrained("owner/name")), run(layer))
