"""Extraction of the features of a folder of images, a batch at a time."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np

from translator.errors import DataError, FormatError
from translator.progress import track, with_progress
from translator.vectors import Floats
from translator.writing import replacing
from vse.features.encoder import Encoder
from vse.features.image_files import find_images, open_image

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Extraction:
    """Hold the features of images.

    :param ids: id of each image, see :func:`~vse.features.image_files.find_images`.
    :param matrix: float32 [n, width]; row i belongs to ``ids[i]``.
    :param damaged: images that were left out because they cannot be read.
    """

    ids: Sequence[str]
    matrix: Floats
    damaged: Sequence[Path]


def ids_path(features: str | os.PathLike[str]) -> Path:
    """Return the file of ids that belongs to a file of features.

    >>> ids_path("train_ims.npy").name, ids_path("train.npy").name, ids_path("train/features.npy").name
    ('train_ids.txt', 'train_ids.txt', 'ids.txt')
    """
    path = Path(features)
    if path.name == "features.npy":  # as in a split that is a folder
        return path.with_name("ids.txt")
    return path.with_name(path.stem.removesuffix("_ims") + "_ids.txt")


@with_progress
def extract(
    images: str | os.PathLike[str],
    encoder: Encoder,
    output: str | os.PathLike[str],
    *,
    batch: int = 32,
    exclude: Sequence[str] = (),
    show_progress: bool | None = None,
) -> Extraction:
    """Write the features of every image in a folder and below, and their ids to :func:`ids_path`.

    Images that cannot be read are left out, with a warning for each. Only one batch is held in memory. Both
    files appear when all images are done.

    :param images: the folder.
    :param encoder: see :func:`~vse.features.load_encoder`.
    :param output: a ``.npy`` file, float32 [n, width].
    :param batch: number of images encoded at once.
    :param exclude: shell patterns of images to leave out, see :func:`~vse.features.image_files.find_images`.
    :param show_progress: None shows a progress bar on a terminal and in a notebook.
    :raises DataError: as :func:`check_output`; or there are no images, none can be read, or the encoder
        returns no proper features.
    """
    target = Path(output)
    check_output(target)
    found = find_images(images, exclude)
    ids: list[str] = []
    with replacing(ids_path(target)) as ids_draft, replacing(target) as draft:
        with draft.open("wb") as stream:
            _write_header(stream, 0, encoder.width)
            for name, row in encode(found, encoder, batch):
                stream.write(row.tobytes())
                ids.append(name)
            _write_header(stream, len(ids), encoder.width)
        if not ids:
            raise DataError(
                f"{images}: none of its {len(found)} images can be read", "See the warnings above."
            )
        ids_draft.write_text("".join(f"{name}\n" for name in ids), "utf-8")
    damaged = [found[name] for name in found.keys() - ids]
    return Extraction(ids, np.load(target, mmap_mode="r", allow_pickle=False), sorted(damaged))


def encode(images: Mapping[str, Path], encoder: Encoder, batch: int) -> Iterator[tuple[str, Floats]]:
    """Yield the features of images, float32 [width], in order; warn of images that cannot be read.

    :param images: files by name.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        coming = deque[tuple[str, Future[Floats | None]]]()
        left, names, ready = iter(list(images.items())), list(images), dict[str, Floats]()
        for number, _ in enumerate(track(names, "encoding images", "image"), 1):
            for name, path in islice(left, 2 * batch - len(coming)):  # read while others are encoded
                coming.append((name, pool.submit(_prepared, encoder, path)))
            name, prepared = coming.popleft()
            if (image := prepared.result()) is not None:
                ready[name] = image
            if len(ready) == batch or number == len(names):
                yield from zip(ready, _encoded(encoder, ready), strict=True)
                ready.clear()


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


def _prepared(encoder: Encoder, path: Path) -> Floats | None:
    try:
        image = open_image(path)
    except (DataError, FormatError) as error:
        logger.warning("left out: %s", error.message)
        return None
    return encoder.prepare(image)


def _encoded(encoder: Encoder, images: dict[str, Floats]) -> Floats:
    """Return the features of prepared images, float32 [n, width], checked."""
    if not images:
        return np.empty((0, encoder.width), np.float32)
    features = np.ascontiguousarray(encoder(np.stack(list(images.values()))), np.float32)
    if features.shape != (len(images), encoder.width):
        raise DataError(
            f"the encoder returns features of shape {features.shape} for {len(images)} images,"
            f" expected {(len(images), encoder.width)}"
        )
    finite = np.isfinite(features).all(axis=1)
    if not finite.all():
        name = list(images)[int(np.argmin(finite))]
        raise DataError(f"the encoder's features of {name!r} are not finite", "Try another encoder.")
    return features


def _write_header(stream: BinaryIO, count: int, width: int) -> None:
    """Write the header of a ``.npy``, or update its count of rows: numpy leaves room for it to grow."""
    stream.seek(0)
    header = {"descr": "<f4", "fortran_order": False, "shape": (count, width)}
    np.lib.format.write_array_header_1_0(stream, header)
