"""The precomp layout, in which the field shares its data (VSE++, SCAN and their successors).

``train_ims.npy`` holds the features, and ``train_caps.<language>.txt`` the captions of a language, one a
line: the same number for each image, in the order of the images; a blank line means no caption. Optional:

- ``train_ids.txt``, the ids of the images; without it they are numbered from 0.
- ``train_ids.<language>.txt``, the id of the image of each caption of that language: any order and number.
- ``train_caps.txt``, which does not name its language. It is English; but if it is the only caption file of
  its split, it is in whatever single language is asked for.

Features and ids may be repeated, one row for each caption; the repetitions are found and dropped.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from translator.errors import FormatError
from translator.progress import track
from translator.vectors import Indices
from vse.dataset import Captions, Features, Split
from vse.dataset.reading import BLOCK, gather, language_files, read_features, read_ids, read_lines

logger = logging.getLogger(__name__)


def caption_files(folder: Path, split: str, asked: Sequence[str] | None = None) -> dict[str, Path]:
    """Return the caption files of a split by language.

    :param asked: the languages wanted, if known: a file without a language may be in any one of them.
    """
    files = language_files(folder, f"{split}_caps.", ".txt")
    plain = folder / f"{split}_caps.txt"
    if plain.is_file():
        language = asked[0] if asked is not None and len(asked) == 1 and not files else "en"
        if files.setdefault(language, plain) is plain:
            logger.info("%s: taken as language %s", plain, language)
        else:
            logger.warning("%s: ignored, because %s exists", plain, files[language].name)
    return files


def read(folder: Path, split: str, files: Mapping[str, Path]) -> Split:
    """Read the split, with the captions in ``files``.

    :raises FormatError: a file does not have the format of the layout, or does not fit the others.
    """
    source, ids_file = folder / f"{split}_ims.npy", folder / f"{split}_ids.txt"
    features = read_features(source)
    times = repeats(features)
    if times > 1:
        features = features[::times]
        logger.info("%s: each image is repeated %d times: %d images", source, times, len(features))
    if ids_file.is_file():
        ids = read_ids(ids_file, len(features), repeated=True)
    else:
        ids = list(map(str, range(len(features))))
    row = {name: row for row, name in enumerate(ids)}
    captions = {
        language: _captions(file, folder / f"{split}_ids.{language}.txt", row)
        for language, file in files.items()
    }
    return Split(split, ids, features, captions)


def repeats(features: Features) -> int:
    """Return the largest k, a divisor of n, such that rows [n, f] are n / k groups of k equal rows."""
    k, height = len(features), max(1, BLOCK // features[0].nbytes)
    for top in track(range(1, len(features), height), "looking for repeated features"):
        after = features[top : top + height]
        changed = np.flatnonzero((after != features[top - 1 : top - 1 + len(after)]).any(axis=1))
        k = math.gcd(k, *(top + changed).tolist())
        if k == 1:
            break
    return k


def _captions(file: Path, ids_file: Path, row: Mapping[str, int]) -> Captions:
    """Read the captions of one language; ``row`` has the row of each image id."""
    lines = read_lines(file)
    if ids_file.is_file():
        return gather(file, lines, _rows(ids_file, row, file, len(lines)))
    each, rest = divmod(len(lines), len(row))
    if rest:
        raise FormatError(
            f"{file}: {len(lines)} lines for {len(row)} images, expected the same number for each",
            f"Leave a line blank for no caption, or name the image of each line in {ids_file}.",
        )
    return gather(file, lines, np.repeat(np.arange(len(row)), each))


def _rows(ids_file: Path, row: Mapping[str, int], file: Path, lines: int) -> Indices:
    """Return the image row of each caption, int64 [lines], read from a file of image ids."""
    ids = [line.strip() for line in read_lines(ids_file)]
    if len(ids) != lines:
        raise FormatError(f"{ids_file}: {len(ids)} ids, but {lines} captions in {file.name}")
    for line, name in enumerate(ids, start=1):
        if name not in row:
            raise FormatError(
                f"{ids_file}:{line}: no image has the id {name!r}; ids are such as {next(iter(row))!r}",
                "Without a file of image ids, ids are numbers from 0.",
            )
    return np.array([row[name] for name in ids], np.int64)
