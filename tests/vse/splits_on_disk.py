"""Small splits in either layout, and what is compared of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vse.dataset import Split

Array = npt.NDArray[Any]


def rows_of(n: int, width: int = 3) -> Array:
    return np.random.default_rng(n).random((n, width)).astype(np.float16)


def put(folder: Path, features: Array | None = None, **texts: str) -> Path:
    """A folder with ``train_ims.npy`` and text files; ``__`` in a name means the dot of its language."""
    folder.mkdir(exist_ok=True)
    if features is not None:
        np.save(folder / "train_ims.npy", features)
    for name, text in texts.items():
        (folder / f"train_{name.replace('__', '.')}.txt").write_bytes(text.encode())
    return folder


def lay(folder: Path, features: Array | None = None, ids: str = "a\nb\nc\n", **captions: str) -> Path:
    """A folder with the split ``train`` as a folder."""
    place = folder / "train"
    place.mkdir(parents=True)
    np.save(place / "features.npy", rows_of(3) if features is None else features)
    (place / "ids.txt").write_bytes(ids.encode())
    for language, text in captions.items():
        (place / f"captions.{language}.tsv").write_bytes(text.encode())
    return folder


def pairs(split: Split, language: str = "en") -> list[tuple[str, str]]:
    """Id of the image and text of each caption."""
    captions = split.captions[language]
    return [(split.ids[row], text) for row, text in zip(captions.images, captions.texts, strict=True)]


def same(one: Split, other: Split) -> bool:
    assert list(one.ids) == list(other.ids) and one.name == other.name
    assert one.features.dtype == other.features.dtype and np.array_equal(one.features, other.features)
    assert sorted(one.captions) == sorted(other.captions)
    return all(pairs(one, language) == pairs(other, language) for language in one.captions)
