"""Features of images from the user's cache, where they are kept by the content of an image and its encoder.

An entry is a small ``.npy``, ``features/ENCODER/SHA256.npy``. It is written as soon as its image is encoded,
so an interrupted run continues where it was, and an image that was renamed, moved or copied costs nothing.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from translator.errors import DataError
from translator.files import fingerprint
from translator.formats.cache import cache_folder
from translator.progress import track
from translator.vectors import Floats
from translator.vectors.matrices import allocate
from translator.writing import replacing
from vse.features.encoder import Encoder
from vse.features.extraction import Extraction, encode

logger = logging.getLogger(__name__)


def cached_features(images: Mapping[str, Path], encoder: Encoder, *, batch: int = 32) -> Extraction:
    """Return the features of images: from the cache, or encoded and added to it.

    Images that cannot be read are left out, with a warning for each.

    :param images: files by id.
    :param batch: number of images encoded at once.
    :raises DataError: no image can be read, or the encoder returns no proper features.
    """
    contents = [_content(path) for path in track(list(images.values()), "reading images", "image")]
    rows: dict[str, list[int]] = {}  # of each content: copies are encoded once
    for number, content in enumerate(contents):
        rows.setdefault(content, []).append(number)
    unread = set(rows.pop("", []))
    matrix, place = allocate(len(images), encoder.width), _place(encoder)
    paths, missing = list(images.values()), dict[str, Path]()
    for content, numbers in rows.items():
        if (row := _load(place, content, encoder.width)) is None:
            missing[content] = paths[numbers[0]]
        else:
            matrix[numbers] = row
    for content, row in encode(missing, encoder, batch):
        matrix[rows[content]] = row
        _save(place, content, row)
        del missing[content]
    unread.update(*(rows[content] for content in missing))
    kept = [number for number in range(len(images)) if number not in unread]
    if not kept:
        raise DataError(f"none of the {len(images)} images can be read", "See the warnings above.")
    ids = list(images)
    return Extraction(
        [ids[number] for number in kept],
        matrix[kept] if unread else matrix,
        sorted(paths[number] for number in unread),
    )


def _content(path: Path) -> str:
    """Return the SHA-256 of a file, or an empty text if it cannot be read."""
    try:
        return fingerprint(path)
    except OSError as error:
        logger.warning("left out: %s: cannot be read (%s)", path, error.strerror)
        return ""


def _place(encoder: Encoder) -> Path | None:
    """Return the folder of an encoder's features in the cache, or None if there can be no cache."""
    try:
        place = cache_folder() / "features" / hashlib.sha256(encoder.name.encode()).hexdigest()[:20]
        place.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:  # no home folder
        logger.warning("features are not cached: %s", error)
        return None
    return place


def _load(place: Path | None, content: str, width: int) -> Floats | None:
    """Return the features of an image, or None if they are not in the cache or damaged."""
    with suppress(Exception):  # whatever damaged bytes make numpy raise
        if place is not None:
            row: Floats = np.load(place / f"{content}.npy", allow_pickle=False)
            if row.shape == (width,) and row.dtype == np.float32 and np.isfinite(row).all():
                return row
    return None


def _save(place: Path | None, content: str, row: Floats) -> None:
    try:
        if place is not None:
            with replacing(place / f"{content}.npy") as draft:
                np.save(draft, row)
    except (OSError, DataError) as error:
        logger.warning("features could not be cached: %s", error)
