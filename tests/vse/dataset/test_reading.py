"""Text and features as layouts read them: the forms that are tolerated, and damaged files."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from listening import reporting
from splits_on_disk import Array, lay, pairs, put, rows_of

from translator.errors import FormatError
from vse.dataset import reading
from vse.dataset.layouts import load_split


def test_byte_order_marks_and_crlf_are_tolerated(tmp_path: Path) -> None:
    lay(tmp_path, ids="\ufeffa\r\nb\r\nc", en="\ufeff0\tx\tone\r\n1\tx\ttwo")
    split = load_split(tmp_path, "train")
    assert split.ids == ["a", "b", "c"] and pairs(split) == [("a", "one"), ("b", "two")]


def test_only_line_feeds_end_lines(tmp_path: Path) -> None:
    text = "one\u2028still one\x85and\x0con\rand on"
    split = load_split(put(tmp_path, rows_of(2), caps__en=f"{text}\ntwo\n"), "train")
    assert split.captions["en"].texts == [text, "two"]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_line_that_is_not_utf8(tmp_path: Path, mark: bytes) -> None:
    put(tmp_path, rows_of(3), caps__de="")
    (tmp_path / "train_caps.de.txt").write_bytes(mark + b"ein\nzwei\n\xfcber\n")
    with pytest.raises(FormatError, match=r"train_caps.de.txt:3: not UTF-8"):
        load_split(tmp_path, "train")


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (np.zeros((3, 4), np.int32), "must be float16, float32 or float64, not int32"),
        (np.zeros((3, 0)), "hold no number"),
        (np.zeros((0, 3)), "hold no number"),
        (np.zeros(3), "must be a matrix"),
        (np.array([[{}]], object), "cannot be read as .npy"),
    ],
)
def test_features_that_are_none(tmp_path: Path, features: Array, message: str) -> None:
    with pytest.raises(FormatError, match=f"train_ims.npy: .*{message}"):
        load_split(put(tmp_path, features, caps="a\nb\nc\n"), "train")


@pytest.mark.parametrize("value", [np.nan, -np.inf, 1e39])
def test_the_row_that_is_not_finite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: float) -> None:
    monkeypatch.setattr(reading, "BLOCK", 400)
    features = rows_of(50).astype(np.float64)
    features[37, 2] = value
    seen: list[tuple[str, int, int]] = []
    with (
        reporting(lambda *report: seen.append(report)),
        pytest.raises(FormatError, match=r"train_ims.npy: row 37 .* not finite"),
    ):
        load_split(put(tmp_path, features, caps="a\n" * 50), "train")
    assert seen[1] == ("checking train_ims.npy", 1, 4)


def test_damaged_features(tmp_path: Path) -> None:
    put(tmp_path, rows_of(20), caps="a\n" * 20)
    whole = (tmp_path / "train_ims.npy").read_bytes()
    assert len(load_split(tmp_path, "train")) == 20
    for damaged in (*(whole[:size] for size in (0, 5, 8, 40, 127, 128, len(whole) - 1)), b"x" * 400):
        (tmp_path / "train_ims.npy").write_bytes(damaged)
        with pytest.raises(FormatError, match=r"train_ims.npy: cannot be read as .npy"):
            load_split(tmp_path, "train")


def test_an_archive_is_no_array(tmp_path: Path) -> None:
    put(tmp_path, caps="a\n")
    with (tmp_path / "train_ims.npy").open("wb") as stream:
        np.savez(stream, rows_of(1))
    with pytest.raises(FormatError, match=r"an \.npz archive"):
        load_split(tmp_path, "train")


def test_features_of_regions_and_the_hint_that_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    regions = np.random.default_rng(0).random((4, 36, 5)).astype(np.float32)
    put(tmp_path, regions, caps="a\n" * 4)
    with pytest.raises(FormatError, match=r"regions, shape \(4, 36, 5\)") as caught:
        load_split(tmp_path, "train")
    command = re.search(r"np\.save\(.*\)(?=;)", caught.value.hint)
    assert command is not None
    monkeypatch.chdir(tmp_path)
    exec(command[0], {"np": np})
    Path("averaged.npy").replace("train_ims.npy")
    np.testing.assert_allclose(load_split(tmp_path, "train").features, regions.mean(axis=1), rtol=1e-6)
