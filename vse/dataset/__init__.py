"""Pictures and their captions in several languages: values that are checked once, when they are made."""

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
    """The captions of one language.

    :param texts: none of them blank; at least one.
    :param images: int64 [n], the row of each caption's picture, ascending.
    :raises DataError: the two disagree in length, or are not as said.
    """

    texts: Sequence[str]
    images: Indices

    def __post_init__(self) -> None:
        images = np.asarray(self.images)
        if images.ndim != 1 or images.dtype.kind not in "iu":
            raise DataError(f"picture rows must be integers [n], not {images.dtype} of shape {images.shape}")
        if len(self.texts) != len(images):
            raise DataError(f"{len(self.texts)} captions but {len(images)} picture rows for them")
        if not len(images):
            raise DataError("no captions")
        if images[0] < 0 or (images[1:] < images[:-1]).any():
            raise DataError("captions must be sorted by the rows of their pictures, which count from 0")
        blank = next((place for place, text in enumerate(self.texts) if not text.strip()), None)
        if blank is not None:
            raise DataError(f"caption {blank} (counted from 0) is blank")
        object.__setattr__(self, "images", images.astype(np.int64, copy=False))

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self):,} of {len(np.unique(self.images)):,} pictures)"


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """A set of pictures, such as those for training, and their captions.

    :param name: such as ``train``.
    :param ids: one a picture, distinct, each a line of text.
    :param features: float16, float32 or float64 [n, f], finite; may be a read-only memory map.
    :param captions: by language code. A picture may have any number of captions in a language, or none.
    :raises DataError: these do not fit each other, or are not as said.
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
                raise DataError(
                    f"{language!r} is no language code", "Write letters and digits, such as 'de'."
                )
            if captions.images[-1] >= len(self.features):
                raise DataError(
                    f"captions in {language} name picture row {captions.images[-1]},"
                    f" but there are {len(self.features)} pictures, counted from 0"
                )

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        shape, languages = self.features.shape, ", ".join(self.captions)
        return (
            f"{type(self).__name__}({self.name!r}, {shape[0]:,} pictures x {shape[1]}, captions: {languages})"
        )

    def only(self, languages: Sequence[str]) -> Split:
        """The same pictures with the captions of ``languages`` alone.

        :raises DataError: a language has no captions here.
        """
        check_languages(languages, self.captions, f"the split {self.name!r}")
        return replace(self, captions={language: self.captions[language] for language in languages})

    def subset(self, pictures: int, seed: int, languages: Sequence[str] | None = None) -> Split:
        """The captions of ``pictures`` pictures drawn at random.

        Drawn from those that have a caption in at least one of ``languages`` (default: all); a larger number
        with the same seed draws the same pictures and more. Captions in other languages stay, and so do the
        features and ids of all pictures.

        :raises DataError: there are fewer pictures than asked for, or those drawn leave a language without
            captions, or a language has none here.
        """
        chosen = list(self.captions if languages is None else languages)
        check_languages(chosen, self.captions, f"the split {self.name!r}")
        there = np.unique([row for language in chosen for row in self.captions[language].images.tolist()])
        if not 1 <= pictures <= len(there):
            raise DataError(
                f"cannot draw {pictures} pictures from the split {self.name!r}: "
                f"{len(there)} have a caption in {' or '.join(chosen)}",
                "Ask for fewer, but at least 1." if len(there) else "",
            )
        drawn = np.random.default_rng(seed).permutation(there)[:pictures]
        kept = {language: _kept(self.captions[language], drawn, language) for language in chosen}
        return replace(self, captions={**self.captions, **kept})


def check_features(features: Features) -> None:
    """See that image features have a shape and type that can be used; their values are not looked at.

    :raises DataError: they are no matrix [pictures, width] of float16, float32 or float64, or it is empty.
    """
    if features.ndim != 2:
        raise DataError(
            f"features must be a matrix [pictures, width], not an array of shape {features.shape}"
        )
    if features.dtype.kind != "f" or features.dtype.itemsize > 8:
        raise DataError(
            f"features must be float16, float32 or float64, not {features.dtype}",
            "Convert them: features.astype(numpy.float32)",
        )
    if not features.size:
        raise DataError(f"features of shape {features.shape} hold no number")


def check_languages(asked: Iterable[str], there: Collection[str], place: str) -> None:
    """See that every language asked for has captions.

    :raises DataError: one has none in ``place``; the message names those that do.
    """
    missing = [language for language in asked if language not in there]
    if missing:
        raise DataError(
            f"{place} has no captions in {', '.join(missing)}",
            f"Languages there are: {', '.join(sorted(there)) or 'none'}.",
        )


def _check_ids(ids: Sequence[str], pictures: int) -> None:
    if len(ids) != pictures:
        raise DataError(f"{len(ids)} ids but {pictures} pictures")
    bad = next((name for name in ids if name != name.strip() or not name or "\n" in name), None)
    if bad is not None:
        raise DataError(
            f"the id {bad!r} is not a line of text", "Ids are not empty and have no spaces around."
        )
    if len(set(ids)) < len(ids):
        name, count = Counter(ids).most_common(1)[0]
        raise DataError(f"{count} pictures have the id {name!r}", "Give each picture an id of its own.")


def _kept(captions: Captions, pictures: Indices, language: str) -> Captions:
    """The captions of some pictures."""
    places = np.flatnonzero(np.isin(captions.images, pictures)).tolist()
    if not places:
        raise DataError(
            f"none of the {len(pictures)} pictures drawn has a caption in {language}",
            "Draw more pictures, or with another seed.",
        )
    return Captions([captions.texts[place] for place in places], captions.images[places])
