"""A folder of images becomes a file of features and a file of ids, or nothing."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from listening import reporting
from toy_encoder import MeanColour

from translator.errors import DataError
from translator.vectors import Floats
from vse.dataset.layouts import load_split
from vse.features import extract, ids_path
from vse.features.image_files import open_image

Image = pytest.importorskip("PIL.Image", reason="images are read by Pillow")


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Seven images of one colour each, in two folders."""
    folder = tmp_path / "images"
    (folder / "more").mkdir(parents=True)
    for number in range(7):
        place = folder / ("more" if number % 2 else "") / f"p{number}.png"
        Image.new("RGB", (6, 5), (number, 10 * number, 30 * number)).save(place)
    return folder


IDS = ["more/p1", "more/p3", "more/p5", "p0", "p2", "p4", "p6"]
COLOURS = np.array([[n, 10 * n, 30 * n] for n in (1, 3, 5, 0, 2, 4, 6)], np.float32)


@pytest.mark.parametrize("batch", [1, 3, 7, 100])
def test_every_images_gets_a_row(images: Path, tmp_path: Path, batch: int) -> None:
    encoder = MeanColour()
    done = extract(images, encoder, tmp_path / "x.npy", batch=batch)
    assert (list(done.ids), list(done.damaged)) == (IDS, [])
    np.testing.assert_array_equal(done.matrix, COLOURS)
    assert isinstance(done.matrix, np.memmap)
    assert max(encoder.batches) == min(batch, 7)
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), COLOURS)
    assert (tmp_path / "x_ids.txt").read_text("utf-8").splitlines() == IDS


def test_what_is_written_is_a_split(images: Path, tmp_path: Path) -> None:
    extract(images, MeanColour(), tmp_path / "all_ims.npy")
    split = load_split(tmp_path, "all", [])
    assert list(split.ids) == IDS
    np.testing.assert_array_equal(split.features, COLOURS)


@pytest.mark.parametrize(
    ("features", "ids"),
    [
        ("a/x.npy", "a/x_ids.txt"),
        ("a/x_ims.npy", "a/x_ids.txt"),
        ("a.b.npy", "a.b_ids.txt"),
        ("a/features.npy", "a/ids.txt"),
    ],
)
def test_where_ids_lie(features: str, ids: str) -> None:
    assert ids_path(features) == Path(ids)


def test_progress_is_reported(images: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    with reporting(lambda *step: seen.append(step)):
        extract(images, MeanColour(), tmp_path / "x.npy", batch=3)
    assert seen[0] == ("encoding images", 0, 7)
    assert seen[-1] == ("encoding images", 7, 7)


class FailingError(Exception):
    """What an encoder may raise."""


def test_an_encoder_that_fails_leaves_everything_as_it_was(images: Path, tmp_path: Path) -> None:
    class Broken(MeanColour):
        def __call__(self, batch: Floats) -> Floats:
            raise FailingError

    (tmp_path / "x.npy").write_bytes(b"before")
    with pytest.raises(FailingError):
        extract(images, Broken(), tmp_path / "x.npy")
    assert (tmp_path / "x.npy").read_bytes() == b"before"
    assert {path.name for path in tmp_path.iterdir()} == {"images", "x.npy"}


@pytest.mark.parametrize("batch", [1, 4, 100])
def test_damaged_images_are_left_out_and_named(
    images: Path, tmp_path: Path, batch: int, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = [images / "a.jpg", images / "p3.jpg", images / "z.png"]
    for path in damaged:
        path.write_bytes(b"damaged")
    with caplog.at_level(logging.WARNING):
        done = extract(images, MeanColour(), tmp_path / "x.npy", batch=batch)
    assert (list(done.ids), list(done.damaged)) == (IDS, damaged)
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), COLOURS)
    assert sorted(record.getMessage().split(":")[1].split("/")[-1] for record in caplog.records) == [
        "a.jpg",
        "p3.jpg",
        "z.png",
    ]


def test_many_images_left_out_leave_a_file_that_fits_them(tmp_path: Path) -> None:
    """The count of rows in the header may lose digits."""
    (tmp_path / "images").mkdir()
    for number in range(1001):
        (tmp_path / "images" / f"{number}.jpg").touch()
    Image.new("RGB", (2, 2), (1, 2, 3)).save(tmp_path / "images" / "right.png")
    done = extract(tmp_path / "images", MeanColour(), tmp_path / "x.npy")
    np.testing.assert_array_equal(done.matrix, [[1, 2, 3]])
    assert (tmp_path / "x.npy").stat().st_size == 128 + 12


def test_no_images_that_can_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.jpg").touch()
    with pytest.raises(DataError, match="none of its 1 images can be read"):
        extract(tmp_path / "images", MeanColour(), tmp_path / "x.npy")
    assert {path.name for path in tmp_path.iterdir()} == {"images"}


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no image"):
        extract(tmp_path, MeanColour(), tmp_path / "x.npy")


def test_features_are_written_as_npy_only(images: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Name it .*x\.npy"):
        extract(images, MeanColour(), tmp_path / "x.npz")


class Wrong(MeanColour):
    """An encoder that answers with the numbers it was made with."""

    def __init__(self, answer: Any) -> None:
        self.answer = np.array(answer, np.float32)

    def __call__(self, batch: Floats) -> Floats:
        return self.answer


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.ones((7, 2)), r"shape \(7, 2\) for 7 images, expected \(7, 3\)"),
        (np.ones((6, 3)), r"shape \(6, 3\) for 7 images"),
        (np.where(COLOURS == 9, np.nan, COLOURS), "features of 'p2' are not finite"),
    ],
)
def test_wrong_answers_of_an_encoder_are_refused(
    images: Path, tmp_path: Path, answer: Any, message: str
) -> None:
    if "finite" in message:
        answer[IDS.index("p2"), 1] = np.inf
    with pytest.raises(DataError, match=message):
        extract(images, Wrong(answer), tmp_path / "x.npy")
    assert not (tmp_path / "x.npy").exists()


def test_images_are_prepared_upright(tmp_path: Path) -> None:
    class Height(MeanColour):
        def prepare(self, image: Any) -> Floats:
            return np.full((3, 1, 1), image.height, np.float32)

    (tmp_path / "images").mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (6, 5)).save(tmp_path / "images" / "a.jpg", exif=exif)
    assert open_image(tmp_path / "images" / "a.jpg").size == (5, 6)
    np.testing.assert_array_equal(
        extract(tmp_path / "images", Height(), tmp_path / "x.npy").matrix, [[6] * 3]
    )


def test_ids_of_other_features_are_not_lost(images: Path, tmp_path: Path) -> None:
    extract(images, MeanColour(), tmp_path / "x_ims.npy")
    before = (tmp_path / "x_ids.txt").read_bytes()
    with pytest.raises(DataError, match=r"x_ids\.txt: has the ids of x_ims\.npy, which would be replaced"):
        extract(images / "more", MeanColour(), tmp_path / "x.npy")
    assert (tmp_path / "x_ids.txt").read_bytes() == before and not (tmp_path / "x.npy").exists()
    extract(images / "more", MeanColour(), tmp_path / "x_ims.npy")  # its own may be replaced
