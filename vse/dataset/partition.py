"""Divide the images of an archive into splits, by chance or as the user says."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from translator.errors import DataError, FormatError
from translator.progress import track
from translator.text_files import separator_of, split_cells, text_lines
from vse.dataset import Captions, Features, Split
from vse.dataset.matching import ImageNames

SPLIT_FILE = "split.tsv"  # in the folder of a run: id of an image, tab, name of its split
SHARES = {"dev": 0.1, "test": 0.1}  # of the captioned images; the others are for training
# Cosine of near-duplicates. Features of 880 photos by EfficientNet-Lite2 have a cosine of 0.91 at most, for
# two shots of one scene; of 692 drawings 4 pairs are above 0.98; at 0.9 are an orange and a mandarine.
NEAR = 0.98
BLOCK = 1024  # images compared at a time
_OTHER_NAMES = {"val": "dev", "valid": "dev", "validation": "dev", "development": "dev", "training": "train"}

Assignment = Mapping[str, str]  # id of an image -> name of its split


def partition(split: Split, random_state: int = 0) -> dict[str, str]:
    """Assign each image with a caption to ``train``, ``dev`` or ``test``; near-duplicates stay together.

    The place of an image in the order of assignment follows from its id and the seed, so that most images
    keep their split when others are added.

    :raises DataError: there are too few images that differ.
    """
    rows = sorted({row for captions in split.captions.values() for row in captions.images.tolist()})
    groups: dict[int, list[int]] = {}
    for row, group in zip(rows, near_duplicates(split.features[rows]), strict=True):
        groups.setdefault(group, []).append(row)

    def drawn(group: list[int]) -> bytes:
        return hashlib.sha256(f"{random_state} {split.ids[group[0]]}".encode()).digest()

    ordered = sorted(groups.values(), key=drawn)
    room = {name: max(1, round(share * len(rows))) for name, share in SHARES.items()}
    assigned = dict.fromkeys((split.ids[row] for row in rows), "train")
    for members in ordered:
        name = next((name for name, left in room.items() if len(members) <= left), None)
        if name is not None:
            room[name] -= len(members)
            assigned |= dict.fromkeys((split.ids[row] for row in members), name)
    counts = Counter(assigned.values())
    if min(counts[name] for name in ("train", *SHARES)) < 1:
        raise DataError(
            f"{len(rows)} images with captions, {len(ordered)} of them different, are too few for a split",
            "Add images, or pass split=FILE.",
        )
    return assigned


def near_duplicates(features: Features) -> list[int]:
    """Return a group number for each image, equal for images whose features have a cosine above ``NEAR``.

    :param features: [n, f].

    >>> near_duplicates(np.array([[1.0, 0], [0, 1], [1, 0.01]]))
    [0, 1, 0]
    """
    unit = np.asarray(features, np.float32)
    unit = unit / np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    group = list(range(len(unit)))

    def root(row: int) -> int:
        while group[row] != row:
            group[row] = group[group[row]]
            row = group[row]
        return row

    for top in track(range(0, len(unit), BLOCK), "looking for near-duplicates"):
        near = unit[top : top + BLOCK] @ unit[top:].T > NEAR
        for one, other in np.argwhere(np.triu(near, 1)).tolist():
            first, second = sorted((root(top + one), root(top + other)))
            group[second] = first
    return [root(row) for row in range(len(unit))]


def read_assignment(file: Path, paths: Mapping[str, Path], folder: Path) -> dict[str, str]:
    """Read the split of each image from lines of image and split, separated by a tab, comma or semicolon.

    :param paths: of the images by id; lines of other images are passed over.
    :param folder: of the images.
    :raises FormatError: a line has no split, or no image is in the split ``train`` or ``dev``.
    """
    names, assigned = ImageNames(paths, folder), dict[str, str]()
    lines = [line for line in text_lines(file) if line.strip()]
    separator = separator_of(lines)
    for number, line in enumerate(lines, 1):
        cells = split_cells(line, separator)
        if len(cells) != 2 or not cells[1]:
            raise FormatError(f"{file}:{number}: {line[:60]!r}", "Expected lines such as IMG_1.jpg<tab>dev.")
        if (name := names.find(cells[0])) is not None:
            assigned[name] = _OTHER_NAMES.get(cells[1].lower(), cells[1].lower())
    if missing := {"train", "dev"} - set(assigned.values()):
        raise FormatError(
            f"{file}: no image of {folder} is in the split {min(missing)!r}",
            "Expected lines such as IMG_1.jpg<tab>dev, of images in that folder.",
        )
    return assigned


def assignment_lines(assigned: Assignment) -> str:
    """Return the text of a file that :func:`read_assignment` reads."""
    return "".join(f"{name}\t{part}\n" for name, part in assigned.items())


def part(split: Split, assigned: Assignment, name: str) -> Split:
    """Return the images of one split.

    :raises DataError: there is none.
    """
    rows = [row for row, image in enumerate(split.ids) if assigned.get(image) == name]
    if not rows:
        raise DataError(
            f"no image is in the split {name!r}",
            f"Splits there are: {', '.join(sorted(set(assigned.values())))}.",
        )
    captions = {code: _kept(each, rows) for code, each in split.captions.items()}
    return replace(
        split,
        name=name,
        ids=[split.ids[row] for row in rows],
        features=split.features[rows],
        captions={code: each for code, each in captions.items() if each is not None},
    )


def _kept(captions: Captions, rows: Sequence[int]) -> Captions | None:
    """Return the captions of some images, whose rows are renumbered; None without any."""
    places = np.flatnonzero(np.isin(captions.images, rows))
    if not len(places):
        return None
    texts = [captions.texts[place] for place in places.tolist()]
    return Captions(texts, np.searchsorted(rows, captions.images[places]))
