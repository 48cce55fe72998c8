"""Data in the package: English and French vectors, a dictionary, the general ranker; see ``README.md``."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from translator.errors import DataError


def path(name: str) -> Path:
    """Return the path of a data file of the package, such as ``en.safetensors`` or ``en-fr.train.txt``.

    :raises DataError: there is no such file; the hint lists the files.

    >>> path("en-fr.train.txt").name
    'en-fr.train.txt'
    """
    folder = Path(str(resources.files(__name__)))
    names = sorted(file.name for file in folder.iterdir() if not file.name.startswith((".", "_")))
    if name not in names:
        raise DataError(f"the package has no data file {name!r}", f"Choose one of {', '.join(names)}.")
    return folder / name
