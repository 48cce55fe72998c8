"""All images of a place with all their captions, whatever splits they are kept in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from translator.errors import DataError
from translator.vectors.matrices import ROWS, allocate
from vse.dataset import Captions, Features, Split, check_languages
from vse.dataset.archive import ALL, is_archive, read_archive
from vse.dataset.caption_sources import Place
from vse.dataset.layouts import languages_of, load_split, splits_of


def everything(
    place: Place,
    captions: Place | Mapping[str, Place | None] | None = None,
    languages: Sequence[str] | None = None,
    **reading: Any,
) -> Split:
    """Return all images of a folder with all their captions, as a split named ``all``.

    The folder has splits, or image files, whose features are made or come from the cache.

    Splits follow each other by name. If two of them have an id in common, as where images are numbered, each
    id begins with the name of its split: ``test/0``.

    :param captions: where the captions of image files are, see :func:`~vse.dataset.archive.read_archive`.
    :param languages: codes of the captions to read; None for all, an empty list for none.
    :param reading: more arguments of :func:`~vse.dataset.archive.read_archive`, for image files.
    :raises FormatError: a file is not what its layout promises, or does not fit the others.
    :raises DataError: there are no images, a language has no captions in any split, or the splits differ in
        the width of their features.
    """
    if is_archive(place):
        return read_archive(place, captions, languages, **reading).split
    names = splits_of(place)
    if captions is not None and names:
        raise DataError(f"{place}: has captions of its own", "Leave `captions` out.")
    if not names:
        raise DataError(f"{place}: has no images", "Name a folder of images, or one with at least one split.")
    there = {name: languages_of(place, name) for name in names}
    if languages is not None:
        check_languages(languages, set().union(*there.values()), str(place))
    asked = {
        name: [code for code in codes if languages is None or code in languages]
        for name, codes in there.items()
    }
    return joined([load_split(place, name, codes) for name, codes in asked.items()])


def joined(splits: Sequence[Split]) -> Split:
    """Join splits into one named ``all``; a single one keeps its features where they are.

    :raises DataError: the splits differ in the width of their features.
    """
    if len({split.features.shape[1] for split in splits}) > 1:
        widths = ", ".join(f"{split.name} {split.features.shape[1]}" for split in splits)
        raise DataError(
            f"the splits differ in the width of their image features: {widths}",
            "Make the features of all splits with one encoder, or name one split.",
        )
    ids = [name for split in splits for name in split.ids]
    if len(set(ids)) < len(ids):
        ids = [f"{split.name}/{name}" for split in splits for name in split.ids]
    codes = sorted({code for split in splits for code in split.captions})
    captions = {code: _captions(splits, code) for code in codes}
    return Split(ALL, ids, _stacked([split.features for split in splits]), captions)


def _captions(splits: Sequence[Split], code: str) -> Captions:
    """Join the captions of one language."""
    texts: list[str] = []
    rows, first = [], 0
    for split in splits:
        if (captions := split.captions.get(code)) is not None:
            texts += captions.texts
            rows.append(first + captions.images)
        first += len(split)
    return Captions(texts, np.concatenate(rows))


def _stacked(matrices: Sequence[Features]) -> Features:
    """Return the rows of all matrices, float32 [n, f], copied in blocks; a single one as it is."""
    if len(matrices) == 1:
        return matrices[0]
    stacked = allocate(sum(map(len, matrices)), matrices[0].shape[1])
    row = 0
    for matrix in matrices:
        for top in range(0, len(matrix), ROWS):
            block = matrix[top : top + ROWS]
            stacked[row : row + len(block)] = block
            row += len(block)
    return stacked
