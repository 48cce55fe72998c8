"""A folder of images as people keep it, with its captions, as one split."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from translator.errors import DataError
from vse.dataset import Captions, Split, check_languages
from vse.dataset.caption_rows import Row
from vse.dataset.caption_sources import Place, read_captions
from vse.dataset.matching import ImageNames

ALL = "all"  # name of the split with all images
REPEATED = (
    0.1  # share of the images with the same caption, or rows of equal features, that is worth a warning
)
AT_LEAST = 3  # images that must have it

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Archive:
    """Hold a folder of images.

    :param split: all images that can be read, and their captions.
    :param paths: the file of each image by id.
    :param summary: what was found, in one line.
    :param arguments: those of :func:`read_archive` that read it again, as JSON values.
    """

    split: Split
    paths: Mapping[str, Path]
    summary: str
    arguments: Mapping[str, Any]


def read_archive(
    place: Place,
    captions: Place | Mapping[str, Place | None] | None = None,
    languages: Sequence[str] | None = None,
    *,
    encoder: str | None = None,
    exclude: Sequence[str] = (),
    encoding: str | None = None,
    device: str = "cpu",
) -> Archive:
    """Read the images of a folder, with features from the cache or made now, and their captions.

    :param place: the folder.
    :param captions: a file or a folder with captions, see
        :func:`~vse.dataset.caption_sources.read_captions`; by the language of the captions that name none.
    :param languages: codes of the captions to read; None for all, an empty list for none.
    :param encoder: name of the encoder, see :func:`~vse.features.load_encoder`; None for the default.
    :param exclude: shell patterns of images to leave out.
    :param encoding: of the files of captions; None for UTF-8.
    :param device: where a torch encoder runs.
    :raises FormatError: a file of captions has no known format.
    :raises DataError: there is no image, no caption of an image or in a language, or no such encoder.
    """
    from vse.features import DEFAULT, load_encoder
    from vse.features.cached import cached_features
    from vse.features.image_files import find_images

    folder = Path(place)
    images = find_images(folder, exclude)
    files = {} if languages is not None and not languages else _by_language(captions, languages)
    network = load_encoder(encoder or DEFAULT, device=device)
    sources = {code: read_captions(images, folder, file, encoding) for code, file in files.items()}
    matched = _Matched(" and ".join(source.name for source in sources.values()), images, folder, languages)
    for code, source in sources.items():
        for row in source.rows:
            matched.add(row, code)
    matched.check()  # before features are made, which takes longer
    made = cached_features(images, network)
    paths, texts = {name: images[name] for name in made.ids}, matched.captions(made.ids)
    split = Split(ALL, made.ids, made.matrix, texts)
    warn_of_features(split)
    unread = f", {len(made.damaged):,} more cannot be read" if made.damaged else ""
    summary = f"{folder}: {len(split):,} images{unread}" + (matched.summary(split) if sources else "")
    recorded = {code: None if file is None else str(Path(file).resolve()) for code, file in files.items()}
    arguments = {
        "place": str(folder.resolve()),
        "captions": recorded.get("", recorded),
        "encoder": encoder or DEFAULT,
        "exclude": list(exclude),
        "encoding": encoding,
    }
    return Archive(split, paths, summary, arguments)


def is_archive(place: Place) -> bool:
    """Return whether a folder has image files and no splits."""
    from vse.dataset.layouts import splits_of
    from vse.features.image_files import SUFFIXES

    folder = Path(place)
    return (
        folder.is_dir()
        and not splits_of(folder)
        and any(path.suffix.lower() in SUFFIXES for path in folder.rglob("*"))
    )


def _by_language(
    captions: Place | Mapping[str, Place | None] | None, languages: Sequence[str] | None
) -> dict[str, Place | None]:
    """Return files of captions by the language of captions that name none; "" if it is not known."""
    if isinstance(captions, Mapping):
        return dict(captions)
    return {languages[0] if languages is not None and len(languages) == 1 else "": captions}


class _Matched:
    """Gather captions by language and image.

    :param origin: of the captions, for messages.
    :param images: files by id.
    :param folder: of the images.
    :param languages: codes to keep; None for all.
    """

    def __init__(
        self, origin: str, images: Mapping[str, Path], folder: Path, languages: Sequence[str] | None
    ) -> None:
        self._origin, self._languages, self._first = origin, languages, next(iter(images))
        self._names = ImageNames(images, folder)
        self._found: dict[str, list[tuple[str, str]]] = {}  # image and text by language
        self._stray: Counter[str] = Counter()  # captions by a name that is of no image
        self._blank = 0

    def add(self, row: Row, default: str) -> None:
        """Add a caption.

        :param default: its language if it names none.
        """
        name, code = self._names.find(row.image), row.language or default
        if self._languages is not None and code not in self._languages:
            code = re.split("[-_]", code)[0]  # en-US
        if not row.text.strip():
            self._blank += 1
        elif name is None:
            self._stray[row.image] += 1
        elif self._languages is None or not code or code in self._languages:
            self._found.setdefault(code, []).append((name, row.text))

    def check(self) -> None:
        """Warn of captions that are blank or repeated.

        :raises DataError: none is of an image or in one of the languages, or their language is not known.
        """
        if self._stray and not self._found:
            raise DataError(
                f"{self._origin}: no caption is of an image of the folder; one is of {min(self._stray)!r}",
                f"Images are such as {self._first!r}.",
            )
        if "" in self._found:
            raise DataError(
                f"{self._origin}: the captions do not say their language", 'Pass captions={"en": FILE}.'
            )
        check_languages(self._languages or (), self._found, self._origin)
        if self._blank:
            logger.warning("%s: %d blank captions are left out", self._origin, self._blank)
        for code, found in self._found.items():
            text, images = Counter(text for _, text in set(found)).most_common(1)[0]
            if images >= max(AT_LEAST, REPEATED * len({name for name, _ in found})):
                logger.warning(
                    "%s: %d images have the same caption in %s: %r", self._origin, images, code, text[:60]
                )

    def captions(self, ids: Sequence[str]) -> dict[str, Captions]:
        """Return the captions of some images by language; rows are the places of their ids."""
        row = {name: number for number, name in enumerate(ids)}
        kept = {
            code: [(row[name], text) for name, text in found if name in row]
            for code, found in sorted(self._found.items())
        }
        return {code: _sorted(found) for code, found in kept.items() if found}

    def summary(self, split: Split) -> str:
        """Return the counts of images and captions, in words."""
        captioned = {row for captions in split.captions.values() for row in captions.images.tolist()}
        counts = ", ".join(f"{len(captions):,} in {code}" for code, captions in split.captions.items())
        without = len(split) - len(captioned)
        example = f" (such as {min(self._stray)!r})" if self._stray else ""
        return (
            f"; captions from {self._origin}: {counts}; {without:,} images without caption,"
            f" {self._stray.total():,} captions without image{example}"
        )


def _sorted(found: Sequence[tuple[int, str]]) -> Captions:
    ordered = sorted(found, key=lambda one: one[0])  # stable: captions of an image keep their order
    return Captions([text for _, text in ordered], np.array([row for row, _ in ordered], np.int64))


def warn_of_features(split: Split) -> None:
    """Warn of equal features of many images, and of images whose features are all one number."""
    rows, constant = Counter[int](), 0
    for row in split.features:
        rows[hash(row.tobytes())] += 1
        constant += bool(len(row) > 1 and (row == row[0]).all())
    if (equal := max(rows.values())) >= max(AT_LEAST, REPEATED * len(split)):
        logger.warning(
            "%d of %d images in %r have the same features: are they the same image?",
            equal,
            len(split),
            split.name,
        )
    if constant:
        logger.warning(
            "%d of %d images in %r have features that are all one number: make them again",
            *(constant, len(split), split.name),
        )
