"""The dictionary that an alignment was made with, found again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from translator.errors import FormatError
from translator.files import fingerprint, located
from translator.lexicon import Lexicon, load_lexicon

MANY = 0.05  # of a test dictionary, which the map was told: its scores are then too good to go by
NAME_IT = "Name it with --dict FILE."


def recorded_dictionary(record: Mapping[str, Any], folder: Path) -> tuple[Lexicon | None, str]:
    """The dictionary named in the record, if its file holds what it held, or else why there is none.

    It is looked for where it was, and beside the folder under its own name.

    :param folder: the alignment's.
    :returns: the dictionary and an empty string, or None and one sentence.
    :raises FormatError: the record does not say whether there was one.
    """
    known = record.get("dictionary", ...)
    if known is None:
        return None, "The alignment was made without a dictionary."
    if not isinstance(known, Mapping):
        raise FormatError("the record of the alignment is damaged ('dictionary')", "Align again.")
    if "path" not in known:
        return None, "The dictionary that the alignment was made with came from no file. " + NAME_IT
    path = Path(str(known["path"]))
    file = path if path.is_file() else located(folder, path.name)
    if not file.is_file():
        return None, f"The dictionary that the alignment was made with, {path}, is gone. {NAME_IT}"
    if fingerprint(file) != known.get("sha256"):
        return None, f"The dictionary that the alignment was made with, {path}, has changed since. {NAME_IT}"
    lexicon = load_lexicon(file)
    return lexicon.inverse() if record.get("inverted") else lexicon, ""


def told(test: Lexicon, seed: Lexicon) -> float:
    """Share of a test dictionary's pairs that the map was told, in whatever case, 0 to 1."""
    known = {(source.lower(), target.lower()) for source, target in seed}
    return sum((source.lower(), target.lower()) in known for source, target in test) / len(test)
