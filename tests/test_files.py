"""Files as they are read, and known by their content."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from translator.errors import DataError, FormatError
from translator.files import existing, fingerprint, json_of, read_safetensors


@pytest.mark.parametrize("text", ["", "[1]", "{", "[" * 100_000, "\udcff"])
def test_what_is_no_json_object_is_an_empty_one(text: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert json_of(tmp_path / "file") == {} == json_of(tmp_path / "none") == json_of(tmp_path)


def test_fingerprint_is_sha256(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\x00content\xff" * 100_000)
    assert fingerprint(tmp_path / "file") == hashlib.sha256(b"\x00content\xff" * 100_000).hexdigest()


def test_existing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert existing(str(tmp_path / "file")) == tmp_path / "file"
    with pytest.raises(DataError, match="none: no such file"):
        existing(tmp_path / "none")
    with pytest.raises(DataError, match="is a folder, expected a file"):
        existing(tmp_path)


TENSORS: dict[str, Any] = {
    "matrix": np.arange(6, dtype=np.float32).reshape(2, 3),
    "empty": np.empty((0, 3), np.float32),
    "half": np.array([0.5], np.float16),
    "counts": np.array([1, 2], np.int64),
}


@pytest.mark.parametrize("mapped", [False, True])
def test_tensors_and_metadata_of_a_safetensors_file(mapped: bool, tmp_path: Path) -> None:
    save_file(TENSORS, tmp_path / "x.safetensors", {"made": "by a test"})
    tensors, metadata = read_safetensors(tmp_path / "x.safetensors", mapped=mapped)
    assert metadata == {"made": "by a test"} and tensors.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert tensors[name].dtype == tensor.dtype
        np.testing.assert_array_equal(tensors[name], tensor)
    assert isinstance(tensors["matrix"].base, np.memmap) == mapped


def test_a_safetensors_file_without_metadata(tmp_path: Path) -> None:
    save_file(TENSORS, tmp_path / "x.safetensors")
    assert read_safetensors(tmp_path / "x.safetensors")[1] == {}


def test_bfloat16_is_read_as_torch_tensors_only(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    header = json.dumps({"x": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}).encode()
    (tmp_path / "x").write_bytes(struct.pack("<Q", len(header)) + header + b"\x80\x3f\x00\x40")
    tensors, _ = read_safetensors(tmp_path / "x", framework="pt")
    assert tensors["x"].tolist() == [1.0, 2.0]
    pytest.importorskip("ml_dtypes", reason="teaches numpy bfloat16 once it is imported")
    with pytest.raises(FormatError, match=r"x: cannot be read as \.safetensors"):
        read_safetensors(tmp_path / "x")


@pytest.mark.parametrize("content", [None, b"", b"\x00" * 40, b"\xff" * 40])
def test_a_missing_or_damaged_safetensors_file(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "x").write_bytes(content)
    with pytest.raises(FormatError, match=r"x: cannot be read as \.safetensors") as caught:
        read_safetensors(tmp_path / "x", hint="Align again.")
    assert caught.value.hint == "Align again."
