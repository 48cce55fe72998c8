"""The precomp layout: how lines, ids and repeated features find their images; counts that do not fit."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from splits_on_disk import pairs, put, rows_of

from translator.errors import DataError, FormatError
from vse.dataset import precomp
from vse.dataset.layouts import languages_of, load_split
from vse.dataset.precomp import repeats


def test_lines_follow_the_images(tmp_path: Path) -> None:
    put(tmp_path, rows_of(2), caps__en="a1\na2\n\nb1\n\n\n", caps__de="A\nB\n", ids="x\ny\n")
    split = load_split(tmp_path, "train", ["en", "de"])
    assert pairs(split, "en") == [("x", "a1"), ("x", "a2"), ("y", "b1")]
    assert pairs(split, "de") == [("x", "A"), ("y", "B")]
    assert list(split.captions) == ["en", "de"]


def test_images_without_ids_are_numbered(tmp_path: Path) -> None:
    assert load_split(put(tmp_path, rows_of(3), caps="a\nb\nc\n"), "train").ids == ["0", "1", "2"]


def test_languages_that_caption_different_images(tmp_path: Path) -> None:
    put(tmp_path, rows_of(3), ids="x\ny\nz\n", caps__en="x\ny\nz\n")
    put(tmp_path, caps__de="Z1\nX\n\nZ2\n", ids__de="z\nx\ny\nz\n")
    split = load_split(tmp_path, "train")
    assert pairs(split, "de") == [("x", "X"), ("z", "Z1"), ("z", "Z2")]
    assert pairs(split, "en") == [("x", "x"), ("y", "y"), ("z", "z")]


@pytest.mark.parametrize("repeated_ids", [True, False])
def test_repeated_features_are_one_image(
    tmp_path: Path, repeated_ids: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    images, captions = rows_of(4), [f"{i}" for i in range(20)]
    ids = "".join(f"{name}\n" * (5 if repeated_ids else 1) for name in "wxyz")
    put(
        tmp_path,
        images.repeat(5, axis=0),
        caps="\n".join(captions) + "\n",
        ids=ids,
        caps__de="A\nB\nC\nD\n",
    )
    split = load_split(tmp_path, "train")
    assert np.array_equal(split.features, images) and not split.features.flags.owndata
    assert split.ids == list("wxyz")
    assert pairs(split) == [("wxyz"[i // 5], f"{i}") for i in range(20)]
    assert pairs(split, "de") == list(zip("wxyz", "ABCD", strict=True))
    assert "each image is repeated 5 times: 4 images" in caplog.text


def test_an_id_for_each_caption_line(tmp_path: Path) -> None:
    put(tmp_path, rows_of(3), caps="a\nb\nc\nd\ne\nf\n", ids="x\nx\ny\ny\nz\nz\n")
    assert pairs(load_split(tmp_path, "train"))[1:3] == [("x", "b"), ("y", "c")]


def test_images_that_differ_are_not_one(tmp_path: Path) -> None:
    features = rows_of(4).repeat([2, 2, 1, 1], axis=0)
    split = load_split(put(tmp_path, features, caps="a\n" * 6), "train")
    assert len(split) == 6 and np.array_equal(split.features, features)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=24), st.integers(1, 4), st.integers(1, 40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_repeats_against_a_plain_loop(
    monkeypatch: pytest.MonkeyPatch, values: list[int], times: int, block: int
) -> None:
    values = [value for value in values for _ in range(times)]

    def fits(k: int) -> bool:
        groups = [values[top : top + k] for top in range(0, len(values), k)]
        return len(values) % k == 0 and all(len(set(group)) == 1 for group in groups)

    monkeypatch.setattr(precomp, "BLOCK", block)
    features = np.array([[1, value] for value in values], np.float32)
    assert repeats(features) == max(filter(fits, range(1, len(values) + 1)))


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"caps": "a\n" * 7}, "train_caps.txt: 7 lines for 3 images, expected the same number"),
        ({"caps": "a\n" * 2}, "2 lines for 3 images"),
        ({"caps": "\n" * 6}, "holds no caption"),
        ({"caps": "a\n" * 3, "ids": "x\ny\n"}, "train_ids.txt: 2 ids, but there are 3 images"),
        ({"caps": "a\n" * 3, "ids": "x\ny\nz\nw\n"}, "4 ids, but there are 3 images"),
        ({"caps": "a\n" * 3, "ids": "x\ny\nx\n"}, "train_ids.txt:3: the id 'x' is that of line 1"),
        ({"caps": "a\n" * 6, "ids": "x\nx\ny\ny\nx\nx\n"}, ":5: the id 'x' is that of line 1"),
        ({"caps": "a\n" * 6, "ids": "x\nx\ny\nz\nz\nz\n"}, ":4: the id 'z', but line 3 has 'y'"),
        (
            {"caps__de": "a\nb\n", "ids__de": "0\n"},
            "train_ids.de.txt: 1 ids, but 2 captions in train_caps.de",
        ),
        ({"caps__de": "a\nb\n", "ids__de": "0\n3\n"}, "train_ids.de.txt:2: no image has the id '3'"),
    ],
)
def test_counts_that_do_not_fit(tmp_path: Path, texts: dict[str, str], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        load_split(put(tmp_path, rows_of(3), **texts), "train")


def test_captions_of_no_named_language(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    put(tmp_path, rows_of(1), caps="a\n")
    assert languages_of(tmp_path, "train") == ["en"]
    assert list(load_split(tmp_path, "train").captions) == ["en"]
    assert list(load_split(tmp_path, "train", ["de"]).captions) == ["de"], "the only file, and one asked for"
    with pytest.raises(DataError, match="no captions in de"):
        load_split(tmp_path, "train", ["de", "en"])
    put(tmp_path, caps__fr="A\n")
    assert languages_of(tmp_path, "train") == ["en", "fr"]
    with pytest.raises(DataError, match="no captions in de"):
        load_split(tmp_path, "train", ["de"])
    assert "ignored" not in caplog.text
    put(tmp_path, caps__en="named\n")
    assert pairs(load_split(tmp_path, "train")) == [("0", "named")]
    assert "train_caps.txt: ignored, because train_caps.en.txt exists" in caplog.text
