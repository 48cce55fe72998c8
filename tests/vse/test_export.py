"""Exports against the model itself: the plain torch of the docstring, and ONNX graphs as run."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from translator.errors import DataError, MissingDependencyError
from translator.vectors import Floats, Indices, WordVectors

torch = pytest.importorskip("torch")

from safetensors import safe_open  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

from translator.layer import Translator  # noqa: E402
from translator.tokens import tokenize  # noqa: E402
from vse import export  # noqa: E402
from vse.model import VSE, Architecture  # noqa: E402
from vse.model.text import Pooling  # noqa: E402
from vse.onnx_graph import write_image_onnx, write_text_onnx  # noqa: E402

WORDS = ["a", "dog", "cat", "jumps", "over", "the", "fence", "quickly"]
TEXTS = [
    "the dog jumps over the fence",
    "cat",
    "a zebra jumps, the dog sleeps",  # with words that have no vector
    "zebra",
    "",
    "quickly, quickly over a fence the cat jumps and jumps",
    "dog zebra",
]
WIDTHS = {"en": 6, "de": 9}  # the pivot; a Translator
POOLINGS: tuple[Pooling, ...] = ("max", "mean", "last")
shapes = pytest.mark.parametrize(
    ("pooling", "bidirectional"), [(pooling, both) for pooling in POOLINGS for both in (False, True)]
)
languages = pytest.mark.parametrize("language", WIDTHS)


def made(pooling: Pooling = "max", bidirectional: bool = False) -> VSE:
    """A model of two languages with random weights, biases, means and scales."""
    torch.manual_seed(3)
    rng = np.random.default_rng(5)
    model = VSE(Architecture(7, WIDTHS["en"], 4, 8, pooling, bidirectional), "en")
    for code, width in WIDTHS.items():
        words = WordVectors(WORDS, rng.normal(0.4, 1, (len(WORDS), width)).astype(np.float32))
        layer = Translator(width, WIDTHS["en"], ends="centred")
        model.add_language(code, words, None if code == "en" else layer)
    with torch.no_grad():
        model.text.mean.normal_()
        model.image.linear.bias.normal_()
        for parameter in model.text.gru.parameters():
            parameter.mul_(3)  # gates that are far from one half
    model.image.standardise(torch.randn(7), torch.tensor([0, 0.5, 1, 2, 3, 0.1, 1]))
    return model


def raw(model: VSE, texts: Sequence[str], language: str) -> tuple[Floats, Indices]:
    """Word vectors [n, t, d], looked up one by one, and lengths; rubbish behind the end of a text."""
    table = model.embeddings(language).vectors
    rows = [np.concatenate([table.embed([word]) for word in tokenize(text) or [""]]) for text in texts]
    lengths = np.array([len(row) for row in rows], np.int64)
    vectors = np.full((len(texts), lengths.max(), WIDTHS[language]), np.nan, np.float32)
    for place, row in zip(vectors, rows, strict=True):
        place[: len(row)] = row
    return vectors, lengths


def image_features(n: int = 5) -> Floats:
    return np.random.default_rng(2).normal(size=(n, 7)).astype(np.float32)


def snippet() -> tuple[str, list[str]]:
    """The plain torch in the docstring, and its lines for the poolings ``mean`` and ``last``."""
    code, instead = re.findall(r"::\n\n((?: {4}.*\n|\n)+)", str(export.__doc__))
    return dedent(code), dedent(instead).strip().splitlines()


def replaced(code: str, old: str, new: str) -> str:
    assert code.count(old) == 1
    return code.replace(old, new)


def executed(model: VSE, code: str, language: str) -> dict[str, Any]:
    """What a piece of code names, run where the model's files are."""
    shape = model.architecture
    vectors, lengths = (torch.from_numpy(array) for array in raw(model, TEXTS, language))
    names = {
        "f": shape.features,
        "d": WIDTHS[language],
        "width": shape.width,
        "hidden": shape.hidden,
        "joint": shape.joint,
        "features": torch.from_numpy(image_features()),
        "vectors": vectors,
        "lengths": lengths,
    }
    export.write_image(model, "run.image.safetensors")
    export.write_text(model, language, f"run.{language}.safetensors")
    with torch.no_grad():
        exec(code.replace("run.de.", f"run.{language}."), names)
    return names


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_docstring_encodes_as_the_model_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.chdir(tmp_path)
    model, (code, _) = made(), snippet()
    found = executed(model, code, language)
    np.testing.assert_allclose(found["images"], model.encode_image(image_features()), atol=1e-5)
    np.testing.assert_allclose(found["captions"], model.encode_text(TEXTS, language), atol=1e-5)


@shapes
@languages
def test_the_changes_that_the_docstring_names_suit_other_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pooling: Pooling, bidirectional: bool, language: str
) -> None:
    monkeypatch.chdir(tmp_path)
    model, (code, instead) = made(pooling, bidirectional), snippet()
    if pooling != "max":
        (line,) = re.findall(r"^pooled = .*$", code, re.MULTILINE)
        code = replaced(code, line, instead[["mean", "last"].index(pooling)])
    if bidirectional:
        code = replaced(code, "batch_first=True)\nlayers", "batch_first=True, bidirectional=True)\nlayers")
        code = replaced(code, "Linear(hidden, joint)", "Linear(2 * hidden, joint)")
    found = executed(model, code, language)["captions"]
    np.testing.assert_allclose(found, model.encode_text(TEXTS, language), atol=1e-5)


@languages
def test_metadata_say_what_the_tensors_do_not(tmp_path: Path, language: str) -> None:
    export.write_text(made("mean"), language, tmp_path / "x.safetensors")
    with safe_open(tmp_path / "x.safetensors", "pt") as file:
        assert file.metadata() == {
            "format": "pt",
            "language": language,
            "lowercase": "true",
            "through": "map",
            "pooling": "mean",
        }


def test_the_way_of_the_pivot_takes_its_mean_off() -> None:
    model = made()
    state = export.text_state(model, "en")
    assert torch.equal(state["translator.weight"], torch.eye(6))
    assert torch.equal(state["translator.bias"], -model.text.mean)


def test_files_hold_float32_of_any_model(tmp_path: Path) -> None:
    model = made().double()
    export.write_image(model, tmp_path / "i.safetensors")
    export.write_text(model, "de", tmp_path / "t.safetensors")
    tensors = [
        *load_file(tmp_path / "i.safetensors").values(),
        *load_file(tmp_path / "t.safetensors").values(),
    ]
    assert {tensor.dtype for tensor in tensors} == {torch.float32}


def session(path: Path) -> Any:
    """A graph that onnx finds sound, in onnxruntime."""
    onnx = pytest.importorskip("onnx", reason="the writer of the graphs")
    runtime = pytest.importorskip("onnxruntime", reason="the reader of the graphs")
    onnx.checker.check_model(onnx.load(path), full_check=True)
    return runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


@shapes
@languages
def test_onnx_encodes_texts_as_the_model_does(
    tmp_path: Path, pooling: Pooling, bidirectional: bool, language: str
) -> None:
    pytest.importorskip("onnx", reason="the writer of the graphs")
    model = made(pooling, bidirectional)
    write_text_onnx(model, language, tmp_path / "x.onnx")
    graph = session(tmp_path / "x.onnx")
    for texts in (TEXTS, TEXTS[::-1], *([text] for text in TEXTS)):
        vectors, lengths = raw(model, texts, language)
        (found,) = graph.run(["embeddings"], {"vectors": vectors, "lengths": lengths})
        np.testing.assert_allclose(found, model.encode_text(texts, language), atol=1e-5)
    assert [path.name for path in tmp_path.iterdir()] == ["x.onnx"]


def test_onnx_encodes_images_as_the_model_does(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="the writer of the graphs")
    model = made()
    write_image_onnx(model, tmp_path / "x.onnx")
    graph = session(tmp_path / "x.onnx")
    for features in (image_features(), image_features(1)):
        (found,) = graph.run(["embeddings"], {"features": features})
        np.testing.assert_allclose(found, model.encode_image(features), atol=1e-5)


def test_onnx_keeps_the_digits_of_features_that_vary_little(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="the writer of the graphs")
    model = made()
    model.image.standardise(torch.full((7,), 1000.0), torch.full((7,), 0.1))
    write_image_onnx(model, tmp_path / "x.onnx")
    features = 1000 + image_features() / 10
    (found,) = session(tmp_path / "x.onnx").run(["embeddings"], {"features": features})
    np.testing.assert_allclose(found, model.encode_image(features), atol=1e-5)


def test_training_goes_on_after_an_export(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="the writer of the graphs")
    model = made().train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    write_text_onnx(model, "en", tmp_path / "t.onnx")
    write_image_onnx(model, tmp_path / "i.onnx")
    export.write_text(model, "de", tmp_path / "t.safetensors")
    export.write_image(model, tmp_path / "i.safetensors")
    assert model.training
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


WRITERS: dict[str, Callable[[VSE, str, Path], None]] = {
    "image.safetensors": lambda model, language, path: export.write_image(model, path),
    "text.safetensors": export.write_text,
    "image.onnx": lambda model, language, path: write_image_onnx(model, path),
    "text.onnx": write_text_onnx,
}


@pytest.mark.parametrize("name", ["text.safetensors", "text.onnx"])
def test_an_unknown_language_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="does not know the language 'cs'; it knows en, de"):
        WRITERS[name](made(), "cs", tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", WRITERS)
def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, name: str) -> None:
    if name.endswith("onnx"):
        pytest.importorskip("onnx", reason="the writer of the graphs")
    with pytest.raises(DataError, match="cannot write"):
        WRITERS[name](made(), "en", tmp_path / "nowhere" / name)


@pytest.mark.parametrize("name", ["image.onnx", "text.onnx"])
def test_a_missing_onnx_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingDependencyError, match="ONNX export needs the package 'onnx'") as caught:
        WRITERS[name](made(), "en", tmp_path / name)
    assert caught.value.hint == "Install it with: pip install 'bli-translator[onnx]'"
    assert not list(tmp_path.iterdir())
