"""Decide whether an alignment folder is up to date, was made from other inputs, or is incomplete."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from translator.alignment.artefact import CONFIG, read_config, read_tensors
from translator.alignment.record import Record
from translator.errors import FormatError
from translator.files import fingerprint, unchanged
from translator.options import Options

from .pairs import Pair

NONE_GIVEN = "no dictionary; "  # how the reason for the seed pairs begins in such a record


def differences(folder: Path, pair: Pair, options: Options) -> list[str] | None:
    """List how the record of an alignment folder differs from a pair and options, a few words each.

    Files are compared by content.

    :returns: an empty list if the folder is up to date; None if it holds no complete alignment.
    """
    if not (folder / CONFIG).is_file():
        return None
    try:
        config = read_config(folder)
    except FormatError as error:
        return [error.message]
    try:
        read_tensors(folder)
    except FormatError:
        return None
    inputs = [
        f"another {role} file than {path}"
        for role, path in (("source", pair.source), ("target", pair.target))
        if not unchanged(path, vars(config.side(role)))
    ]
    if not _same_dictionary(config.record, pair.dictionary):
        inputs.append(f"{'another' if config.record.dictionary else 'no'} dictionary")
    return inputs + _other_arguments(config.record.arguments, options)


def _same_dictionary(record: Record, wanted: Path | str | None) -> bool:
    """Return whether the record names this dictionary; without one, align may have taken names of CLDR."""
    recorded = record.dictionary
    if isinstance(wanted, Path):
        return recorded is not None and recorded.sha256 == fingerprint(wanted)
    if wanted is not None:
        return recorded is not None and recorded.languages is not None and recorded.sha256 is None
    return recorded is None or (recorded.sha256 is None and record.seed_pairs.reason.startswith(NONE_GIVEN))


def _other_arguments(recorded: Options, wanted: Options) -> list[str]:
    return [
        f"{field.name} {before!r} instead of {value!r}"
        for field in fields(Options)
        if (before := getattr(recorded, field.name)) != (value := getattr(wanted, field.name))
    ]
