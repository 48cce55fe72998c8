"""Encoders: ONNX models made here, whose right answer numpy knows, and timm through a stand-in."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from toy_encoder import OPEN, POOLED, Shape, model

from translator.errors import DataError, FormatError, MissingDependencyError
from translator.vectors import Floats
from vse.features import load_encoder

Image = pytest.importorskip("PIL.Image", reason="images are read by Pillow")
onnx = pytest.importorskip("onnx", reason="the models are made by onnx")
pytest.importorskip("onnxruntime", reason="the models are run by onnxruntime")


def noise(b: int, size: int = 8) -> Floats:
    return np.random.default_rng(0).normal(size=(b, 3, size, size)).astype(np.float32)


def test_features_are_what_the_model_gives(tmp_path: Path) -> None:
    encoder = load_encoder(f"onnx:{model(tmp_path / 'x.onnx')}")
    assert encoder.width == 3
    np.testing.assert_allclose(encoder(noise(5)), 2 * noise(5).mean(axis=(2, 3)), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("outputs", [{"pooled": POOLED}, {"map": OPEN}, {"map": OPEN, "flat": ["b", 3]}])
def test_maps_are_averaged_over_places(tmp_path: Path, outputs: dict[str, Shape]) -> None:
    encoder = load_encoder(f"onnx:{model(tmp_path / 'x.onnx', outputs=outputs)}")
    assert encoder.width == 3
    np.testing.assert_allclose(encoder(noise(5)), noise(5).mean(axis=(2, 3)), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("b", [1, 2, 3, 4, 5])
def test_a_model_may_take_a_fixed_number_of_images(tmp_path: Path, b: int) -> None:
    file = model(tmp_path / "x.onnx", {"x": [2, 3, "h", "w"]}, {"flat": [2, 3]})
    found = load_encoder(f"onnx:{file}")(noise(b))
    np.testing.assert_allclose(found, 2 * noise(b).mean(axis=(2, 3)), rtol=1e-4, atol=1e-6)


def test_images_are_cut_to_the_size_in_the_file(tmp_path: Path) -> None:
    file = model(tmp_path / "x.onnx", {"x": ["b", 3, 20, 30]})
    image = Image.new("RGB", (99, 77))
    assert load_encoder(f"onnx:{file}").prepare(image).shape == (3, 20, 30)
    with pytest.raises(DataError, match="20 x 30 pixels, not 40"):
        load_encoder(f"onnx:{file}", size=40)


def test_images_are_cut_to_the_size_asked_for_where_the_file_leaves_it_open(tmp_path: Path) -> None:
    file = model(tmp_path / "x.onnx")
    image = Image.new("RGB", (99, 77))
    assert load_encoder(f"onnx:{file}", size=40).prepare(image).shape == (3, 40, 40)
    assert load_encoder(f"onnx:{file}").prepare(image).shape == (3, 224, 224)


def test_colours_are_standardised_as_asked_for(tmp_path: Path) -> None:
    encoder = load_encoder(f"onnx:{model(tmp_path / 'x.onnx')}", mean=(0, 0.5, 0), std=(1, 1, 0.5))
    prepared = encoder.prepare(Image.new("RGB", (9, 9), (255, 255, 51)))
    np.testing.assert_allclose(encoder(prepared[None]), [[2, 1, 0.8]], rtol=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"inputs": {"x": OPEN, "ids": ["b", "n"]}}, "has 2 inputs: x, ids"),
        ({"inputs": {"x": ["b", "h", "w", 3]}}, r"its input 'x' is tensor\(float\) \['b', 'h', 'w', 3\]"),
        ({"outputs": {"map": OPEN}, "kind": "DOUBLE"}, r"its input 'x' is tensor\(double\)"),
        ({"inputs": {"x": ["b", 3, "n"]}, "outputs": {"map": ["b", 3, "n"]}}, "its input 'x' is"),
    ],
)
def test_other_models_are_refused(tmp_path: Path, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(FormatError, match=message) as caught:
        load_encoder(f"onnx:{model(tmp_path / 'x.onnx', **arguments)}")
    assert "Expected one input, float32 [b, 3, h, w]" in caught.value.hint


def test_a_model_without_features_is_refused(tmp_path: Path) -> None:
    file = model(tmp_path / "x.onnx")
    made = onnx.load(file)
    made.graph.node.append(onnx.helper.make_node("Shape", ["x"], ["shape"]))
    made.graph.output[0].CopyFrom(onnx.helper.make_tensor_value_info("shape", onnx.TensorProto.INT64, [4]))
    file.write_bytes(made.SerializeToString())
    with pytest.raises(FormatError, match=r"no output holds features: shape tensor\(int64\)"):
        load_encoder(f"onnx:{file}")


def test_a_model_that_fails_says_for_which_size(tmp_path: Path) -> None:
    file = model(tmp_path / "x.onnx")
    made = onnx.load(file)
    weight = onnx.numpy_helper.from_array(np.ones((48, 2), np.float32), "weight")
    made.graph.initializer.append(weight)
    made.graph.node.append(onnx.helper.make_node("Flatten", ["x"], ["all"]))
    made.graph.node.append(onnx.helper.make_node("MatMul", ["all", "weight"], ["out"]))
    made.graph.output[0].CopyFrom(onnx.helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, ["b", 2]))
    file.write_bytes(made.SerializeToString())
    assert load_encoder(f"onnx:{file}", size=4).width == 2
    with pytest.raises(FormatError, match="fails on a image of 224 x 224 pixels") as caught:
        _ = load_encoder(f"onnx:{file}").width
    assert "size=" in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"no model", b"\x08\x08\x12\x05"])
def test_damaged_models_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.onnx").write_bytes(content)
    with pytest.raises(FormatError, match=r"x\.onnx: cannot be read as an ONNX model"):
        load_encoder(f"onnx:{tmp_path / 'x.onnx'}")


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        load_encoder(f"onnx:{tmp_path / 'x.onnx'}")


@pytest.mark.parametrize("name", ["", "resnet50", "onnx", "onnx:", "timm:", "clip:x"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(DataError, match="no encoder is named") as caught:
        load_encoder(name)
    assert "onnx:FILE" in caught.value.hint


@pytest.mark.parametrize(
    ("package", "extra", "name"), [("onnxruntime", "features", "onnx:{}"), ("timm", "timm", "timm:resnet50")]
)
def test_a_missing_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, extra: str, name: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError, match=f"'{package}'") as caught:
        load_encoder(name.format(model(tmp_path / "x.onnx")))
    assert caught.value.hint == f"Install it with: pip install 'bli-translator[{extra}]'"


@pytest.fixture
def timm(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A stand-in for timm, which needs a torchvision of the same build as torch: records how it is called."""
    torch: Any = pytest.importorskip("torch")
    calls: list[dict[str, Any]] = []

    class Network(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.norm = torch.nn.BatchNorm2d(3)  # answers otherwise while training
            self.register_buffer("factor", torch.tensor(2.0))

        def forward(self, batch: Any) -> Any:
            return (self.norm(batch) * self.factor).mean(dim=(2, 3))

    def create_model(name: str, **arguments: Any) -> Any:
        if name == "nonsense":
            raise RuntimeError("Unknown model (nonsense)")
        calls.append({"name": name, **arguments})
        return Network()

    def create_transform(**arguments: Any) -> Any:
        calls.append(arguments)
        return lambda image: torch.from_numpy(np.asarray(image.resize((5, 4)), np.float32)).permute(2, 0, 1)

    module: Any = ModuleType("timm")
    module.create_model = create_model
    module.data = SimpleNamespace(
        resolve_model_data_config=lambda model: {"input_size": (3, 4, 5), "crop_pct": 0.9},
        create_transform=create_transform,
    )
    monkeypatch.setitem(sys.modules, "timm", module)
    return calls


def test_timm_gives_pretrained_features_of_images_as_it_evaluates_them(timm: list[dict[str, Any]]) -> None:
    encoder = load_encoder("timm:local-dir:a/b")
    assert timm == [
        {"name": "local-dir:a/b", "pretrained": True, "num_classes": 0},
        {"input_size": (3, 4, 5), "crop_pct": 0.9, "is_training": False},
    ]
    assert encoder.width == 3
    prepared = encoder.prepare(Image.new("RGB", (9, 9), (10, 20, 30)))
    assert prepared.shape == (3, 4, 5)
    assert prepared.dtype == np.float32
    features = encoder(np.stack([prepared, 2 * prepared]))
    assert isinstance(features, np.ndarray)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, [[20, 40, 60], [40, 80, 120]], rtol=1e-4)


@pytest.mark.usefixtures("timm")
def test_timm_says_what_it_cannot_do() -> None:
    with pytest.raises(DataError, match=r"'nonsense' cannot be loaded \(Unknown model"):
        load_encoder("timm:nonsense")
    with pytest.raises(DataError, match="device 'nowhere' cannot be used"):
        load_encoder("timm:resnet50", device="nowhere")
    with pytest.raises(DataError, match="has its own size, mean and std"):
        load_encoder("timm:resnet50", size=224)


def test_a_torchvision_of_another_build_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "timm.py").write_text("raise RuntimeError('operator torchvision::nms does not exist')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "timm", raising=False)
    with pytest.raises(DataError, match="timm is installed but cannot be used") as caught:
        load_encoder("timm:resnet50")
    assert "torch and torchvision" in caught.value.hint
