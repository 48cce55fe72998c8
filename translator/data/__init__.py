"""The data that ships with the package: English and French vectors, and a dictionary; see ``README.md``."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from translator.errors import DataError


def path(name: str) -> Path:
    """Where an embedded file lies, such as ``en.safetensors`` or ``en-fr.train.txt``.

    :raises DataError: there is no such file; the hint lists those there are.
    """
    folder = Path(str(resources.files(__name__)))
    names = sorted(file.name for file in folder.iterdir() if not file.name.startswith((".", "_")))
    if name not in names:
        raise DataError(f"no embedded file is named {name!r}", f"There are: {', '.join(names)}.")
    return folder / name
