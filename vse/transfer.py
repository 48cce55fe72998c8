"""Translators for a model: each made to end where the GRU reads, in the pivot's centred space."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from translator.alignment.artefact import CONFIG, read_config
from translator.errors import DataError
from translator.files import existing, read_json
from translator.layer import Translator
from vse.words.embeddings import Embeddings, contents

logger = logging.getLogger(__name__)


def load_translator(
    path: str | os.PathLike[str], source: Embeddings, pivot: Mapping[str, Any], mean: torch.Tensor
) -> Translator:
    """The Translator of an alignment folder or of an exported ``.safetensors``.

    :param source: the word vectors that it must start from.
    :param pivot: record of the word vectors that it must end in.
    :param mean: the pivot's mean, float32 [d].
    :raises DataError: nothing of the kind is there, or its direction, recipe, end or widths do not fit.
    """
    place = Path(path)
    if place.is_dir() and "source" in (config := _config(place)):
        _check_direction(place, config, source, pivot)
        layer = Translator.from_pretrained(place, space="target")
    else:
        layer = Translator.from_pretrained(place if place.is_dir() else existing(place))
    _check_widths(place, layer, source.dimension, int(pivot["dimension"]))
    if layer.unit_input:
        raise DataError(
            f"{place}: its recipe scales vectors to unit length before it centres them; a model only centres",
            "Align again with the default: --recipe center,unit",
        )
    if layer.ends == "shared":
        raise DataError(
            f"{place}: ends in a space of its own, which is not that of the pivot's word vectors",
            "Export it again with --space target, or give the alignment folder itself.",
        )
    return layer if layer.ends == "centred" else _centred(layer, mean)


def random_translator(source: Embeddings, mean: torch.Tensor) -> Translator:
    """A Translator that knows nothing yet."""
    return Translator(source.dimension, len(mean), ends="centred")


def identity_translator(source: Embeddings, mean: torch.Tensor) -> Translator:
    """For word vectors that lie in the pivot's space already, such as an exported aligned ``.bin``.

    :raises DataError: the widths differ.
    """
    if source.dimension != len(mean):
        raise DataError(
            f"{source.language}: {source.dimension} dimensions, the pivot has {len(mean)}; no identity there",
            "Use a Translator from an alignment, or a random one.",
        )
    weight = np.eye(len(mean), dtype=np.float32)
    return _centred(Translator.from_affine(weight, np.zeros(len(mean), np.float32), ends="target"), mean)


def _config(folder: Path) -> dict[str, Any]:
    """Config of an alignment folder; empty for a folder of ``Translator.save_pretrained``."""
    if (folder / CONFIG).is_file() and read_json(folder / CONFIG).get("kind") == "translator":
        return {}
    return read_config(folder).to_json()


def _centred(layer: Translator, mean: torch.Tensor) -> Translator:
    """The same layer, less the pivot's mean."""
    with torch.no_grad():
        layer.bias.sub_(mean.to(layer.bias.device))
    layer.ends = "centred"
    return layer


def _check_direction(
    folder: Path, config: Mapping[str, Any], source: Embeddings, pivot: Mapping[str, Any]
) -> None:
    found = [config[role]["sha256"] for role in ("source", "target")]
    wanted = [contents(source.record), contents(pivot)]
    names = f"{config['source']['name']} -> {config['target']['name']}"
    fit = [have in want for have, want in zip(found, wanted, strict=True)]
    if not all(fit) and found[0] in wanted[1] and found[1] in wanted[0]:
        raise DataError(
            f"{folder}: maps {names}, the pivot into {source.language!r}; the other direction is needed",
            "Align the other way round: translator align "
            f"{config['target']['path']} {config['source']['path']}; or in Python: "
            "Translator.from_pretrained(FOLDER, space='target').inverse().save_pretrained(NEW_FOLDER)",
        )
    for role, fits in zip(("source", "target"), fit, strict=True):
        if not fits:
            logger.warning(
                "%s: its %s vectors are not the file used here (%s); it fits only if both are one model",
                folder,
                role,
                config[role]["path"],
            )


def _check_widths(place: Path, layer: Translator, start: int, end: int) -> None:
    shape = layer.in_features, layer.out_features
    if shape == (start, end):
        return
    hint = "Give the alignment of these very vectors with those of the pivot."
    if shape == (end, start):
        hint = "It looks like the other direction: align the other way round, or use .inverse() in Python."
    raise DataError(f"{place}: maps {shape[0]} -> {shape[1]} dimensions, needed is {start} -> {end}", hint)
