"""Which pictures are meant: encoded ones, their features, or those of a data folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vse import VSE, ImageIndex, Split


def images_of(model: VSE, run: Path, place: Path, split: str) -> ImageIndex:
    """Pictures in the joint space, encoded now unless they are already.

    :raises DataError: there are none, or they do not fit the model.
    """
    import numpy as np

    from translator.errors import FormatError
    from translator.files import existing, fingerprint
    from vse import ImageIndex, load_split
    from vse.artefact import TENSORS
    from vse.features import ids_path

    weights = fingerprint(existing(run / TENSORS))
    if place.is_dir():
        pictures = load_split(place, split)
        return ImageIndex(model.encode_image(pictures.features), pictures.ids, weights)
    if ImageIndex.is_index(existing(place)):
        return ImageIndex.load(place, weights)
    try:
        features = np.load(place, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise FormatError(
            f"{place}: cannot be read as .npy ({error})", "Give features [n, f], or a data folder."
        ) from None
    names = ids_path(place)
    ids = names.read_text("utf-8").splitlines() if names.is_file() else []
    return ImageIndex(model.encode_image(features), ids, weights)


def captions_of(place: Path, split: str) -> Split | None:
    """The split of a data folder, whose captions go beside the pictures found."""
    from vse import load_split

    return load_split(place, split) if place.is_dir() else None
