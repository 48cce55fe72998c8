"""Files as they are read, and known by their content."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from translator.errors import DataError
from translator.files import existing, fingerprint, json_of


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
