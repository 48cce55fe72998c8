"""The pictures that ship with the package: 1,204 emoji, with captions in two languages; see ``README.md``."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def path() -> Path:
    """The folder of the embedded pictures, in the layout that ``vse train`` and its siblings read."""
    return Path(str(resources.files(__name__)))


def characters() -> dict[str, str]:
    """The character of each picture, by its id."""
    lines = (path() / "chars.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines)
