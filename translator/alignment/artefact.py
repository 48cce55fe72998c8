"""The files of an alignment folder, read and checked: nothing in them is taken on trust."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from translator.alignment.affine import SideMap
from translator.errors import DataError, FormatError
from translator.files import check_format, json_of, read_json, read_safetensors
from translator.vectors import Floats
from translator.vectors.normalize import Normalizer
from translator.writing import Kind

TENSORS, CONFIG, CARD = "model.safetensors", "config.json", "README.md"
FORMAT = 1
ROLES = ("source", "target")
ALIGNMENT = Kind(
    "an alignment",
    lambda folder: {"format", *ROLES} <= json_of(folder / CONFIG).keys(),
    (TENSORS, CONFIG, CARD, *(f"{role}.{end}" for role in ROLES for end in ("safetensors", "bin"))),
)

_FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "name": str,
    "path": str,
    "bytes": int,
    "mtime_ns": int,
    "sha256": str,
    "limit": (int, type(None)),
    "words": int,
    "dimension": int,
    "recipe": list,
}


def read_config(folder: Path) -> dict[str, Any]:
    """``config.json`` of an alignment folder.

    :raises DataError: the folder holds none, or it is damaged or of a newer format.
    """
    file = folder / CONFIG
    if not file.is_file():
        raise DataError(
            f"{folder}: no alignment folder (it has no {CONFIG})",
            f"Make one with: translator align SOURCE TARGET -o {folder}",
        )
    config = read_json(file)
    check_format(file, config, FORMAT)
    wrong = [] if config.get("format") == FORMAT else ["format"]
    wrong += [] if _counts(config.get("neighbourhood")) else ["neighbourhood"]
    wrong += [] if config.get("csls_sample") is None or _counts(config["csls_sample"]) else ["csls_sample"]
    for role in ROLES:
        side = config[role] if isinstance(config.get(role), dict) else {}
        wrong += [
            f"{role}.{name}" for name, kind in _FIELDS.items() if not isinstance(side.get(name, ...), kind)
        ]
        sizes = {name: side.get(name) for name in ("limit", "words")}
        wrong += [f"{role}.{name}" for name, size in sizes.items() if size is not None and not _counts(size)]
    if wrong:
        raise FormatError(
            f"{file}: not the config of an alignment ({wrong[0]!r} is missing or wrong)", "Align again."
        )
    return config


def _counts(value: Any) -> bool:
    """Whether it is a whole number from 1."""
    return type(value) is int and value >= 1


def read_tensors(folder: Path) -> dict[str, Floats]:
    """``model.safetensors`` of an alignment folder.

    :raises FormatError: it is missing or damaged, or lacks a tensor or has one of a wrong shape or type.
    """
    file = folder / TENSORS
    tensors, _ = read_safetensors(file, hint="Align again.")
    shared = set()
    for role in ROLES:
        for name in (f"{role}.matrix", f"{role}.means"):
            if name not in tensors:
                raise FormatError(f"{file}: lacks the tensor {name!r}", "Align again.")
        shared.add(tensors[f"{role}.matrix"].shape[-1:])
    for name, tensor in tensors.items():
        if (
            tensor.ndim != (2 if name.endswith(".matrix") else 1)
            or tensor.dtype != np.float32
            or not np.isfinite(tensor).all()
        ):
            raise FormatError(
                f"{file}: the tensor {name!r}, {tensor.dtype} {list(tensor.shape)}, is not what it should be",
                "Align again.",
            )
    if len(shared) > 1:
        raise FormatError(f"{file}: the two maps end in spaces of different widths", "Align again.")
    return tensors


def restore_map(config: Mapping[str, Any], role: str, tensors: Mapping[str, Floats]) -> SideMap:
    """The map of one side, ``source`` or ``target``, out of its part of the config and the tensors.

    :raises DataError: the recipe is unknown, or does not fit the tensors.
    """
    own = {
        name.removeprefix(f"{role}."): tensor
        for name, tensor in tensors.items()
        if name.startswith(f"{role}.")
    }
    return SideMap(Normalizer.restore([str(step) for step in config["recipe"]], own), own["matrix"])
