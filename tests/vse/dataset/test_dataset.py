"""Splits: what cannot be one, languages picked, subsets drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.errors import DataError
from vse.dataset import Captions, Split


def captions(rows: list[int], mark: str = "caption") -> Captions:
    return Captions([f"{mark} {place} of {row}" for place, row in enumerate(rows)], np.array(rows))


def split(**changes: Any) -> Split:
    """Six images; English has captions of all, German of four others than Czech's two."""
    features = np.arange(24, dtype=np.float16).reshape(6, 4)
    en, de, cs = captions([0, 0, 1, 2, 3, 4, 4, 4, 5]), captions([0, 1, 2, 2, 3]), captions([4, 5])
    values = {"name": "train", "ids": list("abcdef"), "features": features}
    return Split(**{**values, "captions": {"en": en, "de": de, "cs": cs}, **changes})


def drawn(captions: Captions) -> set[int]:
    return set(captions.images.tolist())


def test_what_a_split_says_of_itself() -> None:
    assert repr(split()) == "Split('train', 6 images x 4, captions: en, de, cs)"
    assert repr(split().captions["de"]) == "Captions(5 of 4 images)"
    assert len(split()) == 6 and len(split().captions["en"]) == 9


def test_rows_become_int64() -> None:
    assert Captions(["a"], np.array([3], np.uint8)).images.dtype == np.int64


@pytest.mark.parametrize(
    ("texts", "rows", "message"),
    [
        (["a", "b"], [0], "2 captions but 1 image rows"),
        ([], np.empty(0, np.int64), "no captions"),
        (["a", "b"], [1, 0], "must be sorted"),
        (["a", "b"], [-1, 0], "count from 0"),
        (["a", " \t"], [0, 0], "caption 1 .* is blank"),
        (["a"], [0.0], "must be integers .* float64"),
        (["a"], [[0]], r"of shape \(1, 1\)"),
    ],
)
def test_what_captions_cannot_be(texts: list[str], rows: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Captions(texts, np.array(rows))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "data/train"}, "cannot be named 'data/train'"),
        ({"name": ""}, "cannot be named ''"),
        ({"name": ".."}, r"cannot be named '\.\.'"),
        ({"name": ".train"}, r"cannot be named '\.train'"),
        ({"ids": list("abcde")}, "5 ids but 6 images"),
        ({"ids": list("abcdea")}, "2 images have the id 'a'"),
        ({"ids": [*"abcde", ""]}, "the id '' is not a line"),
        ({"ids": [*"abcde", "f\ng"]}, r"the id 'f\\ng' is not a line"),
        ({"ids": [*"abcde", " f"]}, "the id ' f' is not a line"),
        ({"features": np.zeros((6, 3, 2))}, r"must be a matrix .* \(6, 3, 2\)"),
        ({"features": np.zeros(6)}, "must be a matrix"),
        ({"features": np.zeros((6, 4), np.int64)}, "must be float16, float32 or float64, not int64"),
        ({"features": np.zeros((6, 4), np.longdouble)}, "must be float16, float32 or float64"),
        ({"features": np.zeros((6, 4), np.complex64)}, "not complex64"),
        ({"features": np.zeros((6, 0))}, r"\(6, 0\) hold no number"),
        ({"features": np.zeros((0, 4)), "ids": []}, "hold no number"),
        ({"captions": {"en": captions([0, 6])}}, "captions in en name image row 6, but there are 6"),
        ({"captions": {"1": captions([0])}}, "'1' is no language code"),
        ({"captions": {"e/n": captions([0])}}, "'e/n' is no language code"),
    ],
)
def test_what_a_split_cannot_be(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        split(**changes)


def test_every_width_of_float_and_no_captions_will_do() -> None:
    for dtype in (np.float16, np.float32, np.float64):
        assert split(features=np.zeros((6, 4), dtype)).features.dtype == dtype
    assert len(split(captions={})) == 6


def test_only_some_languages() -> None:
    whole = split()
    some = whole.only(["de", "en"])
    assert list(some.captions) == ["de", "en"] and some.captions["de"] is whole.captions["de"]
    assert some.features is whole.features and some.ids is whole.ids


def test_a_language_that_is_not_there() -> None:
    message = r"^the split 'train' has no captions in it\nLanguages there are: cs, de, en.$"
    with pytest.raises(DataError, match=message):
        split().only(["de", "it"])
    with pytest.raises(DataError, match=message):
        split().subset(2, 0, ["it"])


def test_a_subset_keeps_all_captions_of_the_images_drawn() -> None:
    whole = split()
    part = whole.subset(2, 0, ["de"])
    kept = drawn(part.captions["de"])
    assert len(kept) == 2 and kept <= {0, 1, 2, 3}
    de = whole.captions["de"]
    rows = [(text, row) for text, row in zip(de.texts, de.images.tolist(), strict=True) if row in kept]
    assert list(zip(part.captions["de"].texts, part.captions["de"].images.tolist(), strict=True)) == rows
    assert part.captions["en"] is whole.captions["en"] and part.captions["cs"] is whole.captions["cs"]
    assert part.features is whole.features and part.ids is whole.ids


def test_languages_share_the_images_drawn() -> None:
    part = split().subset(4, 1, ["de", "cs"])
    assert len(drawn(part.captions["de"]) | drawn(part.captions["cs"])) == 4
    part = split().subset(5, 1)
    assert len(drawn(part.captions["en"])) == 5
    assert drawn(part.captions["de"]) == drawn(part.captions["en"]) & {0, 1, 2, 3}


@given(st.integers(0, 1000), st.integers(1, 39), st.integers(1, 39))
def test_subsets_are_nested(seed: int, one: int, other: int) -> None:
    rows = list(range(0, 80, 2))
    whole = Split("x", list(map(str, range(80))), np.zeros((80, 1)), {"en": captions(rows)})
    small, large = (drawn(whole.subset(n, seed).captions["en"]) for n in sorted((one, other)))
    assert small <= large <= set(rows)
    assert (len(small), len(large)) == (min(one, other), max(one, other))


def test_seeds_draw_differently_and_again() -> None:
    whole = Split("x", list(map(str, range(80))), np.zeros((80, 1)), {"en": captions(list(range(80)))})
    sets = [drawn(whole.subset(20, seed).captions["en"]) for seed in (0, 1, 0)]
    assert sets[0] == sets[2] != sets[1]
    assert max(sets[0]) >= 20, "the first rows are no random choice"


@pytest.mark.parametrize("images", [0, -1, 5])
def test_more_images_than_there_are(images: int) -> None:
    with pytest.raises(DataError, match=f"cannot draw {images} images .* 4 have a caption in de"):
        split().subset(images, 0, ["de"])
    assert split().subset(4, 0, ["de"]).captions["de"].texts == split().captions["de"].texts


def test_a_subset_that_leaves_a_language_nothing() -> None:
    with pytest.raises(DataError, match=r"none of the 1 images drawn has a caption in (de|cs)\nDraw more"):
        split().subset(1, 0, ["de", "cs"])


def test_a_split_without_captions_has_no_subset() -> None:
    with pytest.raises(DataError, match="cannot draw 1 images"):
        split(captions={}).subset(1, 0)


def test_a_memory_map_is_not_copied(tmp_path: Path) -> None:
    np.save(tmp_path / "f.npy", np.zeros((6, 4), np.float32))
    features = np.load(tmp_path / "f.npy", mmap_mode="r")
    assert split(features=features).subset(2, 0, ["en"]).only(["en"]).features is features
