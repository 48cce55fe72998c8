"""What a training run starts from: the recipes of Liu, Lebret & Aberer.

- *one for all*: several languages, the first of which is the pivot.
- *all for one*: the weights of a model of language A; only the word embeddings are swapped for those of B.

In both, a language other than the pivot needs a Translator into the pivot's space: from an alignment, from
nothing (``random``), or none at all (``identity``, for vectors that are aligned already).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch

from translator.errors import DataError
from translator.layer import Translator
from translator.vectors import Embedder, Indices
from translator.vectors.matrices import ROUNDING
from vse.dataset import Split
from vse.model import VSE, Architecture
from vse.training.options import Options
from vse.training.randomness import drawing
from vse.transfer import identity_translator, load_translator, random_translator
from vse.words.embeddings import Embeddings

Vectors = Embedder | str | os.PathLike[str]

WAYS = RANDOM, IDENTITY = "random", "identity"
BLOCK = 4096  # pictures whose features are read at a time


@dataclass(frozen=True)
class Recipe:
    """Which languages a model learns, and what it brings along.

    :param languages: those it is trained and judged on; without ``start`` the first is the pivot.
    :param embeddings: word vectors of each language that the start does not know.
    :param translators: alignment folder or exported layer of each language, or ``random``, ``identity``.
    :param auxiliary: languages that are trained too, but not judged on (Multilingual as Multitask, b).
    :param start: folder of the model to start from (*all for one*).
    """

    languages: tuple[str, ...]
    embeddings: Mapping[str, Vectors] = field(default_factory=dict)
    translators: Mapping[str, str | os.PathLike[str]] = field(default_factory=dict)
    auxiliary: tuple[str, ...] = ()
    start: str | os.PathLike[str] | None = None

    def __post_init__(self) -> None:
        if not self.languages:
            raise DataError("no language to train on", "Name one: --lang LANG")
        trained = self.languages + self.auxiliary
        if twice := [code for code in dict.fromkeys(trained) if trained.count(code) > 1]:
            raise DataError(f"the language {twice[0]!r} is named twice")
        for name, given in (("embeddings", self.embeddings), ("a Translator", self.translators)):
            if strange := sorted(given.keys() - set(trained)):
                raise DataError(
                    f"{name} for {strange[0]!r}, a language that is not trained on",
                    f"Trained on: {', '.join(trained)}.",
                )


def build(recipe: Recipe, train: Split, options: Options) -> VSE:
    """The model that a run starts with, on the CPU.

    :raises DataError: word vectors or a Translator are missing or do not fit.
    """
    with drawing(options.seed):
        return _built(recipe, train, options)


def _built(recipe: Recipe, train: Split, options: Options) -> VSE:
    if recipe.start is None:
        model = _fresh(recipe, train, options)
    else:
        moved = {
            code: place for code, place in recipe.embeddings.items() if isinstance(place, str | os.PathLike)
        }
        model = VSE.from_pretrained(recipe.start, embeddings=moved)
        if twice := sorted(model.languages.keys() & (recipe.embeddings.keys() - moved.keys())):
            raise DataError(
                f"word vectors in memory for {twice[0]!r}, whose own the model to start from knows",
                "Leave them out, or name the file they are in now.",
            )
        _check_shape(model.architecture, options)
    for code in recipe.languages + recipe.auxiliary:
        if code not in model.languages or code in recipe.translators:
            source = model.languages.get(code) or Embeddings.open(code, _vectors(recipe, code))
            model.add_language(code, source, _translator(recipe, source, model))
    return model


def read_language(model: VSE, code: str, vectors: Vectors, translator: str | os.PathLike[str] | None) -> None:
    """Let a trained model read one more language, with no further training.

    :raises DataError: the Translator is missing or does not fit.
    """
    recipe = Recipe((code,), {code: vectors}, {} if translator is None else {code: translator})
    source = Embeddings.open(code, vectors)
    model.add_language(code, source, _translator(recipe, source, model))


def _fresh(recipe: Recipe, train: Split, options: Options) -> VSE:
    code = recipe.languages[0]
    pivot = Embeddings.open(code, _vectors(recipe, code))
    model = VSE(Architecture(train.features.shape[1], pivot.dimension, **options.shape()), code)
    model.text.mean.copy_(torch.from_numpy(pivot.mean()))
    model.add_language(code, pivot, None)
    pictures = np.unique(np.concatenate([captions.images for captions in train.captions.values()]))
    model.image.standardise(*_moments(train, pictures))
    return model


def _translator(recipe: Recipe, source: Embeddings, model: VSE) -> Translator:
    code, wanted = source.language, recipe.translators.get(source.language)
    mean = model.text.mean
    if code == model.pivot:
        raise DataError(
            f"a Translator for {code!r}, the pivot: its word vectors are read as they are",
            "Leave it out. In training from the beginning, the pivot is the language named first.",
        )
    if wanted is None:
        raise DataError(
            f"{code!r} has no way into the word vectors of {model.pivot!r}, the pivot",
            f"Give one: --init-translator {code}=ALIGNMENT, from translator align; or --random-translator.",
        )
    if wanted == RANDOM:
        return random_translator(source, mean)
    if wanted == IDENTITY:
        return identity_translator(source, mean)
    return load_translator(wanted, source, model.embeddings(model.pivot).record, mean)


def _vectors(recipe: Recipe, code: str) -> Vectors:
    if code not in recipe.embeddings:
        raise DataError(f"no word vectors for {code!r}", f"Give them: --embeddings {code}=FILE")
    return recipe.embeddings[code]


def _check_shape(start: Architecture, options: Options) -> None:
    for name, value in options.shape().items():
        if value != (own := getattr(start, name)):
            raise DataError(
                f"{name} {value}: the model to start from has {own}", "Leave that out, or start from another."
            )


def _moments(split: Split, pictures: Indices) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation of each feature, float32 [f], read in blocks."""
    total = np.zeros((2, split.features.shape[1]))
    for start in range(0, len(pictures), BLOCK):
        block = split.features[pictures[start : start + BLOCK]].astype(np.float64)
        total += np.stack([block.sum(axis=0), (block**2).sum(axis=0)])
    mean, square = total / len(pictures)
    deviation = np.sqrt(np.maximum(square - mean**2, 0))
    deviation[deviation < ROUNDING * np.abs(mean)] = 0  # a feature that never varies
    return torch.from_numpy(mean).float(), torch.from_numpy(deviation).float()
