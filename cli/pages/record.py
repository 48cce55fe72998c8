"""The section on the record of the alignment: inputs, arguments, versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from .markup import Section, element, section, table

if TYPE_CHECKING:
    from translator.diagnosis import Diagnosis

Inputs = Mapping[str, Mapping[str, str]]


def record(diagnosis: Diagnosis, inputs: Inputs) -> Section:
    """Show the files with their hashes, the arguments, and the versions of packages.

    :param inputs: ``path`` and ``sha256`` of each file, by its role.
    """
    files = [(name, _code(one["path"]), _code(one["sha256"])) for name, one in inputs.items()]
    arguments = [(name, _code(_plain(value))) for name, value in asdict(diagnosis.record.arguments).items()]
    versions = [(name, _code(str(number))) for name, number in diagnosis.record.versions.items()]
    return section(
        "record",
        "How it was made",
        table(("input", "file", "SHA-256"), files, names=3),
        table(("argument", "value"), arguments, names=2),
        table(("package", "version"), versions, names=2),
    )


def _code(text: str) -> str:
    return element("code", text)


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "not set" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
