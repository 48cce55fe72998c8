"""The files of an alignment folder, read and checked: nothing in them is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from translator.alignment.affine import SideMap
from translator.alignment.record import Record
from translator.errors import DataError, FormatError
from translator.files import check_format, json_of, read_json, read_safetensors
from translator.typed_json import from_json
from translator.vectors import Indices
from translator.vectors.normalize import Normalizer
from translator.writing import Kind

TENSORS, CONFIG, CARD = "model.safetensors", "config.json", "README.md"
FORMAT = 1
ROLES = ("source", "target")
PAIRS = ("anchors", "dictionary")  # tensors of rows of both vocabularies
ALIGNMENT = Kind(
    "an alignment",
    lambda folder: {"format", *ROLES} <= json_of(folder / CONFIG).keys(),
    (TENSORS, CONFIG, CARD, *(f"{role}.{end}" for role in ROLES for end in ("safetensors", "bin"))),
)


@dataclass(frozen=True)
class SideConfig:
    """One language of an alignment folder: its vectors as a file, and its vocabulary.

    :param path: absolute, or relative to the folder.
    :param mtime_ns: time of the file's last change in nanoseconds; size, time and ``sha256`` identify it.
    :param limit: vocabulary size asked for; None for all words.
    :param words: vocabulary size.
    :param normalization: steps applied before the map.
    """

    name: str
    path: str
    bytes: int
    mtime_ns: int
    sha256: str
    limit: int | None
    words: int
    dimension: int
    normalization: tuple[str, ...]


@dataclass(frozen=True)
class Config:
    """``config.json`` of an alignment folder.

    :param csls_k: neighbourhood size of the CSLS means.
    :param csls_sample: number of random words they were sought among; None for all.
    """

    format: int
    csls_k: int
    csls_sample: int | None
    source: SideConfig
    target: SideConfig
    record: Record

    def side(self, role: str) -> SideConfig:
        """Return the side called ``source`` or ``target``."""
        return self.source if role == "source" else self.target

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def read_config(folder: Path) -> Config:
    """Read ``config.json`` of an alignment folder.

    :raises DataError: the folder has none, or it is damaged or of a newer format.
    """
    file = folder / CONFIG
    if not file.is_file():
        raise DataError(f"{folder}: no alignment folder (it has no {CONFIG})", "Align two languages first.")
    value = read_json(file)
    check_format(file, value, FORMAT)
    try:
        parts = {name: from_json(kind, value.get(name), name) for name, kind in _PARTS.items()}
    except FormatError as error:
        raise FormatError(
            f"{file}: not the config of an alignment ({error.message})", "Align again."
        ) from None
    for name, number in _counts(parts):
        if number is not None and number < 1:
            raise FormatError(
                f"{file}: not the config of an alignment ({name}: expected 1 or more, found {number})",
                "Align again.",
            )
    return Config(**parts, record=Record.from_json(value.get("record"), file))


_PARTS = {"format": int, "csls_k": int, "csls_sample": int | None, "source": SideConfig, "target": SideConfig}


def _counts(parts: Mapping[str, Any]) -> list[tuple[str, int | None]]:
    """Everything in a config that counts something."""
    own = [(name, parts[name]) for name in ("format", "csls_k", "csls_sample")]
    sides = [
        (f"{role}.{name}", getattr(parts[role], name))
        for role in ROLES
        for name in ("limit", "words", "dimension")
    ]
    return own + sides


def read_tensors(folder: Path) -> dict[str, Any]:
    """Read ``model.safetensors`` of an alignment folder.

    :raises FormatError: it is missing or damaged, or a tensor is missing or has another shape or type.
    """
    file = folder / TENSORS
    tensors, _ = read_safetensors(file, hint="Align again.")
    for name in (*(f"{role}.{part}" for role in ROLES for part in ("matrix", "means")), *PAIRS):
        if name not in tensors:
            raise FormatError(f"{file}: lacks the tensor {name!r}", "Align again.")
    shared = set()
    for role in ROLES:
        shared.add(tensors[f"{role}.matrix"].shape[-1:])
    for name, tensor in tensors.items():
        if (
            tensor.ndim != (2 if name in PAIRS or name.endswith(".matrix") else 1)
            or tensor.dtype != (np.int64 if name in PAIRS else np.float32)
            or not np.isfinite(tensor).all()
        ):
            raise FormatError(
                f"{file}: the tensor {name!r}, {tensor.dtype} {list(tensor.shape)}, is not what it should be",
                "Align again.",
            )
    if len(shared) > 1:
        raise FormatError(f"{file}: the two maps end in spaces of different widths", "Align again.")
    return tensors


def is_rows(pairs: Indices, sizes: tuple[int, int]) -> bool:
    """Return whether pairs, int64 [p, 2], are rows of two vocabularies of these sizes."""
    return pairs.shape[1] == 2 and bool(((pairs >= 0) & (pairs < sizes)).all())


def restore_map(side: SideConfig, role: str, tensors: Mapping[str, Any]) -> SideMap:
    """Return the map of one side from its config and the tensors.

    :param role: ``source`` or ``target``.
    :raises DataError: the normalisation is unknown, or does not fit the tensors.
    """
    prefix = f"{role}."
    own = {name.removeprefix(prefix): one for name, one in tensors.items() if name.startswith(prefix)}
    return SideMap(Normalizer.restore(list(side.normalization), own), own["matrix"])
