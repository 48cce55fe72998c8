"""The description of a run, as plain values: kept in its checkpoint and in the config of its model."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

import numpy as np

from vse.dataset import Split
from vse.model import VSE
from vse.training.options import TrainingOptions
from vse.training.recipes import Recipe
from vse.transfer import content_of, place_of

SAMPLED = 64  # images whose features go into the fingerprint of a split


def describe_run(
    recipe: Recipe, options: TrainingOptions, train: Split, dev: Split, model: VSE
) -> dict[str, Any]:
    """Return options, data and starting point; runs with equal descriptions end in the same weights."""
    return {
        "languages": list(recipe.languages),
        "auxiliary": list(recipe.auxiliary),
        "embeddings": {code: source.record.get("sha256", "") for code, source in model.languages.items()},
        "translators": {code: place_of(place) for code, place in recipe.translators.items()},
        "translators_sha256": {code: content_of(place) for code, place in recipe.translators.items()},
        "through": {code: source.through for code, source in model.languages.items() if code != model.pivot},
        "start": None if recipe.start is None else place_of(recipe.start),
        "start_sha256": None if recipe.start is None else content_of(recipe.start),
        "options": asdict(options),
        "train": describe_split(train),
        "dev": describe_split(dev),
    }


def describe_split(split: Split) -> dict[str, Any]:
    """Return the size of a split and a hash of its captions, ids and some of its features."""
    digest = hashlib.sha256("\n".join(split.ids).encode())
    for code, captions in split.captions.items():
        digest.update("\n".join([code, *captions.texts]).encode())
        digest.update(captions.images.tobytes())
    sampled = np.unique(np.linspace(0, len(split.features) - 1, SAMPLED).astype(int))
    digest.update(np.ascontiguousarray(split.features[sampled]).tobytes())
    return {
        "images": len(split.ids),
        "captions": {code: len(captions.texts) for code, captions in split.captions.items()},
        "sha256": digest.hexdigest(),
    }
