"""The recipes of Liu, Lebret & Aberer: which languages a training run learns, and what it starts from.

- *one for all*: several languages, the first of which is the pivot.
- *all for one*: the weights of a model of language A; only the word embeddings are swapped for those of B.

In both, a language other than the pivot needs a Translator into the pivot's space: from an alignment, from
scratch (``random``), or none at all (``identity``, for vectors that are aligned already).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch

from translator.errors import DataError
from translator.vectors import Embedder, Indices
from translator.vectors.matrices import ROUNDING
from vse.dataset import Split
from vse.model import VSE, Architecture
from vse.training.options import TrainingOptions
from vse.training.randomness import drawing
from vse.transfer import Through
from vse.words.embeddings import Embeddings

Vectors = Embedder | str | os.PathLike[str]

BLOCK = 4096  # images whose features are read at a time


@dataclass(frozen=True)
class Recipe:
    """Choose the languages that a model learns, and what it starts from.

    :param languages: those it is trained and judged on; without ``start`` the first is the pivot.
    :param embeddings: word vectors of each language that the start does not know.
    :param translators: of each language but the pivot: alignment folder, exported Translator, ``"random"`` or
        ``"identity"``, see :func:`vse.transfer.pivot_translator`.
    :param through: how words of a language with a Translator are read, ``lexicon`` or ``map``, see
        :meth:`vse.VSE.add_language`; None for the lexicon where the Translator is an alignment.
    :param auxiliary: languages that are trained too, but not judged on (Multilingual as Multitask, b).
    :param start: folder of the model to start from (*all for one*).
    :raises DataError: there is no language, or one is named twice, or word vectors or a Translator
        are for a language that is not.

    >>> Recipe(("en", "de"), {"en": "en.bin", "de": "de.bin"}, {"de": "de-en"}).languages
    ('en', 'de')
    """

    languages: tuple[str, ...]
    embeddings: Mapping[str, Vectors] = field(default_factory=dict)
    translators: Mapping[str, str | os.PathLike[str]] = field(default_factory=dict)
    auxiliary: tuple[str, ...] = ()
    start: str | os.PathLike[str] | None = None
    through: Through | None = None

    def __post_init__(self) -> None:
        if not self.languages:
            raise DataError("no language to train on", 'Name at least one, such as languages=("en",).')
        trained = self.languages + self.auxiliary
        if twice := [code for code in dict.fromkeys(trained) if trained.count(code) > 1]:
            raise DataError(f"the language {twice[0]!r} is named twice")
        for name, given in (("embeddings", self.embeddings), ("a Translator", self.translators)):
            if strange := sorted(given.keys() - set(trained)):
                raise DataError(
                    f"{name} for {strange[0]!r}, a language that is not trained on",
                    f"Trained on: {', '.join(trained)}.",
                )


def build(recipe: Recipe, train: Split, options: TrainingOptions) -> VSE:
    """Build the model that a run starts with, on the CPU.

    :raises DataError: word vectors or a Translator are missing or do not fit.
    """
    with drawing(options.random_state):
        model = _new(recipe, train, options) if recipe.start is None else _started(recipe, options)
        for code in recipe.languages + recipe.auxiliary:
            if code not in model.languages or code in recipe.translators:
                source = model.languages.get(code) or Embeddings.open(code, _vectors(recipe, code))
                model.add_language(code, source, _translator(recipe, code, model.pivot), recipe.through)
        return model


def _new(recipe: Recipe, train: Split, options: TrainingOptions) -> VSE:
    code = recipe.languages[0]
    pivot = Embeddings.open(code, _vectors(recipe, code))
    model = VSE(Architecture(train.features.shape[1], pivot.dimension, **options.shape()), code)
    model.add_language(code, pivot)
    images = np.unique(np.concatenate([captions.images for captions in train.captions.values()]))
    model.image.standardise(*_moments(train, images))
    return model


def _started(recipe: Recipe, options: TrainingOptions) -> VSE:
    """Read the model to start from."""
    assert recipe.start is not None
    files = {code: file for code, file in recipe.embeddings.items() if isinstance(file, str | os.PathLike)}
    model = VSE.from_pretrained(recipe.start, embeddings=files)
    if twice := sorted(model.languages.keys() & (recipe.embeddings.keys() - files.keys())):
        raise DataError(
            f"word vectors in memory for {twice[0]!r}, which the model to start from has already",
            "Leave them out, or name the file where they are now.",
        )
    for name, value in options.shape().items():
        if value != (started := getattr(model.architecture, name)):
            raise DataError(
                f"{name} {value}: the model to start from has {started}",
                f"Leave `{name}` out, or start from another model.",
            )
    return model


def _vectors(recipe: Recipe, code: str) -> Vectors:
    if code not in recipe.embeddings:
        raise DataError(f"no word vectors for {code!r}", f'Pass embeddings={{"{code}": FILE}}.')
    return recipe.embeddings[code]


def _translator(recipe: Recipe, code: str, pivot: str) -> str | os.PathLike[str]:
    if code not in recipe.translators:
        raise DataError(
            f"{code!r} needs a Translator into the word vectors of {pivot!r}, the pivot",
            f"Align the word vectors of {code!r} with those of {pivot!r}, and pass "
            f'translators={{"{code}": FOLDER}}.',
        )
    return recipe.translators[code]


def _moments(split: Split, images: Indices) -> tuple[torch.Tensor, torch.Tensor]:
    """Return mean and standard deviation of each feature, float32 [f], read in blocks."""
    total = np.zeros((2, split.features.shape[1]))
    for start in range(0, len(images), BLOCK):
        block = split.features[images[start : start + BLOCK]].astype(np.float64)
        total += np.stack([block.sum(axis=0), (block**2).sum(axis=0)])
    mean, square = total / len(images)
    deviation = np.sqrt(np.maximum(square - mean**2, 0))
    deviation[deviation < ROUNDING * np.abs(mean)] = 0  # a feature that never varies
    return torch.from_numpy(mean).float(), torch.from_numpy(deviation).float()
