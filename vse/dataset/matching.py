"""Find the image that a file of captions means."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from unicodedata import normalize


class ImageNames:
    """Ids of images by the names that files use: paths or their ends, with the suffix or without.

    A name that two images have in common is none of them, unless it is the whole path of one.

    :param images: files by id.
    :param folder: that they are in.

    >>> names = ImageNames({"a/1": Path("images/a/1.jpg")}, Path("images"))
    >>> [names.find(name) for name in ("1.jpg", "A\\\\1.JPG", "/old/place/a/1.jpg", "2.jpg")]
    ['a/1', 'a/1', 'a/1', None]
    """

    def __init__(self, images: Mapping[str, Path], folder: Path) -> None:
        self._ids: dict[str, str | None] = {}
        paths = {name: _plain(path.relative_to(folder).as_posix()) for name, path in images.items()}
        for name, path in paths.items():
            stem = path[: path.rindex(".")]
            for key in {*_ends(path.lower()), *_ends(stem.lower())}:
                self._ids[key] = name if key not in self._ids else None
        self._ids |= {path: name for name, path in paths.items()}
        self._ids |= {name: name for name in images}

    def find(self, name: str) -> str | None:
        """Return the id of the image that a name means, or None if there is none or more than one."""
        plain = _plain(name)
        for key in (name, plain, *_ends(plain.lower())):
            if (found := self._ids.get(key)) is not None:
                return found
        return None


def _plain(name: str) -> str:
    return normalize("NFC", name.strip().replace("\\", "/")).removeprefix("./")


def _ends(path: str) -> list[str]:
    """Return the path and what is left of it without its first folders, longest first."""
    parts = path.split("/")
    return ["/".join(parts[start:]) for start in range(len(parts))]
