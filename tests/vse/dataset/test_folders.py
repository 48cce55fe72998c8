"""The layout of folders: read, what a person may get wrong in it, and written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from splits_on_disk import lay, pairs, rows_of, same

from translator.errors import DataError, FormatError
from vse.dataset import Captions, Split
from vse.dataset.layouts import languages_of, load_split, write_split


def test_folders_hold_captions_in_any_number_and_order(tmp_path: Path) -> None:
    en = "2\tx\tsecond  row\n0\tx\tfirst\n\n2\ty\ttab\there\n"
    lay(tmp_path, en=en)
    (tmp_path / "train" / "captions.pt-BR.tsv").write_text("1\tum cão \n", "utf-8")
    split = load_split(tmp_path, "train")
    assert (split.name, split.ids) == ("train", ["a", "b", "c"])
    assert pairs(split) == [("a", "first"), ("c", "second  row"), ("c", "tab\there")]
    assert pairs(split, "pt-BR") == [("b", "um cão")]
    assert languages_of(tmp_path, "train") == ["en", "pt-BR"] == list(split.captions)
    assert isinstance(split.features, np.memmap) and not split.features.flags.writeable
    assert np.array_equal(split.features, rows_of(3))


def test_captions_of_an_image_stay_in_their_order(tmp_path: Path) -> None:
    split = load_split(lay(tmp_path, en="".join(f"{n % 3}\t{n}\n" for n in range(300))), "train")
    assert pairs(split) == [("abc"[row], str(n)) for row in range(3) for n in range(row, 300, 3)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0\tx\ta\n1 b\n", r"captions.en.tsv:2: no tab in '1 b'"),
        ("0\tx\ta\n3\tx\tb\n", r":2: row 3, but there are 3 images"),
        ("-1\tx\ta\n", r":1: '-1' is no row"),
        ("row\tsource\tcaption\n", r":1: 'row' is no row"),
        ("\u0661\tx\ta\n", r":1: '\u0661' is no row"),
        ("9" * 5000 + "\ta\n", r":1: '9{40}' is no row"),
        ("0\tx\t \n", r":1: the caption is blank"),
        ("0\t\n", r":1: the caption is blank"),
        ("\n\n", "holds no caption"),
        ("", "is empty"),
    ],
)
def test_captions_that_cannot_be_read(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        load_split(lay(tmp_path, en=text), "train")


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ("a\nb\n", "ids.txt: 2 ids, but there are 3 images"),
        ("a\na\nb\nb\nc\nc\n", "6 ids, but there are 3 images"),
        ("a\nb\na\n", "ids.txt:3: the id 'a' is that of line 1"),
        ("a\n\nc\n", "ids.txt:2: blank"),
    ],
)
def test_ids_that_do_not_fit(tmp_path: Path, ids: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        load_split(lay(tmp_path, ids=ids, en="0\ta\n"), "train")


def test_ids_that_are_missing(tmp_path: Path) -> None:
    (lay(tmp_path, en="0\ta\n") / "train" / "ids.txt").unlink()
    with pytest.raises(DataError, match=r"ids.txt: no such file"):
        load_split(tmp_path, "train")


line = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\r\n\0"), min_size=1)
text = line.map(str.strip).filter(bool)


@given(
    st.lists(text, min_size=1, max_size=5, unique=True),
    st.lists(st.tuples(st.integers(0, 4), text), min_size=1),
    st.sampled_from([np.float16, np.float32, np.float64]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_there_and_back(
    tmp_path: Path, ids: list[str], captions: list[tuple[int, str]], dtype: type[np.floating[Any]]
) -> None:
    captions = sorted((row % len(ids), caption) for row, caption in captions)
    some = Captions([caption for _, caption in captions], np.array([row for row, _ in captions]))
    split = Split("train", ids, rows_of(len(ids)).astype(dtype), {"en": some})
    write_split(split, tmp_path)
    assert same(load_split(tmp_path, "train"), split)


def test_line_breaks_within_captions_become_spaces(tmp_path: Path) -> None:
    broken = Captions(["one\r\nand\ttwo"], np.array([0]))
    write_split(Split("train", ["a"], rows_of(1), {"en": broken}), tmp_path)
    assert pairs(load_split(tmp_path, "train")) == [("a", "one and two")]


def test_writing_loses_nothing_else(tmp_path: Path) -> None:
    split = Split("train", ["a"], rows_of(1), {"en": Captions(["a", "b \ud800"], np.array([0, 0]))})
    with pytest.raises(
        DataError, match=r"captions.en.tsv:2 cannot be written: '\\ud800' is no valid Unicode"
    ):
        write_split(split, tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "thesis.tex").touch()
    with pytest.raises(DataError, match="holds something other than a split"):
        write_split(split, tmp_path)
    assert [path.name for path in (tmp_path / "train").iterdir()] == ["thesis.tex"]
    with pytest.raises(DataError, match=r"cannot write .*thesis\.tex"):
        write_split(split, tmp_path / "train" / "thesis.tex")
