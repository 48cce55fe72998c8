"""Images and their captions in several languages: values that are checked when they are made."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt

from translator.errors import DataError
from translator.vectors import Indices

LANGUAGE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")  # a language code

Features = npt.NDArray[np.floating[Any]]  # float16, float32 or float64


@dataclass(frozen=True, eq=False, repr=False)
class Captions:
    """Hold the captions of one language.

    :param texts: at least one, and none blank.
    :param images: row of each caption's image, int64 [n], ascending.
    :raises DataError: the two disagree in length, or are not as described.

    >>> Captions(["a dog", "a brown dog", "a cat"], [0, 0, 1])
    Captions(3 of 2 images)
    """

    texts: Sequence[str]
    images: Indices

    def __post_init__(self) -> None:
        images = np.asarray(self.images)
        if images.ndim != 1 or images.dtype.kind not in "iu":
            raise DataError(f"image rows must be integers [n], not {images.dtype} of shape {images.shape}")
        if len(self.texts) != len(images):
            raise DataError(f"{len(self.texts)} captions but {len(images)} image rows for them")
        if not len(images):
            raise DataError("no captions")
        if images[0] < 0 or (images[1:] < images[:-1]).any():
            raise DataError("captions must be sorted by the rows of their images, which count from 0")
        blank = next((place for place, text in enumerate(self.texts) if not text.strip()), None)
        if blank is not None:
            raise DataError(f"caption {blank} (counted from 0) is blank")
        object.__setattr__(self, "images", images.astype(np.int64, copy=False))

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self):,} of {len(np.unique(self.images)):,} images)"


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """Hold a set of images, such as those for training, and their captions.

    :param name: such as ``train``.
    :param ids: one for each image, distinct, each a line of text.
    :param features: float16, float32 or float64 [n, f], finite; may be a read-only memory map.
    :param captions: by language code. An image may have any number of captions in a language, or none.
    :raises DataError: these do not fit each other, or are not as described.

    >>> captions = {"en": Captions(["a dog", "a cat"], [0, 1])}
    >>> Split("train", ["0001", "0002"], np.zeros((2, 3), np.float32), captions)
    Split('train', 2 images x 3, captions: en)
    """

    name: str
    ids: Sequence[str]
    features: Features
    captions: Mapping[str, Captions]

    def __post_init__(self) -> None:
        if PurePath(self.name).name != self.name or self.name[:1] in ("", "."):
            raise DataError(f"a split cannot be named {self.name!r}", "Name it plainly, such as 'train'.")
        check_features(self.features)
        _check_ids(self.ids, len(self.features))
        for language, captions in self.captions.items():
            if not LANGUAGE.fullmatch(language):
                raise DataError(f"{language!r} is no language code", "Use letters and digits, such as 'de'.")
            if captions.images[-1] >= len(self.features):
                raise DataError(
                    f"captions in {language} name image row {captions.images[-1]},"
                    f" but there are {len(self.features)} images, counted from 0"
                )

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        shape, languages = self.features.shape, ", ".join(self.captions)
        return (
            f"{type(self).__name__}({self.name!r}, {shape[0]:,} images x {shape[1]}, captions: {languages})"
        )

    def only(self, languages: Sequence[str]) -> Split:
        """Return the same images with the captions of some languages only.

        :raises DataError: a language has no captions here.
        """
        check_languages(languages, self.captions, f"the split {self.name!r}")
        return replace(self, captions={language: self.captions[language] for language in languages})

    def subset(self, images: int, random_state: int, languages: Sequence[str] | None = None) -> Split:
        """Return the split with the captions of some images, drawn at random.

        Images are drawn from those with a caption in at least one of ``languages``. A larger number with the
        same ``random_state`` draws the same images and more. Captions in other languages stay, and so do the
        features and ids of all images.

        :param images: number of images to draw.
        :param languages: None for all.
        :raises DataError: there are fewer images, a language has no captions, or none of the images drawn has
            a caption in it.
        """
        chosen = list(self.captions if languages is None else languages)
        check_languages(chosen, self.captions, f"the split {self.name!r}")
        there = np.unique([row for language in chosen for row in self.captions[language].images.tolist()])
        if not 1 <= images <= len(there):
            raise DataError(
                f"cannot draw {images} images from the split {self.name!r}: "
                f"{len(there)} have a caption in {' or '.join(chosen)}",
                "Ask for fewer, but at least 1." if len(there) else "",
            )
        drawn = np.random.default_rng(random_state).permutation(there)[:images]
        kept = {language: _kept(self.captions[language], drawn, language) for language in chosen}
        return replace(self, captions={**self.captions, **kept})


def check_features(features: Features) -> None:
    """Check the shape and type of image features; their values are not read.

    :raises DataError: they are no matrix [images, width] of float16, float32 or float64, or it is empty.
    """
    if features.ndim != 2:
        raise DataError(f"features must be a matrix [images, width], not an array of shape {features.shape}")
    if features.dtype.kind != "f" or features.dtype.itemsize > 8:
        raise DataError(
            f"features must be float16, float32 or float64, not {features.dtype}",
            "Convert them: features.astype(numpy.float32)",
        )
    if not features.size:
        raise DataError(f"features of shape {features.shape} hold no numbers")


def check_languages(asked: Iterable[str], there: Collection[str], place: str) -> None:
    """Check that every language asked for has captions.

    :param there: the languages with captions.
    :param place: where they were looked for; the message begins with it.
    :raises DataError: a language has no captions; the message names those that have.
    """
    missing = [language for language in asked if language not in there]
    if missing:
        raise DataError(
            f"{place} has no captions in {', '.join(missing)}",
            f"Languages there are: {', '.join(sorted(there)) or 'none'}.",
        )


def _check_ids(ids: Sequence[str], images: int) -> None:
    if len(ids) != images:
        raise DataError(f"{len(ids)} ids but {images} images")
    bad = next((name for name in ids if name != name.strip() or not name or "\n" in name), None)
    if bad is not None:
        raise DataError(
            f"the id {bad!r} is not a line of text", "Ids are not empty and have no spaces around."
        )
    if len(set(ids)) < len(ids):
        name, count = Counter(ids).most_common(1)[0]
        raise DataError(f"{count} images have the id {name!r}", "Give each image an id of its own.")


def _kept(captions: Captions, drawn: Indices, language: str) -> Captions:
    """Return the captions of the images drawn."""
    places = np.flatnonzero(np.isin(captions.images, drawn)).tolist()
    if not places:
        raise DataError(
            f"none of the {len(drawn)} images drawn has a caption in {language}",
            "Draw more images, or use another `random_state`.",
        )
    return Captions([captions.texts[place] for place in places], captions.images[places])
