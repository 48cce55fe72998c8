"""Images are found, turned upright, brought to RGB, and cut and scaled alike; damaged ones are named."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from translator.errors import DataError, FormatError, MissingDependencyError
from vse.features.image_files import IMAGENET_MEAN, IMAGENET_STD, Preparation, find_images, open_image

Image = pytest.importorskip("PIL.Image", reason="images are read by Pillow")

COLOURS = np.array(
    [[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]], [[0, 0, 0], [90, 60, 30]]], np.uint8
)


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_images_are_named_by_their_path_without_suffix(tmp_path: Path) -> None:
    touch(tmp_path, "b.JPG", "a/z.png", "a.b.webp", "a/y.gif", "notes.txt", "x.npy", "c.jpeg", "d.bmp")
    touch(tmp_path, "._b.jpg", ".cache/e.jpg", "a/été 1\u202fPM.png")
    assert list(find_images(tmp_path)) == ["a/y", "a/z", "a/été 1\u202fPM", "a.b", "b", "c", "d"]
    assert find_images(tmp_path)["b"] == tmp_path / "b.JPG"


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "has no image"),
        (["a.txt"], "has no image"),
        (["@eaDir/a.jpg/copy.jpg"], "has no image"),
    ],
)
def test_folders_without_proper_images_are_refused(tmp_path: Path, names: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        find_images(touch(tmp_path, *names))


def test_no_name_of_a_file_loses_it_or_others(tmp_path: Path) -> None:
    """Two of one stem, a folder named like an image, a broken link, no UTF-8, a line break."""
    touch(tmp_path, "a.jpg", "a.png", "b/a.jpg", "c.jpg/d.jpg", "e\udce9.jpg", "f\ng.jpg", "h .jpg", "i.HEIC")
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    found = ["a.jpg", "a.png", "b/a", "c.jpg/d", r"e\xe9", r"f\ng", "gone", "h", "i"]
    assert sorted(find_images(tmp_path)) == found


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ((), ["a", "b/c", "b/c_old", "d"]),
        (("*_old.*",), ["a", "b/c", "d"]),
        (("b",), ["a", "d"]),
        (("b/c.*", "a.jpg"), ["b/c_old", "d"]),
        (("b/",), ["a", "d"]),
    ],
)
def test_images_are_excluded_by_name_or_path(tmp_path: Path, patterns: list[str], left: list[str]) -> None:
    touch(tmp_path, "a.jpg", "b/c.jpg", "b/c_old.jpg", "d.png")
    assert list(find_images(tmp_path, patterns)) == left


def test_all_that_is_excluded_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has no image that is not excluded by \*\.jpg"):
        find_images(touch(tmp_path, "a.jpg"), ["*.jpg"])


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        find_images(tmp_path / "none")
    with pytest.raises(DataError, match="is a file, expected a folder"):
        find_images(touch(tmp_path, "a.jpg") / "a.jpg")


def opened(path: Path) -> Any:
    image = open_image(path)
    assert image.mode == "RGB"
    return np.asarray(image)


TURNS: dict[int, Any] = {  # EXIF orientation: what a viewer does to the stored pixels
    1: lambda pixels: pixels,
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: pixels.transpose(1, 0, 2),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels, 2).transpose(1, 0, 2),
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_images_are_turned_as_exif_says(tmp_path: Path, orientation: int, suffix: str) -> None:
    pixels = COLOURS.repeat(8, axis=0).repeat(8, axis=1)  # JPEG keeps blocks of 8 x 8 pixels apart
    exif = Image.Exif()
    exif[0x0112] = orientation
    how = {"quality": 100, "subsampling": 0} if suffix == ".jpg" else {}
    Image.fromarray(pixels).save(tmp_path / f"x{suffix}", exif=exif, **how)
    found, expected = opened(tmp_path / f"x{suffix}").astype(int), TURNS[orientation](pixels)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= (4 if suffix == ".jpg" else 0)


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [
        ("L", 80, (80, 80, 80)),
        ("1", 1, (255, 255, 255)),
        ("LA", (0, 0), (255, 255, 255)),
        ("LA", (80, 255), (80, 80, 80)),
        ("RGBA", (255, 0, 0, 0), (255, 255, 255)),
        ("RGBA", (200, 0, 0, 128), (227, 127, 127)),
        ("I;16", 80 * 256 + 200, (80, 80, 80)),
        ("P", 3, (10, 20, 30)),
    ],
)
def test_other_colours_become_rgb(tmp_path: Path, mode: str, value: Any, expected: Any) -> None:
    image = Image.new(mode, (3, 2), value)
    if mode == "P":
        image.putpalette([9, 9, 9] * 3 + [10, 20, 30])
    image.save(tmp_path / "x.png")
    assert np.abs(opened(tmp_path / "x.png").astype(int) - expected).max() <= 1


def test_a_transparent_colour_of_a_palette_is_white(tmp_path: Path) -> None:
    image = Image.new("P", (3, 2), 1)
    image.putpalette([9, 9, 9, 10, 20, 30])
    image.save(tmp_path / "x.png", transparency=1)
    assert (opened(tmp_path / "x.png") == 255).all()


def test_print_colours_become_rgb(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "x.jpg", quality=100)
    assert np.abs(opened(tmp_path / "x.jpg").astype(int) - (255, 0, 0)).max() <= 3


@pytest.mark.parametrize("form", ["tiff", "webp", "avif", "jfif"])
def test_other_formats_are_read(tmp_path: Path, form: str) -> None:
    Image.new("RGB", (16, 16), "red").save(tmp_path / f"x.{form}", form.replace("jfif", "jpeg"))
    assert np.abs(opened(tmp_path / f"x.{form}").astype(int) - (255, 0, 0)).max() <= 6


@pytest.mark.parametrize(("size", "read"), [((4096, 2100), (2048, 1050)), ((1500, 1025), (1500, 1025))])
def test_large_jpegs_are_read_at_a_fraction_of_their_size(
    tmp_path: Path, size: tuple[int, int], read: tuple[int, int]
) -> None:
    Image.new("RGB", size, "red").save(tmp_path / "x.jpg")
    assert open_image(tmp_path / "x.jpg").size == read


def test_what_is_no_heic_names_the_package_that_reads_it(tmp_path: Path) -> None:
    (tmp_path / "x.heic").write_bytes(b"\0\0\0\x18ftypheic")
    with pytest.raises(FormatError, match=r"x\.heic: cannot be read") as caught:
        open_image(tmp_path / "x.heic")
    assert "pillow-heif" in caught.value.hint


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_the_first_of_several_frames_counts(tmp_path: Path, suffix: str) -> None:
    first, *others = (Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue"))
    how = {"lossless": True} if suffix == ".webp" else {}
    first.save(tmp_path / f"x{suffix}", save_all=True, append_images=others, **how)
    assert (opened(tmp_path / f"x{suffix}") == (255, 0, 0)).all()


def encoded(form: str) -> bytes:
    stream = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (60, 40, 3), np.uint8)
    Image.fromarray(noise).save(stream, form)
    return stream.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "BMP", "GIF"])
@pytest.mark.parametrize("keep", [0, 1, 20, 600])
def test_damaged_images_are_named(tmp_path: Path, form: str, keep: int) -> None:
    path = tmp_path / "broken.jpg"
    path.write_bytes(encoded(form)[:keep])
    with pytest.raises(FormatError, match=r"broken\.jpg: cannot be read as an image"):
        open_image(path)


def test_an_image_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    head = bytearray(encoded("BMP"))
    head[18:26] = (60_000).to_bytes(4, "little") * 2
    (tmp_path / "huge.bmp").write_bytes(head)
    with pytest.raises(FormatError, match=r"huge\.bmp: cannot be read as an image"):
        open_image(tmp_path / "huge.bmp")


def test_a_missing_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        open_image(tmp_path / "x.jpg")


def test_without_pillow_the_hint_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingDependencyError, match="'pillow'") as caught:
        open_image(tmp_path / "x.jpg")
    assert caught.value.hint == "Install it with: pip install 'bli-translator[images]'"


def test_one_colour_is_standardised() -> None:
    prepared = Preparation((4, 6))(Image.new("RGB", (50, 40), (255, 0, 51)))
    assert prepared.shape == (3, 4, 6)
    assert prepared.dtype == np.float32
    expected = (np.array([1, 0, 0.2]) - IMAGENET_MEAN) / IMAGENET_STD
    np.testing.assert_allclose(prepared, np.broadcast_to(expected[:, None, None], (3, 4, 6)), rtol=1e-5)


@pytest.mark.parametrize("size", [(240, 480), (480, 240), (240, 240)])
def test_the_middle_is_what_scaling_and_then_cutting_gives(size: tuple[int, int]) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8))
    image = noise.resize(size, Image.Resampling.BICUBIC)  # smooth
    prepared = Preparation((60, 60), (0, 0, 0), (1, 1, 1), crop=0.75)(image)
    scaled = image.resize((size[0] // 3, size[1] // 3), Image.Resampling.BICUBIC)
    left, top = (scaled.width - 60) // 2, (scaled.height - 60) // 2
    cut = np.asarray(scaled.crop((left, top, left + 60, top + 60)), np.float32) / 255
    assert np.abs(prepared.transpose(1, 2, 0) - cut)[1:-1, 1:-1].max() < 0.01
    assert (
        np.abs(prepared.transpose(1, 2, 0) - cut).max() < 0.05
    )  # the cut is made before the border is blurred


@pytest.mark.parametrize("size", [(1, 5000), (5000, 1), (1, 1)])
def test_images_of_any_shape_are_prepared(size: tuple[int, int]) -> None:
    assert np.isfinite(Preparation((8, 8))(Image.new("RGB", size))).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": (0, 4)}, "0 x 4 pixels"),
        ({"mean": (0.5, 0.5)}, "mean .* is not three numbers"),
        ({"mean": (0.5, 0.5, float("nan"))}, "mean .* is not three numbers"),
        ({"std": (1, 1, 0)}, "std .* is not above 0"),
    ],
)
def test_preparations_that_make_no_sense_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Preparation(**{"size": (4, 4), **arguments})


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "{'PIL', 'onnxruntime', 'timm', 'torch', 'scipy'}"
    code = f"import sys, vse.features; print(sorted({heavy} & set(sys.modules)))"
    root = Path(__file__).parents[3]
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert ran.stdout.strip() == "[]"
