"""How an alignment folder stands to what was asked: made already, made from something else, or not whole."""

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
from translator.pairs import Pair


def differences(folder: Path, pair: Pair, options: Options) -> list[str] | None:
    """What in a folder's record is not as a pair and options ask for it, each in a few words.

    Files of vectors and dictionaries are told by their content.

    :returns: an empty list when aligning anew would make the same; None when there is no whole alignment.
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
    sides = [
        f"another {role} file than {path}"
        for role, path in (("source", pair.source), ("target", pair.target))
        if not unchanged(path, config[role])
    ]
    known = config.get("dictionary")
    if _sha256(known) != (fingerprint(pair.dictionary) if pair.dictionary else None):
        sides.append(f"{'another' if known else 'no'} dictionary")
    return sides + _other_arguments(config.get("arguments"), options)


def _other_arguments(known: Any, options: Options) -> list[str]:
    if not isinstance(known, dict):
        return ["arguments that are not recorded"]
    asked: dict[str, Any] = json.loads(json.dumps(asdict(options)))  # as they are recorded
    return [
        f"{name} {known.get(name)!r} instead of {value!r}"
        for name, value in asked.items()
        if known.get(name) != value
    ]


def _sha256(dictionary: Any) -> str | None:
    return dictionary.get("sha256") if isinstance(dictionary, dict) else None
