"""Names for two languages, taken from the names of their files."""

from __future__ import annotations

from pathlib import Path


def language_names(source: Path, target: Path) -> tuple[str, str]:
    """Return names for two languages: the first part between dots in which their file names differ.

    The last part is the file format and is not compared. Where the other parts are equal, both names are.

    >>> language_names(Path("en.vec"), Path("de.bin"))
    ('en', 'de')
    >>> language_names(Path("cc.en.300.vec"), Path("cc.de.300.vec"))
    ('en', 'de')
    """
    first, second = (path.name.split(".") for path in (source, target))
    parts = zip(first[:-1] or first, second[:-1] or second, strict=False)
    left, right = next((pair for pair in parts if pair[0] != pair[1]), (first[0], second[0]))
    return left or "source", right or "target"
