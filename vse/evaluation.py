"""Evaluation of a model: how well it retrieves images and captions of a split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from translator.errors import DataError
from vse.dataset import Captions, Split
from vse.metrics import Metrics, retrieval_metrics
from vse.model import VSE


def evaluate(
    model: VSE, split: Split, languages: Sequence[str] | None = None, *, folds: int = 1
) -> dict[str, Metrics]:
    """Return the metrics of each language by its code.

    :param languages: None for all that both the model and the split have.
    :param folds: equal parts of the gallery over which to average, see :mod:`vse.metrics`.
    :raises DataError: a language is missing, or model and split have none in common.
    """
    codes = list(languages) if languages else [code for code in split.captions if code in model.languages]
    if not codes:
        raise DataError(
            f"the split {split.name!r} has captions in {', '.join(split.captions) or 'no language'};"
            f" the model knows {', '.join(model.languages)}",
            "Add a language of the split to the model first.",
        )
    images = model.encode_image(split.features)
    return {
        code: retrieval_metrics(images, model.encode_text(captions.texts, code), captions.images, folds=folds)
        for code, captions in split.only(codes).captions.items()
    }


def common_gallery(split: Split) -> Split:
    """Cut a split so that every language has the same number of images, which makes recalls comparable.

    Recall falls with the number of candidates. Each language keeps its first images; a split that needs no
    cut is returned as it is.
    """
    galleries = {code: np.unique(captions.images) for code, captions in split.captions.items()}
    size = min(len(gallery) for gallery in galleries.values())
    if all(len(gallery) == size for gallery in galleries.values()):
        return split
    kept = {}
    for code, captions in split.captions.items():
        number = int(np.searchsorted(captions.images, galleries[code][size - 1], side="right"))
        kept[code] = Captions(captions.texts[:number], captions.images[:number])
    return Split(split.name, split.ids, split.features, kept)
