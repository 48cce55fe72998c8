"""Names of languages, taken from the names of their vector files."""

from __future__ import annotations

from pathlib import Path

GENERIC = "model.safetensors"


def language_names(source: Path, target: Path) -> tuple[str, str]:
    """Name two languages by the first dot-separated part in which the names of their files differ.

    The last part is the kind of file and is ignored. Where all other parts are equal, so are the names. A
    file that has its name from a program, as in a model's folder, is named by its folder.

    >>> language_names(Path("en.vec"), Path("de.bin"))
    ('en', 'de')
    >>> language_names(Path("cc.en.300.vec"), Path("cc.de.300.vec"))
    ('en', 'de')
    >>> language_names(Path("potion-en/model.safetensors"), Path("de.vec"))
    ('potion-en', 'de')
    """
    paths = [path.parent if path.name == GENERIC and path.parent.name else path for path in (source, target)]
    first, second = (path.name.split(".") for path in paths)
    parts = zip(first[:-1] or first, second[:-1] or second, strict=False)
    left, right = next((pair for pair in parts if pair[0] != pair[1]), (first[0], second[0]))
    return left or "source", right or "target"


def pair_name(source: Path, target: Path) -> str:
    """Name a language pair by its vector files.

    >>> pair_name(Path("en.vec"), Path("de.vec"))
    'en-de'
    """
    return "-".join(language_names(source, target))
