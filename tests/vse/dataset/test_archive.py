"""A folder of images with captions is one split, and is divided by image."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from splits_on_disk import pairs
from toy_encoder import MeanColour

from translator.errors import DataError, FormatError
from vse import everything
from vse.dataset import Captions, Split
from vse.dataset.archive import is_archive, read_archive, warn_of_features
from vse.dataset.partition import assignment_lines, near_duplicates, part, partition, read_assignment

Image = pytest.importorskip("PIL.Image", reason="images are made by Pillow")


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Six images of one colour each, encoded as that colour, and a table of captions."""
    monkeypatch.setenv("TRANSLATOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("vse.features.load_encoder", lambda name, **how: MeanColour())
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    for number in range(6):
        name = f"{'more/' if number % 2 else ''}p{number}.png"
        Image.new("RGB", (4, 4), (40 * number, 5, 255 - 40 * number)).save(folder / name)
    (tmp_path / "captions.csv").write_text(
        "image,caption\n"
        + "".join(f"p{n}.png,number {n}\np{n}.png,again {n}\n" for n in range(5))
        + "x.png,no\n"
    )
    return folder


def test_all_images_are_read_with_their_captions(photos: Path, tmp_path: Path) -> None:
    (photos / "damaged.jpg").write_bytes(b"damaged")
    archive = read_archive(photos, tmp_path / "captions.csv", ["en"])
    split = archive.split
    assert list(split.ids) == ["more/p1", "more/p3", "more/p5", "p0", "p2", "p4"]
    assert split.features[:, 0].tolist() == [40, 120, 200, 0, 80, 160]
    assert pairs(split)[:3] == [("more/p1", "number 1"), ("more/p1", "again 1"), ("more/p3", "number 3")]
    assert archive.summary == (
        f"{photos}: 6 images, 1 more cannot be read; captions from captions.csv (a table): 10 in en;"
        " 1 images without caption, 1 captions without image (such as 'x.png')"
    )
    again = everything(**archive.arguments)
    assert list(again.ids) == list(split.ids) and pairs(again) == pairs(split)
    assert archive.paths["more/p1"] == photos / "more" / "p1.png"


def test_languages_come_from_the_file_or_from_its_name(photos: Path, tmp_path: Path) -> None:
    both = tmp_path / "both.csv"
    both.write_text("image,caption_en,caption_de-AT\np0,a dog,ein Hund\n")
    split = everything(photos, both, ["de", "en"])
    assert pairs(split, "de") == [("p0", "ein Hund")] and pairs(split, "en") == [("p0", "a dog")]
    assert sorted(everything(photos, {"de": tmp_path / "captions.csv", "en": both}).captions) == [
        "de",
        "de-at",
        "en",
    ]
    with pytest.raises(DataError, match="do not say their language") as caught:
        everything(photos, tmp_path / "captions.csv")
    assert caught.value.hint == 'Pass captions={"en": FILE}.'
    with pytest.raises(DataError, match="has no captions in fr"):
        everything(photos, both, ["fr", "en"])
    assert not everything(photos, languages=[]).captions


def test_what_does_not_fit_is_said(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("image,caption\nz.jpg,a dog\n")
    with pytest.raises(DataError, match=r"no caption is of an image of the folder; one is of 'z\.jpg'"):
        everything(photos, tmp_path / "other.csv", ["en"])
    assert not (tmp_path / "cache").exists()  # said before features are made
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="has no images"):
        everything(tmp_path / "empty")


def test_blank_and_repeated_captions_and_equal_features_are_warned_of(
    photos: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        (photos / f"copy{number}.png").write_bytes((photos / "p0.png").read_bytes())
    rows = "".join(f"p{n}.png,OLYMPUS DIGITAL CAMERA\n" for n in range(4)) + "p4.png, \np5.png,a dog\n"
    (tmp_path / "captions.csv").write_text("image,caption\n" + rows)
    with caplog.at_level(logging.WARNING):
        everything(photos, tmp_path / "captions.csv", ["en"])
    assert "1 blank captions are left out" in caplog.text
    assert "4 images have the same caption in en: 'OLYMPUS DIGITAL CAMERA'" in caplog.text
    assert "4 of 9 images in 'all' have the same features" in caplog.text


def test_folders_of_images_are_told_from_those_of_splits(photos: Path, tmp_path: Path) -> None:
    assert is_archive(photos) and not is_archive(tmp_path / "cache") and not is_archive(tmp_path / "nothing")
    np.save(photos / "train_ims.npy", np.ones((2, 3), np.float32))
    assert not is_archive(photos)


def made(images: int, captioned: int | None = None) -> Split:
    rows = np.arange(images if captioned is None else captioned)
    features = np.random.default_rng(0).normal(size=(images, 16)).astype(np.float32)
    captions = {"en": Captions([f"caption {row}" for row in rows], rows)}
    return Split("all", [f"i{row}" for row in range(images)], features, captions)


def test_the_split_is_by_the_seed_and_keeps_its_shares() -> None:
    split = made(200, captioned=150)
    assigned = partition(split, 1)
    assert Counter(assigned.values()) == {"train": 120, "dev": 15, "test": 15}
    assert set(assigned) == {f"i{row}" for row in range(150)}
    assert partition(split, 1) == assigned != partition(split, 2)


def test_an_image_more_moves_few_others() -> None:
    before, after = partition(made(200), 0), partition(made(201), 0)
    assert sum(before[name] != after[name] for name in before) <= 2


def test_near_duplicates_are_on_one_side() -> None:
    split = made(60)
    twins = split.features.repeat(2, axis=0)
    twins[1::2] += 0.001
    doubled = Split(
        "all", [f"i{n}" for n in range(120)], twins, {"en": Captions(["x"] * 120, np.arange(120))}
    )
    assigned = partition(doubled)
    assert all(assigned[f"i{n}"] == assigned[f"i{n + 1}"] for n in range(0, 120, 2))
    assert Counter(assigned.values()) == {"train": 96, "dev": 12, "test": 12}


def test_near_duplicates_are_those_of_a_plain_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vse.dataset.partition.BLOCK", 7)
    rng = np.random.default_rng(0)
    features = rng.normal(size=(5, 8))[rng.integers(0, 5, 40)] + rng.normal(0, 1e-4, (40, 8))
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    expected = [int(np.flatnonzero(unit @ row > 0.98)[0]) for row in unit]
    assert near_duplicates(features.astype(np.float32)) == expected


def test_images_that_are_all_the_same_cannot_be_split() -> None:
    split = made(20)
    with pytest.raises(DataError, match="20 images with captions, 1 of them different, are too few"):
        partition(Split("all", split.ids, np.ones((20, 4), np.float32), split.captions))


def test_a_split_is_written_read_and_taken(tmp_path: Path) -> None:
    split = made(30)
    assigned = partition(split)
    (tmp_path / "split.tsv").write_text(assignment_lines(assigned))
    paths = {name: tmp_path / f"{name}.jpg" for name in split.ids}
    assert read_assignment(tmp_path / "split.tsv", paths, tmp_path) == assigned
    dev = part(split, assigned, "dev")
    rows = [row for row, name in enumerate(split.ids) if assigned[name] == "dev"]
    np.testing.assert_array_equal(dev.features, split.features[rows])
    assert pairs(dev) == [(f"i{row}", f"caption {row}") for row in rows] and dev.name == "dev"
    (tmp_path / "own.csv").write_text("image,split\ni1.jpg,train\ni2.jpg,val\nother.jpg,test\n")
    assert read_assignment(tmp_path / "own.csv", paths, tmp_path) == {"i1": "train", "i2": "dev"}
    with pytest.raises(DataError, match="no image is in the split 'test'"):
        part(split, {"i1": "train"}, "test")


@pytest.mark.parametrize(
    ("text", "message"), [("i1.jpg\n", r"own\.csv:1"), ("i1.jpg,train\n", "is in the split 'dev'")]
)
def test_a_file_that_is_no_split_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "own.csv").write_text(text)
    paths: Any = {"i1": tmp_path / "i1.jpg"}
    with pytest.raises(FormatError, match=message):
        read_assignment(tmp_path / "own.csv", paths, tmp_path)


def test_features_that_are_one_number_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    split = made(20)
    warn_of_features(split)
    assert not caplog.text
    split.features[3] = 0.5
    warn_of_features(split)
    assert caplog.text.count("1 of 20 images in 'all' have features that are all one number") == 1
