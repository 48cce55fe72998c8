"""Both layouts read, each into the other, and what a person may get wrong in them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from translator.errors import DataError, FormatError
from translator.progress import reporting
from vse import precomp, reading
from vse.dataset import Captions, Split
from vse.layouts import languages_of, load_split, splits_of, write_split
from vse.precomp import repeats

Array = npt.NDArray[Any]


def rows_of(n: int, width: int = 3) -> Array:
    return np.random.default_rng(n).random((n, width)).astype(np.float16)


def put(folder: Path, features: Array | None = None, **texts: str) -> Path:
    """A folder with ``train_ims.npy`` and text files; ``__`` in a name stands for the dot of its language."""
    folder.mkdir(exist_ok=True)
    if features is not None:
        np.save(folder / "train_ims.npy", features)
    for name, text in texts.items():
        (folder / f"train_{name.replace('__', '.')}.txt").write_bytes(text.encode())
    return folder


def lay(folder: Path, features: Array | None = None, ids: str = "a\nb\nc\n", **captions: str) -> Path:
    """A folder with the split ``train`` as a folder."""
    place = folder / "train"
    place.mkdir(parents=True)
    np.save(place / "features.npy", rows_of(3) if features is None else features)
    (place / "ids.txt").write_bytes(ids.encode())
    for language, text in captions.items():
        (place / f"captions.{language}.tsv").write_bytes(text.encode())
    return folder


def pairs(split: Split, language: str = "en") -> list[tuple[str, str]]:
    """Id of the picture and text of each caption."""
    captions = split.captions[language]
    return [(split.ids[row], text) for row, text in zip(captions.images, captions.texts, strict=True)]


# Folders


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


def test_captions_of_a_picture_stay_in_their_order(tmp_path: Path) -> None:
    split = load_split(lay(tmp_path, en="".join(f"{n % 3}\t{n}\n" for n in range(300))), "train")
    assert pairs(split) == [("abc"[row], str(n)) for row in range(3) for n in range(row, 300, 3)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0\tx\ta\n1 b\n", r"captions.en.tsv:2: no tab in '1 b'"),
        ("0\tx\ta\n3\tx\tb\n", r":2: row 3, but there are 3 pictures"),
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
        ("a\nb\n", "ids.txt: 2 ids, but there are 3 pictures"),
        ("a\na\nb\nb\nc\nc\n", "6 ids, but there are 3 pictures"),
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


# Text of both


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


# Features


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


@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_the_row_that_is_not_finite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: float) -> None:
    monkeypatch.setattr(reading, "BLOCK", 100)
    features = rows_of(50)
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


# Precomp


def test_lines_follow_the_pictures(tmp_path: Path) -> None:
    put(tmp_path, rows_of(2), caps__en="a1\na2\n\nb1\n\n\n", caps__de="A\nB\n", ids="x\ny\n")
    split = load_split(tmp_path, "train", ["en", "de"])
    assert pairs(split, "en") == [("x", "a1"), ("x", "a2"), ("y", "b1")]
    assert pairs(split, "de") == [("x", "A"), ("y", "B")]
    assert list(split.captions) == ["en", "de"]


def test_pictures_without_ids_are_numbered(tmp_path: Path) -> None:
    assert load_split(put(tmp_path, rows_of(3), caps="a\nb\nc\n"), "train").ids == ["0", "1", "2"]


def test_languages_that_caption_different_pictures(tmp_path: Path) -> None:
    put(tmp_path, rows_of(3), ids="x\ny\nz\n", caps__en="x\ny\nz\n")
    put(tmp_path, caps__de="Z1\nX\n\nZ2\n", ids__de="z\nx\ny\nz\n")
    split = load_split(tmp_path, "train")
    assert pairs(split, "de") == [("x", "X"), ("z", "Z1"), ("z", "Z2")]
    assert pairs(split, "en") == [("x", "x"), ("y", "y"), ("z", "z")]


@pytest.mark.parametrize("repeated_ids", [True, False])
def test_repeated_features_are_one_picture(
    tmp_path: Path, repeated_ids: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    pictures, captions = rows_of(4), [f"{i}" for i in range(20)]
    ids = "".join(f"{name}\n" * (5 if repeated_ids else 1) for name in "wxyz")
    put(
        tmp_path,
        pictures.repeat(5, axis=0),
        caps="\n".join(captions) + "\n",
        ids=ids,
        caps__de="A\nB\nC\nD\n",
    )
    split = load_split(tmp_path, "train")
    assert np.array_equal(split.features, pictures) and not split.features.flags.owndata
    assert split.ids == list("wxyz")
    assert pairs(split) == [("wxyz"[i // 5], f"{i}") for i in range(20)]
    assert pairs(split, "de") == list(zip("wxyz", "ABCD", strict=True))
    assert "each picture is there 5 times: 4 pictures" in caplog.text


def test_an_id_for_each_caption_line(tmp_path: Path) -> None:
    put(tmp_path, rows_of(3), caps="a\nb\nc\nd\ne\nf\n", ids="x\nx\ny\ny\nz\nz\n")
    assert pairs(load_split(tmp_path, "train"))[1:3] == [("x", "b"), ("y", "c")]


def test_pictures_that_differ_are_not_one(tmp_path: Path) -> None:
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
        ({"caps": "a\n" * 7}, "train_caps.txt: 7 lines for 3 pictures, expected the same number"),
        ({"caps": "a\n" * 2}, "2 lines for 3 pictures"),
        ({"caps": "\n" * 6}, "holds no caption"),
        ({"caps": "a\n" * 3, "ids": "x\ny\n"}, "train_ids.txt: 2 ids, but there are 3 pictures"),
        ({"caps": "a\n" * 3, "ids": "x\ny\nz\nw\n"}, "4 ids, but there are 3 pictures"),
        ({"caps": "a\n" * 3, "ids": "x\ny\nx\n"}, "train_ids.txt:3: the id 'x' is that of line 1"),
        ({"caps": "a\n" * 6, "ids": "x\nx\ny\ny\nx\nx\n"}, ":5: the id 'x' is that of line 1"),
        ({"caps": "a\n" * 6, "ids": "x\nx\ny\nz\nz\nz\n"}, ":4: the id 'z', but line 3 has 'y'"),
        (
            {"caps__de": "a\nb\n", "ids__de": "0\n"},
            "train_ids.de.txt: 1 ids, but 2 captions in train_caps.de",
        ),
        ({"caps__de": "a\nb\n", "ids__de": "0\n3\n"}, "train_ids.de.txt:2: no picture has the id '3'"),
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
    assert "left out" not in caplog.text
    put(tmp_path, caps__en="named\n")
    assert pairs(load_split(tmp_path, "train")) == [("0", "named")]
    assert "train_caps.txt: left out, as train_caps.en.txt is there" in caplog.text


# Which layout, and into the other


def test_a_language_that_is_not_there(tmp_path: Path) -> None:
    for folder in (
        lay(tmp_path / "a", en="0\ta\n", de="0\ta\n"),
        put(tmp_path / "b", rows_of(1), caps__de="a\n"),
    ):
        with pytest.raises(DataError, match=r"'train' has no captions in it\nLanguages there are: .*de"):
            load_split(folder, "train", ["de", "it"])


@pytest.mark.parametrize("make", [lambda f: lay(f), lambda f: put(f, rows_of(3))], ids=["folders", "precomp"])
def test_pictures_without_captions(tmp_path: Path, make: Callable[[Path], Path]) -> None:
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


def same(one: Split, other: Split) -> bool:
    assert list(one.ids) == list(other.ids) and one.name == other.name
    assert one.features.dtype == other.features.dtype and np.array_equal(one.features, other.features)
    assert sorted(one.captions) == sorted(other.captions)
    return all(pairs(one, language) == pairs(other, language) for language in one.captions)


def test_one_layout_into_the_other(tmp_path: Path) -> None:
    put(tmp_path / "old", rows_of(3).repeat(2, axis=0), ids="x\nx\ny\ny\nz\nz\n", caps="a\n\nb\nc\nd\ne\n")
    put(tmp_path / "old", caps__de="Z\n  X ü 😀\n", ids__de="z\nx\n")
    split = load_split(tmp_path / "old", "train")
    write_split(split, tmp_path / "deep" / "new")
    assert splits_of(tmp_path / "deep" / "new") == ["train"]
    assert same(load_split(tmp_path / "deep" / "new", "train"), split)
    write_split(load_split(tmp_path / "deep" / "new", "train").only(["de"]), tmp_path / "deep" / "new")
    assert same(load_split(tmp_path / "deep" / "new", "train"), split.only(["de"])), "onto itself"


line = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\r\n"), min_size=1)
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
    with pytest.raises(DataError, match="holds other files"):
        write_split(split, tmp_path)
    assert [path.name for path in (tmp_path / "train").iterdir()] == ["thesis.tex"]
    with pytest.raises(DataError, match=r"cannot write .*thesis\.tex"):
        write_split(split, tmp_path / "train" / "thesis.tex")
