"""Exported branches, in plain torch and in onnxruntime, against the model itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
import onnxruntime
import pytest
import torch
from pictures import WIDTH, made_split, made_vectors, saved_translator, word
from torch import nn

from translator.vectors import Floats, Indices
from vse import export
from vse.embeddings import Embeddings
from vse.export import write_image, write_text
from vse.model import VSE, Architecture
from vse.onnx_graph import write_image_onnx, write_text_onnx
from vse.recipes import read_language
from vse.text import Pooling

FEATURES, HIDDEN, JOINT = 12, 7, 6


def model_of(folder: Path, **shape: Any) -> VSE:
    torch.manual_seed(0)
    model = VSE(Architecture(FEATURES, WIDTH, HIDDEN, JOINT, **shape), "en")
    source = Embeddings.open("en", made_vectors("en"))
    model.text.mean.copy_(torch.from_numpy(source.mean()))
    model.add_language("en", source, None)
    read_language(model, "de", made_vectors("de"), saved_translator(folder))
    model.image.standardise(torch.rand(FEATURES), torch.rand(FEATURES) + 0.5)
    return model.eval()


def texts(language: str) -> list[str]:
    return [" ".join(word(language, n) for n in range(size)) + " strange" for size in (1, 6, 3)]


def raw(language: str, some: list[str]) -> tuple[Floats, Indices]:
    """Vectors [n, t, d] and lengths [n] as a caller has them."""
    lengths = np.array([len(text.split()) for text in some])
    vectors = np.zeros((len(some), lengths.max(), WIDTH), np.float32)
    for place, text in enumerate(some):
        vectors[place, : lengths[place]] = made_vectors(language).embed(text.split())
    return vectors, lengths


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("pooling", get_args(Pooling))
def test_onnx_gives_what_the_model_gives(
    tmp_path: Path, language: str, bidirectional: bool, pooling: Pooling
) -> None:
    model = model_of(tmp_path, pooling=pooling, bidirectional=bidirectional)
    write_text_onnx(model, language, tmp_path / "text.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "text.onnx")
    for some in (texts(language), texts(language)[:1]):
        vectors, lengths = raw(language, some)
        found = session.run(None, {"vectors": vectors, "lengths": lengths})[0]
        assert np.allclose(found, model.encode_text(some, language), atol=1e-5)
    write_image_onnx(model, tmp_path / "image.onnx")
    features = made_split().features
    found = onnxruntime.InferenceSession(tmp_path / "image.onnx").run(None, {"features": features})[0]
    assert np.allclose(found, model.encode_image(features), atol=1e-5)


def test_the_lines_of_the_docstring_are_all_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of(tmp_path)
    write_image(model, tmp_path / "run.image.safetensors")
    write_text(model, "de", tmp_path / "run.de.safetensors")
    monkeypatch.chdir(tmp_path)
    block = (export.__doc__ or "").split("::\n\n")[1].split("\n\nA text")[0]
    lines = "\n".join(line.removeprefix("    ") for line in block.splitlines())
    vectors, lengths = raw("de", texts("de"))
    names: dict[str, Any] = {"f": FEATURES, "joint": JOINT, "d": WIDTH, "width": WIDTH, "hidden": HIDDEN}
    names |= {"vectors": torch.from_numpy(vectors), "lengths": torch.from_numpy(lengths)}
    names |= {"features": torch.from_numpy(made_split().features), "nn": nn}
    with torch.no_grad():
        exec(lines, names)
    assert np.allclose(names["captions"], model.encode_text(texts("de"), "de"), atol=1e-5)
    assert np.allclose(names["pictures"], model.encode_image(made_split().features), atol=1e-5)
