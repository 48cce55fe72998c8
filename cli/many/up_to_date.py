"""Decide whether an alignment folder is up to date, was made from other inputs, or is incomplete."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from translator.alignment.artefact import CONFIG, read_config, read_tensors
from translator.alignment.making import making
from translator.errors import FormatError
from translator.files import fingerprint, unchanged
from translator.options import Options

from .pairs import Pair


def differences(folder: Path, pair: Pair, options: Options) -> list[str] | None:
    """List how the record of an alignment folder differs from a pair and options, a few words each.

    Files are compared by content.

    :returns: an empty list if the folder is up to date; None if it holds no complete alignment.
    """
    if not (folder / CONFIG).is_file():
        return None
    try:
        config = read_config(folder)
        making(config, folder)
    except FormatError as error:
        return [error.message]
    try:
        read_tensors(folder)
    except FormatError:
        return None
    inputs = [
        f"another {role} file than {path}"
        for role, path in (("source", pair.source), ("target", pair.target))
        if not unchanged(path, config[role])
    ]
    recorded = config.get("dictionary")
    if _sha256(recorded) != (fingerprint(pair.dictionary) if pair.dictionary else None):
        inputs.append(f"{'another' if recorded else 'no'} dictionary")
    return inputs + _other_arguments(config.get("arguments"), options)


def _other_arguments(recorded: Any, options: Options) -> list[str]:
    if not isinstance(recorded, dict):
        return ["arguments that are not recorded"]
    wanted: dict[str, Any] = json.loads(json.dumps(asdict(options)))  # tuples become lists, as in the record
    return [
        f"{name} {recorded.get(name)!r} instead of {value!r}"
        for name, value in wanted.items()
        if recorded.get(name) != value
    ]


def _sha256(dictionary: Any) -> str | None:
    return dictionary.get("sha256") if isinstance(dictionary, dict) else None
