"""The files of a model folder, read and checked: nothing in them is taken on trust."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import torch

from translator.alignment.artefact import CARD, CONFIG, TENSORS
from translator.errors import DataError, FormatError
from translator.files import check_format, json_of, read_json
from translator.writing import Kind
from vse.model.text import Pooling

__all__ = ["CARD", "CONFIG", "FORMAT", "MODEL", "TENSORS", "read_config", "read_tensors"]

FORMAT = 1
MODEL = Kind(
    "a model", lambda folder: json_of(folder / CONFIG).get("kind") == "vse", ("*.safetensors", CONFIG, CARD)
)

_ARCHITECTURE: Mapping[str, type] = {
    "features": int,
    "width": int,
    "hidden": int,
    "joint": int,
    "pooling": str,
    "bidirectional": bool,
}


def read_config(folder: Path) -> dict[str, Any]:
    """``config.json`` of a model folder.

    :raises DataError: the folder holds none, or it is damaged or of a newer format.
    """
    file = folder / CONFIG
    if not file.is_file():
        raise DataError(
            f"{folder}: no model folder (it has no {CONFIG})",
            f"Train one with: vse train DATA --lang LANG --embeddings LANG=FILE -o {folder}",
        )
    config = read_json(file)
    if config.get("kind") != "vse":
        raise DataError(
            f"{folder}: holds something other than a trained model", "Name a folder of: vse train"
        )
    check_format(file, config, FORMAT)
    shape = config.get("architecture")
    shape = shape if isinstance(shape, dict) else {}
    wrong = [name for name, kind in _ARCHITECTURE.items() if type(shape.get(name)) is not kind]
    wrong += [name for name in ("features", "width", "hidden", "joint") if not wrong and shape[name] < 1]
    wrong += [name for name in ("languages", "translators") if not isinstance(config.get(name), dict)]
    wrong += [] if isinstance(config.get("pivot"), str) else ["pivot"]
    wrong += [] if wrong or shape["pooling"] in get_args(Pooling) else ["pooling"]
    if wrong:
        raise FormatError(
            f"{file}: not the config of a model ({wrong[0]!r} is missing or wrong)", "Train again."
        )
    return config


def read_tensors(file: Path) -> dict[str, torch.Tensor]:
    """Tensors of a ``.safetensors``.

    :raises FormatError: it is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(file)
    except (SafetensorError, OSError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"{file}: cannot be read ({error})", "Train again.") from None
