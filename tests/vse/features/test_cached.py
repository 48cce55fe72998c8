"""Features are kept in the cache by the content of an image and the name of its encoder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_encoder import MeanColour

from translator.errors import DataError
from vse.features.cached import cached_features
from vse.features.image_files import find_images

Image = pytest.importorskip("PIL.Image", reason="images are read by Pillow")


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four images, two of them the same."""
    monkeypatch.setenv("TRANSLATOR_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (6, 5), (number, 10 * number, 30 * number)).save(folder / f"p{number}.png")
    shutil.copyfile(folder / "p1.png", folder / "copy.png")
    return folder


COLOURS = [[1, 10, 30], [0, 0, 0], [1, 10, 30], [2, 20, 60]]


def made(folder: Path, encoder: Any) -> tuple[list[str], Any, int]:
    """Ids, features, and the number of images that were encoded."""
    done = cached_features(find_images(folder), encoder)
    return list(done.ids), done.matrix, sum(encoder.batches)


def test_only_new_images_are_encoded(images: Path) -> None:
    ids, matrix, encoded = made(images, MeanColour())
    assert (ids, encoded) == (["copy", "p0", "p1", "p2"], 3)
    np.testing.assert_array_equal(matrix, COLOURS)
    (images / "p0.png").rename(images / "renamed.png")
    Image.new("RGB", (6, 5), (9, 9, 9)).save(images / "new.png")
    ids, matrix, encoded = made(images, MeanColour())
    assert (ids, encoded) == (["copy", "new", "p1", "p2", "renamed"], 1)
    np.testing.assert_array_equal(matrix, [COLOURS[0], [9, 9, 9], COLOURS[2], COLOURS[3], COLOURS[1]])


def test_another_encoder_has_features_of_its_own(images: Path) -> None:
    other = MeanColour()
    other.name = "other"
    assert [made(images, encoder)[2] for encoder in (MeanColour(), other, MeanColour())] == [3, 3, 0]


def test_an_interrupted_run_continues(images: Path) -> None:
    class Interrupted(MeanColour):
        def __call__(self, batch: Any) -> Any:
            if self.batches:
                raise KeyboardInterrupt
            return super().__call__(batch)

    with pytest.raises(KeyboardInterrupt):
        cached_features(find_images(images), Interrupted(), batch=2)
    assert made(images, MeanColour())[2] == 1


@pytest.mark.parametrize("content", [b"", b"damaged", np.zeros(4, np.float32).tobytes()])
def test_a_damaged_entry_is_made_again(images: Path, tmp_path: Path, content: bytes) -> None:
    made(images, MeanColour())
    for entry in (tmp_path / "cache").rglob("*.npy"):
        entry.write_bytes(content)
    _, matrix, encoded = made(images, MeanColour())
    assert encoded == 3
    np.testing.assert_array_equal(matrix, COLOURS)


def test_images_that_cannot_be_read_are_left_out(images: Path, caplog: pytest.LogCaptureFixture) -> None:
    (images / "p1.png").write_bytes((images / "p1.png").read_bytes()[:45])
    (images / "gone.png").symlink_to(images / "nowhere.png")
    done = cached_features(find_images(images), MeanColour())
    assert list(done.ids) == ["copy", "p0", "p2"]
    assert list(done.damaged) == [images / "gone.png", images / "p1.png"]
    np.testing.assert_array_equal(done.matrix, [COLOURS[0], COLOURS[1], COLOURS[3]])
    assert caplog.text.count("left out: ") == 2


def test_no_image_that_can_be_read_is_an_error(images: Path) -> None:
    for path in images.iterdir():
        path.write_bytes(b"")
    with pytest.raises(DataError, match="none of the 4 images can be read"):
        cached_features(find_images(images), MeanColour())


def test_without_a_cache_images_are_encoded_each_time(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TRANSLATOR_CACHE", str(tmp_path / "file"))
    assert [made(images, MeanColour())[2] for _ in range(2)] == [3, 3]
    assert "features are not cached" in caplog.text
