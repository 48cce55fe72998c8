"""Extraction of the features of a folder of photos, a batch at a time."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from translator.errors import DataError, FormatError
from translator.progress import track, with_progress
from translator.vectors import Floats
from translator.writing import replacing
from vse.features.encoder import Encoder
from vse.features.photos import find_photos, open_photo

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Extraction:
    """Features of photos.

    :param ids: id of each photo: its path within the folder without the suffix.
    :param matrix: float32 [n, width], a read-only memory map; row i belongs to ``ids[i]``.
    :param damaged: photos that were left out because they cannot be read.
    """

    ids: Sequence[str]
    matrix: Floats
    damaged: Sequence[Path]


def ids_path(features: str | os.PathLike[str]) -> Path:
    """Return the file of ids that belongs to a file of features.

    >>> ids_path("train_ims.npy").name, ids_path("train.npy").name
    ('train_ids.txt', 'train_ids.txt')
    """
    path = Path(features)
    return path.with_name(path.stem.removesuffix("_ims") + "_ids.txt")


@with_progress
def extract(
    photos: str | os.PathLike[str],
    encoder: Encoder,
    output: str | os.PathLike[str],
    *,
    batch: int = 32,
    skip_damaged: bool = False,
    show_progress: bool | None = None,
) -> Extraction:
    """Write the features of every photo in a folder and below, and their ids to :func:`ids_path`.

    Only one batch is held in memory. Both files appear when all photos are done.

    :param photos: the folder.
    :param encoder: see :func:`~vse.features.load_encoder`.
    :param output: a ``.npy`` file, float32 [n, width].
    :param batch: number of photos encoded at once.
    :param skip_damaged: leave out photos that cannot be read, and warn of each.
    :param show_progress: None shows a progress bar on a terminal and in a notebook.
    :raises DataError: as :func:`check_output`; or there are no photos, none can be read, or the encoder
        returns no proper features.
    :raises FormatError: a photo cannot be read, and ``skip_damaged`` is off.
    """
    target = Path(output)
    check_output(target)
    found = find_photos(photos)
    ids: list[str] = []
    with replacing(ids_path(target)) as ids_draft, replacing(target) as draft:
        with draft.open("wb") as stream, ThreadPoolExecutor(os.cpu_count()) as pool:
            _write_header(stream, 0, encoder.width)
            names = list(found)
            for start in track(range(0, len(names), batch), "encoding photos"):
                chunk = names[start : start + batch]
                prepared = pool.map(lambda name: _prepared(encoder, found[name], skip_damaged), chunk)
                kept = {name: photo for name, photo in zip(chunk, prepared, strict=True) if photo is not None}
                stream.write(_encoded(encoder, kept).tobytes())
                ids += kept
            _write_header(stream, len(ids), encoder.width)
        if not ids:
            raise DataError(
                f"{photos}: none of its {len(found)} photos can be read", "See the warnings above."
            )
        ids_draft.write_text("".join(f"{name}\n" for name in ids), "utf-8")
    damaged = [found[name] for name in found.keys() - ids]
    return Extraction(ids, np.load(target, mmap_mode="r", allow_pickle=False), sorted(damaged))


def check_output(target: Path) -> None:
    """Check that features can be written to ``target`` without replacing the ids of other features.

    :raises DataError: the name does not end in ``.npy``, or their ids would replace those of others.
    """
    if target.suffix != ".npy":
        raise DataError(f"{target}: features are written as .npy", f"Name it {target.with_suffix('.npy')}.")
    ids = ids_path(target)
    stem = ids.name.removesuffix("_ids.txt")
    for other in (ids.with_name(f"{stem}.npy"), ids.with_name(f"{stem}_ims.npy")):
        if other.name != target.name and other.exists() and ids.exists():
            raise DataError(
                f"{ids}: has the ids of {other.name}, which would be replaced", "Choose another name."
            )


def _prepared(encoder: Encoder, path: Path, skip_damaged: bool) -> Floats | None:
    try:
        photo = open_photo(path)
    except FormatError as error:
        if not skip_damaged:
            raise
        logger.warning("left out: %s", error.message)
        return None
    return encoder.prepare(photo)


def _encoded(encoder: Encoder, photos: dict[str, Floats]) -> Floats:
    """Features of prepared photos, float32 [n, width], checked."""
    if not photos:
        return np.empty((0, encoder.width), np.float32)
    features = np.ascontiguousarray(encoder(np.stack(list(photos.values()))), np.float32)
    if features.shape != (len(photos), encoder.width):
        raise DataError(
            f"the encoder returns features of shape {features.shape} for {len(photos)} photos,"
            f" expected {(len(photos), encoder.width)}"
        )
    finite = np.isfinite(features).all(axis=1)
    if not finite.all():
        name = list(photos)[int(np.argmin(finite))]
        raise DataError(f"the encoder's features of {name!r} are not finite", "Try another encoder.")
    return features


def _write_header(stream: BinaryIO, count: int, width: int) -> None:
    """Write the header of a ``.npy``, or update its count of rows: numpy leaves room for it to grow."""
    stream.seek(0)
    header = {"descr": "<f4", "fortran_order": False, "shape": (count, width)}
    np.lib.format.write_array_header_1_0(stream, header)
