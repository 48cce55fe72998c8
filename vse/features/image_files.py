"""Image files: find them in a folder, open them upright in RGB, crop and scale them for a network."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from translator.errors import DataError, FormatError, MissingDependencyError
from translator.files import existing
from translator.vectors import Floats

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (
    *(".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jpe", ".jpeg", ".jpg", ".png"),
    *(".tif", ".tiff", ".webp"),
)
LARGE = 1024  # a JPEG with more pixels a side is read at a fraction of its size, in much less time
MADE_BY_PROGRAMS = ("@eaDir", "__MACOSX")  # folders in which a NAS or an archiver puts small copies
_NO_LINE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")  # control characters and ends of lines
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def find_images(folder: str | os.PathLike[str], exclude: Sequence[str] = ()) -> dict[str, Path]:
    """Return the image files in a folder and below by id, sorted by path.

    The id is the path within the folder without the suffix; images that differ in their suffix only keep
    it. Bytes that are not UTF-8 and characters that end a line are written as escapes. Files and folders
    whose names begin with a dot are ignored, and so are folders that are named like an image.

    :param exclude: shell patterns of names, or of paths within the folder, to leave out: ``*_old.*``.
    :raises DataError: there is no such folder, or it has no image.
    """
    place = Path(folder)
    if not place.is_dir():
        problem = "is a file, expected a folder" if place.exists() else "no such folder"
        raise DataError(f"{place}: {problem}", "Name the folder that has the images.")
    paths = {path.relative_to(place): path for path in sorted(place.rglob("*")) if _is_image(path)}
    kept = [inner for inner in paths if not _left_out(inner, exclude)]
    if not kept:
        left_out = f" that is not excluded by {', '.join(exclude)}" if paths and exclude else ""
        raise DataError(
            f"{place}: has no image{left_out}", f"Images are files that end in {', '.join(SUFFIXES)}."
        )
    stems = Counter(_id(inner.with_suffix("")) for inner in kept)
    ids = [stem if stems[stem := _id(inner.with_suffix(""))] == 1 else _id(inner) for inner in kept]
    return {name: paths[inner] for name, inner in zip(ids, kept, strict=True)}


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.is_dir()


def _left_out(inner: Path, exclude: Sequence[str]) -> bool:
    """Return whether a path within a folder is hidden, made by a program or excluded."""
    if any(part.startswith(".") or part in MADE_BY_PROGRAMS for part in inner.parts):
        return True
    names = (*inner.parts, inner.as_posix())
    return any(fnmatchcase(name, pattern.rstrip("/")) for pattern in exclude for name in names)


def _id(inner: Path) -> str:
    """Return a path as a line of text."""
    name = os.fsencode(inner.as_posix()).decode("utf-8", "backslashreplace")
    return _NO_LINE.sub(lambda match: match[0].encode("unicode_escape").decode(), name).strip()


def open_image(path: str | os.PathLike[str]) -> Image:
    """Open an image in RGB and turn it upright by its EXIF orientation.

    Transparency is drawn on white; of several frames the first is taken. A JPEG that is larger than 1024
    pixels is read at a half, a quarter or an eighth of its size, but not below. HEIC needs pillow-heif.

    :raises FormatError: the file is damaged, or not of a format that Pillow reads.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError:
        raise MissingDependencyError("pillow", "images", "Reading images") from None
    file = existing(path)
    heif = file.suffix.lower() in (".heic", ".heif")
    try:
        if heif:
            _learn_heif()
        with Image.open(file) as opened:
            opened.draft(None, (LARGE, LARGE))
            image = ImageOps.exif_transpose(opened)
            if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip
                image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
            if image.has_transparency_data:
                white = Image.new("RGBA", image.size, "white")
                image = Image.alpha_composite(white, image.convert("RGBA"))
            return image.convert("RGB")
    except Exception as error:  # whatever damaged bytes make Pillow raise
        hint = "Install pillow-heif if the image is not damaged." if heif else "Replace or remove it."
        raise FormatError(f"{file}: cannot be read as an image ({error})", hint) from None


def _learn_heif() -> None:
    """Make Pillow read HEIC where pillow-heif is installed."""
    with suppress(ImportError):
        from pillow_heif import register_heif_opener

        register_heif_opener()


@dataclass(frozen=True)
class Preparation:
    """Crop the centre of a image, scale it to ``size`` and standardise its colours.

    :param size: height and width.
    :param mean: mean of each colour, where colours go from 0 to 1.
    :param std: standard deviation of each colour.
    :param crop: share of the largest crop of the right shape that is kept along each axis; 224/256 is
        usual.
    :raises DataError: a size, mean or std is not valid.
    """

    size: tuple[int, int]
    mean: Sequence[float] = IMAGENET_MEAN
    std: Sequence[float] = IMAGENET_STD
    crop: float = 0.875

    def __post_init__(self) -> None:
        if min(self.size) < 1:
            raise DataError(f"images cannot be scaled to {self.size[0]} x {self.size[1]} pixels")
        for name, values in (("mean", self.mean), ("std", self.std)):
            if len(values) != 3 or not np.isfinite(values).all():
                raise DataError(f"{name} {tuple(values)} is not three numbers, for red, green and blue")
        if min(self.std) <= 0:
            raise DataError(f"std {tuple(self.std)} is not above 0 for every colour")

    def __call__(self, image: Image) -> Floats:
        """Return an RGB image as float32 [3, h, w]."""
        from PIL.Image import Resampling

        height, width = self.size
        scale = self.crop * min(image.width / width, image.height / height)
        left, top = (image.width - scale * width) / 2, (image.height - scale * height) / 2
        box = (left, top, left + scale * width, top + scale * height)
        scaled = np.asarray(image.resize((width, height), Resampling.BICUBIC, box), np.float32) / 255
        standard = (scaled - np.asarray(self.mean, np.float32)) / np.asarray(self.std, np.float32)
        return np.ascontiguousarray(standard.transpose(2, 0, 1))
