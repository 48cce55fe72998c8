"""A run on another device: it learns what one on the CPU learns, and ends the same each time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from runs import QUICK, RICH, assert_same, learn, splits, weights

from vse.model import VSE

GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
TF32 = 1e-3  # the library's GRU multiplies in it
PLAIN = replace(RICH, dropout=0, word_dropout=0, epochs=1)


@pytest.fixture(scope="module")
def on_gpu(words: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gpu") / "run"
    learn(words, folder, replace(RICH, device="cuda"))
    return folder


@GPU
def test_an_epoch_is_that_of_the_cpu(words: Path, tmp_path: Path) -> None:
    for device in ("cpu", "cuda"):
        learn(words, tmp_path / device, replace(PLAIN, device=device))
    expected, found = weights(tmp_path / "cpu"), weights(tmp_path / "cuda")
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, atol=1e-3, rtol=1e-3, msg=name)


@GPU
def test_the_same_bytes_each_time(words: Path, on_gpu: Path, tmp_path: Path) -> None:
    learn(words, tmp_path / "again", replace(RICH, device="cuda"))
    assert_same(tmp_path / "again", on_gpu)


@GPU
def test_resumed_to_the_same_bytes(words: Path, on_gpu: Path, tmp_path: Path) -> None:
    def report(entry: dict[str, object]) -> None:
        if entry["epoch"] == 3:
            raise KeyboardInterrupt

    options = replace(RICH, device="cuda")
    with pytest.raises(KeyboardInterrupt):
        learn(words, tmp_path / "run", options, report=report)
    learn(words, tmp_path / "run", options, resume=True)
    assert_same(tmp_path / "run", on_gpu)


@GPU
def test_a_model_encodes_on_either_device_alike(words: Path, tmp_path: Path) -> None:
    learn(words, tmp_path / "run", replace(QUICK, device="cuda"))
    data, models = splits(("en", "de"))[1], [VSE.from_pretrained(tmp_path / "run") for _ in range(2)]
    models[1].to("cuda")
    for language in ("en", "de"):
        texts = [model.encode_text(data.captions[language].texts, language) for model in models]
        np.testing.assert_allclose(*texts, atol=TF32)
    np.testing.assert_allclose(*(model.encode_image(data.features) for model in models), atol=TF32)
