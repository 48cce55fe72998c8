"""Which layout a folder has, which splits and languages it holds, and one layout into the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from splits_on_disk import lay, pairs, put, rows_of, same

from translator.errors import DataError
from vse.dataset.layouts import languages_of, load_split, splits_of, write_split


def test_a_language_that_is_not_there(tmp_path: Path) -> None:
    for folder in (
        lay(tmp_path / "a", en="0\ta\n", de="0\ta\n"),
        put(tmp_path / "b", rows_of(1), caps__de="a\n"),
    ):
        with pytest.raises(DataError, match=r"'train' has no captions in it\nLanguages there are: .*de"):
            load_split(folder, "train", ["de", "it"])


@pytest.mark.parametrize("make", [lambda f: lay(f), lambda f: put(f, rows_of(3))], ids=["folders", "precomp"])
def test_images_without_captions(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    folder = make(tmp_path / "data")
    with pytest.raises(DataError, match=r"has no captions\nExpected .*train.cap.*<language>"):
        load_split(folder, "train")
    assert languages_of(folder, "train") == []
    assert np.array_equal(load_split(folder, "train", []).features, rows_of(3))


def test_which_splits_there_are(tmp_path: Path) -> None:
    assert splits_of(tmp_path) == []
    lay(tmp_path, en="0\tfolder\n")
    put(tmp_path, rows_of(3), caps__en="precomp\n" * 3)
    for other in ("dev_ims.npy", "._test_ims.npy", ".hidden/features.npy", "thumbs/x.jpg", "notes.npy"):
        (tmp_path / other).parent.mkdir(exist_ok=True)
        np.save(tmp_path / other, rows_of(1))
    assert splits_of(tmp_path) == ["dev", "train"]
    assert pairs(load_split(tmp_path, "train")) == [("a", "folder")], "the first layout that fits"
    with pytest.raises(DataError) as caught:
        load_split(tmp_path, "test")
    assert "test/features.npy (layout 'folders') or test_ims.npy (layout 'precomp')" in caught.value.message
    assert caught.value.hint == "Splits there are: dev, train."


def test_folders_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for read in (splits_of, lambda folder: load_split(folder, "train"), lambda f: languages_of(f, "train")):
        with pytest.raises(DataError, match="nowhere: no such folder"):
            read(tmp_path / "nowhere")
        with pytest.raises(DataError, match="file: is a file, expected a folder"):
            read(tmp_path / "file")
    with pytest.raises(DataError, match="Splits there are: none"):
        load_split(tmp_path, "train")


def test_one_layout_into_the_other(tmp_path: Path) -> None:
    put(tmp_path / "old", rows_of(3).repeat(2, axis=0), ids="x\nx\ny\ny\nz\nz\n", caps="a\n\nb\nc\nd\ne\n")
    put(tmp_path / "old", caps__de="Z\n  X ü 😀\n", ids__de="z\nx\n")
    split = load_split(tmp_path / "old", "train")
    write_split(split, tmp_path / "deep" / "new")
    assert splits_of(tmp_path / "deep" / "new") == ["train"]
    assert same(load_split(tmp_path / "deep" / "new", "train"), split)
    write_split(load_split(tmp_path / "deep" / "new", "train").only(["de"]), tmp_path / "deep" / "new")
    assert same(load_split(tmp_path / "deep" / "new", "train"), split.only(["de"])), "onto itself"
