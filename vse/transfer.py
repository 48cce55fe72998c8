"""How words of other languages reach a model: through the lexicon of an alignment, and by Translators.

Each Translator is made to end where the GRU reads, in the pivot's centred space.
"""

from __future__ import annotations

import logging
import os
from copy import deepcopy
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import torch

from translator.alignment import Alignment
from translator.alignment.artefact import CONFIG, TENSORS, Config, read_config
from translator.errors import DataError
from translator.files import existing, fingerprint, read_json
from translator.hub import resolve
from translator.layer import Translator
from vse.words.embeddings import Embeddings, contents

logger = logging.getLogger(__name__)

STARTS = RANDOM, IDENTITY = "random", "identity"

TranslatorLike = Translator | Alignment | str | os.PathLike[str]
Through = Literal["lexicon", "map"]  # how the words of a language become rows of the pivot's space


def read_through(
    source: Embeddings, pivot: Embeddings, translator: TranslatorLike | None, through: Through | None
) -> Embeddings:
    """Return word vectors to be read through the lexicon of an alignment, or as they are.

    :param translator: the Translator of their language; through a lexicon it must be an alignment.
    :param through: None for the lexicon where there is an alignment.
    :raises DataError: the way is unknown, or there is no alignment that fits.
    """
    if through not in (None, *get_args(Through)):
        raise DataError(f"through {through!r}: expected one of {', '.join(get_args(Through))}")
    alignment = None if through == "map" else _alignment(translator, source, pivot)
    if through == "lexicon" and alignment is None:
        raise DataError(
            f"{source.language!r} cannot be read through a lexicon without an alignment",
            "Pass the folder of an alignment as its Translator, or leave `through` out.",
        )
    return source.read_through(alignment, None if alignment is None else pivot)


def pivot_translator(
    translator: TranslatorLike | None, source: Embeddings, pivot: Embeddings, mean: torch.Tensor
) -> Translator:
    """Return a Translator from a language's raw word vectors into the pivot's centred space.

    :param translator: an alignment folder or an exported Translator (folder or ``.safetensors``); an
        :class:`~translator.Alignment` or a :class:`~translator.Translator`, which stay as they are;
        ``"random"`` for a Translator that training starts from scratch, or ``"identity"`` for vectors that
        are in the pivot's space already. A Translator that does not record where it ends is taken to end
        among the pivot's raw vectors.
    :param source: the word vectors that it must start from.
    :param pivot: the word vectors that it must end in.
    :param mean: the pivot's mean, float32 [d].
    :raises DataError: there is none, or no such one, or its direction, normalisation, space or widths do not
        fit.
    """
    if translator is None:
        raise DataError(
            f"{source.language!r} needs a Translator into the word vectors of {pivot.language!r}, the pivot",
            f"Align the word vectors of {source.language!r} with those of {pivot.language!r}, and pass "
            "translator=FOLDER.",
        )
    if translator == RANDOM:
        return Translator(source.width, len(mean), ends="centred")
    if translator == IDENTITY:
        return _identity(source, mean)
    if isinstance(translator, Translator):
        name, layer = "the Translator", deepcopy(translator)
    elif isinstance(translator, Alignment):
        name, layer = "the alignment", Translator.from_alignment(translator, space="target")
    elif isinstance(translator, str | os.PathLike):
        name, layer = str(translator), _read(resolve(translator), source, pivot)
    else:
        raise DataError(
            f"translator is of type {type(translator).__name__}, expected a folder, a file, a Translator "
            "or an Alignment"
        )
    _check(name, layer, source, pivot)
    return layer if layer.ends == "centred" else _centred(layer, mean)


def place_of(translator: str | os.PathLike[str]) -> str:
    """Return the absolute path of a Translator or a model; ``random`` and ``identity`` stay as they are."""
    return str(translator) if translator in STARTS else str(resolve(translator).resolve())


def content_of(translator: str | os.PathLike[str]) -> str | None:
    """Return the SHA-256 of a file or of the weights in a folder; None for ``random`` and ``identity``."""
    if translator in STARTS:
        return None
    place = resolve(translator)
    return fingerprint(place / TENSORS if place.is_dir() else place)


def _alignment(
    translator: TranslatorLike | None, source: Embeddings, pivot: Embeddings
) -> Alignment | Path | None:
    """Return an alignment, or the folder of one; None if the Translator is something else.

    :raises DataError: its path does not exist, or it is of the other direction or of vectors of other widths.
    """
    if isinstance(translator, Alignment):
        sides = translator.source, translator.target
        _check_widths("the alignment", [side.vectors.dimension for side in sides], source, pivot)
        return translator
    if translator in (None, *STARTS) or not isinstance(translator, str | os.PathLike):
        return None
    place = resolve(translator)
    if not place.is_dir():
        existing(place)
        return None
    if _kind(place) == "translator":
        return None
    config = read_config(place)
    _check_direction(place, config, source, pivot)
    _check_widths(str(place), [config.source.dimension, config.target.dimension], source, pivot)
    return place


def _read(place: Path, source: Embeddings, pivot: Embeddings) -> Translator:
    """Read an exported layer as it is, or an alignment folder as a layer into the target's raw space."""
    if not place.is_dir() or _kind(place) == "translator":
        return Translator.from_pretrained(place)
    _check_direction(place, read_config(place), source, pivot)
    return Translator.from_pretrained(place, space="target")


def _kind(folder: Path) -> Any:
    """Return what the config of a folder says that the folder holds; None without a config."""
    return read_json(folder / CONFIG).get("kind") if (folder / CONFIG).is_file() else None


def _identity(source: Embeddings, mean: torch.Tensor) -> Translator:
    if source.width != len(mean):
        raise DataError(
            f"{source.language}: {source.width} dimensions, the identity needs the pivot's {len(mean)}",
            "Use a Translator from an alignment, or a random one.",
        )
    weight = np.eye(len(mean), dtype=np.float32)
    return _centred(Translator.from_affine(weight, np.zeros(len(mean), np.float32), ends="target"), mean)


def _centred(layer: Translator, mean: torch.Tensor) -> Translator:
    """Subtract the pivot's mean from what a layer gives, in place."""
    with torch.no_grad():
        layer.bias.sub_(mean.to(layer.bias.device))
    layer.ends = "centred"
    return layer


def _check(name: str, layer: Translator, source: Embeddings, pivot: Embeddings) -> None:
    """Check that a layer has the right widths and can be carried into the pivot's centred space."""
    _check_widths(name, [layer.in_features, layer.out_features], source, pivot)
    if layer.unit_input:
        raise DataError(
            f"{name}: scales vectors to unit length before it centres them; a model reads raw vectors",
            'Align again with the default: normalization="center,unit".',
        )
    if layer.ends == "shared":
        raise DataError(
            f"{name}: maps into a shared space of its own; a model needs one that maps into the vectors of "
            f"{pivot.language!r}, the pivot",
            'Pass the alignment folder itself, or a layer made with space="target".',
        )


def _check_widths(name: str, found: list[int], source: Embeddings, pivot: Embeddings) -> None:
    needed = [source.dimension, pivot.dimension]
    if found != needed:
        hint = f"Align the word vectors of {source.language!r} with those of {pivot.language!r}."
        if found == needed[::-1]:
            hint = "It may be of the other direction: align the other way round, or use .inverse()."
        raise DataError(
            f"{name}: maps {found[0]} -> {found[1]} dimensions, expected {needed[0]} -> {needed[1]}", hint
        )


def _check_direction(folder: Path, config: Config, source: Embeddings, pivot: Embeddings) -> None:
    """Check that an alignment maps the language into the pivot; warn if it was made from other files."""
    found = [config.side(role).sha256 for role in ("source", "target")]
    needed = [contents(source.record), contents(pivot.record)]
    fit = [have in want for have, want in zip(found, needed, strict=True)]
    if not all(fit) and found[0] in needed[1] and found[1] in needed[0]:
        raise DataError(
            f"{folder}: maps {config.source.name} -> {config.target.name}, which is the pivot "
            f"into {source.language!r}; the other direction is needed",
            f"Align {config.target.path} with {config.source.path}, in this order; or save "
            "Translator.from_pretrained(FOLDER, space='target').inverse() and pass that.",
        )
    for role, fits in zip(("source", "target"), fit, strict=True):
        if not fits:
            logger.warning(
                "%s: its %s vectors are not the file used here (%s); this is right only if both files hold "
                "the same vectors",
                folder,
                role,
                config.side(role).path,
            )
