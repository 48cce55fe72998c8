"""The images that ship with the package: 1,204 emoji, with captions in two languages; see ``README.md``."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def path() -> Path:
    """Return the folder of the embedded images, a data folder that :func:`vse.load_split` reads.

    >>> from vse import load_split
    >>> load_split(path(), "dev")
    Split('dev', 100 images x 1280, captions: en, fr)
    """
    return Path(str(resources.files(__name__)))


def characters() -> dict[str, str]:
    """Return the character of each image by its id."""
    lines = (path() / "chars.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines)
