"""How well a model retrieves pictures and captions."""

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
    """Recall of every language that both the model and the split have, or of those asked for.

    :param folds: see :mod:`vse.metrics`.
    :raises DataError: a language is missing, or they have none in common.
    """
    asked = list(languages) if languages else [code for code in split.captions if code in model.languages]
    if not asked:
        raise DataError(
            f"the split {split.name!r} has captions in {', '.join(split.captions) or 'no language'};"
            f" the model knows {', '.join(model.languages)}",
            "Give it the language: --embeddings LANG=FILE --init-translator LANG=ALIGNMENT",
        )
    images = model.encode_image(split.features)
    return {
        code: retrieval_metrics(images, model.encode_text(captions.texts, code), captions.images, folds=folds)
        for code, captions in split.only(asked).captions.items()
    }


def common_gallery(split: Split) -> Split:
    """The split cut so that every language has as many pictures: recalls are then comparable.

    A language keeps its first pictures; recall falls with the number of candidates. The split itself where
    nothing is to be cut.
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
