"""Damaged and hostile alignment folders: each is refused in words, none with a traceback of ours."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from toys import saved_alignment

from translator.alignment import Alignment
from translator.errors import DataError, FormatError
from translator.files import identity


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return saved_alignment(tmp_path)


HOSTILE_CONFIGS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no object": lambda config: [config],
    "no format": lambda config: config.pop("format"),
    "a format in words": lambda config: config.update(format="one"),
    "no source": lambda config: config.pop("source"),
    "a target in words": lambda config: config.update(target="de"),
    "no path": lambda config: config["source"].pop("path"),
    "a path of numbers": lambda config: config["source"].update(path=[7]),
    "no hash": lambda config: config["target"].pop("sha256"),
    "a limit in words": lambda config: config["target"].update(limit="many"),
    "a normalisation in words": lambda config: config["source"].update(normalization="center"),
    "a limit of nothing": lambda config: config["target"].update(limit=0),
    "a limit of less than nothing": lambda config: config["target"].update(limit=-5),
    "no words": lambda config: config["source"].update(words=0),
    "no neighbours": lambda config: config.update(csls_k=0),
    "true neighbours": lambda config: config.update(csls_k=True),
    "a sample of nothing": lambda config: config.update(csls_sample=-1),
}


@pytest.mark.parametrize("damage", HOSTILE_CONFIGS.values(), ids=HOSTILE_CONFIGS)
def test_a_hostile_config(folder: Path, damage: Callable[[dict[str, Any]], Any]) -> None:
    config = json.loads((folder / "config.json").read_text())
    changed = damage(config)
    (folder / "config.json").write_text(json.dumps(changed if isinstance(changed, list) else config))
    with pytest.raises(FormatError, match=r"config\.json"):
        Alignment.from_pretrained(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"limit": 99}, "made of 100 source words, of which .* gives 99"),
        ({"words": 99}, r"config\.json and model\.safetensors do not belong together"),
        ({"words": 121, "limit": None}, "made of 121 source words, of which .* gives 120"),
    ],
)
def test_a_config_that_does_not_fit_the_vectors(change: dict[str, Any], message: str, folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["source"].update(change)
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(FormatError, match=message):
        Alignment.from_pretrained(folder)


def test_means_of_another_vocabulary(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    save_file({**tensors, "target.means": tensors["target.means"][1:].copy()}, folder / "model.safetensors")
    with pytest.raises(FormatError, match=r"config\.json and model\.safetensors do not belong together"):
        Alignment.from_pretrained(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"null", b"[" * 100_000])
def test_a_config_that_is_no_json(folder: Path, content: bytes) -> None:
    (folder / "config.json").write_bytes(content)
    with pytest.raises(FormatError, match=r"config\.json: (cannot be read as JSON|expected a JSON object)"):
        Alignment.from_pretrained(folder)


def test_a_newer_format_and_an_unknown_recipe(folder: Path) -> None:
    text = (folder / "config.json").read_text()
    (folder / "config.json").write_text(text.replace('"format": 1', '"format": 2'))
    with pytest.raises(FormatError, match="format 2, expected at most 1"):
        Alignment.from_pretrained(folder)
    (folder / "config.json").write_text(
        text.replace('"normalization": [\n      "center"', '"normalization": [\n      "whiten"')
    )
    with pytest.raises(DataError, match="unknown normalisation step 'whiten'"):
        Alignment.from_pretrained(folder)


HOSTILE_TENSORS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no matrix": lambda tensors: tensors.pop("source.matrix"),
    "no means": lambda tensors: tensors.pop("target.means"),
    "a flat matrix": lambda tensors: tensors.update({"source.matrix": np.zeros(8, np.float32)}),
    "a scalar": lambda tensors: tensors.update({"source.matrix": np.array(1, np.float32)}),
    "whole numbers": lambda tensors: tensors.update({"source.matrix": np.zeros((8, 8), np.int64)}),
    "not a number": lambda tensors: tensors.update({"target.means": np.full(100, np.nan, np.float32)}),
    "too few means": lambda tensors: tensors.update({"target.means": np.zeros(5, np.float32)}),
    "another width": lambda tensors: tensors.update({"source.matrix": np.zeros((8, 3), np.float32)}),
    "no mean of the recipe": lambda tensors: tensors.pop("source.mean.0"),
    "another map": lambda tensors: tensors.update(
        {"source.matrix": np.zeros((5, 8), np.float32), "source.mean.0": np.zeros(5, np.float32)}
    ),
}


@pytest.mark.parametrize("damage", HOSTILE_TENSORS.values(), ids=HOSTILE_TENSORS)
def test_hostile_tensors(folder: Path, damage: Callable[[dict[str, Any]], Any]) -> None:
    tensors = load_file(folder / "model.safetensors")
    damage(tensors)
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(DataError):
        Alignment.from_pretrained(folder)


@pytest.mark.parametrize("size", [None, 0, 7, 200])
def test_tensors_that_are_missing_or_cut_off(folder: Path, size: int | None) -> None:
    file = folder / "model.safetensors"
    content = file.read_bytes()
    file.unlink()
    if size is not None:
        file.write_bytes(content[:size])
    with pytest.raises(FormatError, match=r"model\.safetensors: cannot be read") as caught:
        Alignment.from_pretrained(folder)
    assert caught.value.hint == "Align again."


def test_tensors_of_a_type_that_numpy_lacks(folder: Path) -> None:
    header = json.dumps({"x": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}).encode()
    content = len(header).to_bytes(8, "little") + header + b"\0\0"
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(FormatError):
        Alignment.from_pretrained(folder)


class Code:
    """What a pickle can do when it is opened."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


def test_a_pickle_that_only_the_folder_names_is_not_opened(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("gensim", reason="only gensim reads its pickles")
    evil = folder / "vectors.kv"
    evil.write_bytes(pickle.dumps(Code(tmp_path / "trace")))
    config = json.loads((folder / "config.json").read_text())
    config["source"].update(path=evil.name, **identity(evil))
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(DataError, match="a Python pickle, which can run any code") as caught:
        Alignment.from_pretrained(folder)
    assert "source_vectors" in caught.value.hint and not (tmp_path / "trace").exists()
    with pytest.raises(FormatError, match="gensim cannot load it"):
        Alignment.from_pretrained(folder, source=evil)
    assert (tmp_path / "trace").exists(), "the test above must be able to fail"
