"""Photos in a folder: find them, open them upright in RGB, crop and scale them for a network."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from translator.errors import DataError, FormatError, MissingDependencyError
from translator.files import existing
from translator.vectors import Floats

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")
_NO_LINE = re.compile("[\r\n\ud800-\udfff]")
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def find_photos(folder: str | os.PathLike[str]) -> dict[str, Path]:
    """Return the photos in a folder and below by id, sorted by path.

    The id is the path within the folder without the suffix. Files and folders whose names begin with a dot
    are ignored.

    :raises DataError: there is no such folder, it holds no photo, two photos share an id, or an id cannot be
        written as a line of text.
    """
    place = Path(folder)
    if not place.is_dir():
        found = "is a file, expected a folder" if place.exists() else "no such folder"
        raise DataError(f"{place}: {found}", "Give the folder that holds the photos.")
    photos: dict[str, Path] = {}
    for path in sorted(place.rglob("*")):
        inner = path.relative_to(place)
        if path.suffix.lower() not in SUFFIXES or any(part.startswith(".") for part in inner.parts):
            continue
        name = inner.with_suffix("").as_posix()
        if name in photos:
            raise DataError(f"{path} and {photos[name]} would both be {name!r}", "Rename one of the two.")
        if name != name.strip() or _NO_LINE.search(name):
            raise DataError(
                f"the name of {str(path)!r} makes no id: it begins or ends with a space, holds a line break,"
                " or is not UTF-8",
                "Rename the file or its folder.",
            )
        photos[name] = path
    if not photos:
        raise DataError(f"{place}: holds no photo", f"Known are files that end in {', '.join(SUFFIXES)}.")
    return photos


def open_photo(path: str | os.PathLike[str]) -> Image:
    """Open a photo in RGB and turn it upright by its EXIF orientation.

    Transparency is drawn on white; of several frames the first is taken.

    :raises FormatError: the file is damaged, or not of the format that its name says.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError:
        raise MissingDependencyError("pillow", "features", "Reading photos") from None
    file = existing(path)
    try:
        with Image.open(file) as opened:
            photo = ImageOps.exif_transpose(opened)
            if photo.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip
                photo = Image.fromarray((np.asarray(photo) >> 8).astype(np.uint8))
            if photo.has_transparency_data:
                white = Image.new("RGBA", photo.size, "white")
                photo = Image.alpha_composite(white, photo.convert("RGBA"))
            return photo.convert("RGB")
    except Exception as error:  # whatever damaged bytes make Pillow raise
        raise FormatError(
            f"{file}: cannot be read as an image ({error})",
            "Replace or remove it, or leave out damaged photos with skip_damaged=True.",
        ) from None


@dataclass(frozen=True)
class Preparation:
    """Crop the centre of a photo, scale it to ``size`` and standardise its colours.

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
            raise DataError(f"photos cannot be scaled to {self.size[0]} x {self.size[1]} pixels")
        for name, values in (("mean", self.mean), ("std", self.std)):
            if len(values) != 3 or not np.isfinite(values).all():
                raise DataError(f"{name} {tuple(values)} is not three numbers, for red, green and blue")
        if min(self.std) <= 0:
            raise DataError(f"std {tuple(self.std)} is not above 0 for every colour")

    def __call__(self, photo: Image) -> Floats:
        """Return an RGB photo as float32 [3, h, w]."""
        from PIL.Image import Resampling

        height, width = self.size
        scale = self.crop * min(photo.width / width, photo.height / height)
        left, top = (photo.width - scale * width) / 2, (photo.height - scale * height) / 2
        box = (left, top, left + scale * width, top + scale * height)
        scaled = np.asarray(photo.resize((width, height), Resampling.BICUBIC, box), np.float32) / 255
        standard = (scaled - np.asarray(self.mean, np.float32)) / np.asarray(self.std, np.float32)
        return np.ascontiguousarray(standard.transpose(2, 0, 1))
