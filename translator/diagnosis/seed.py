"""The dictionary that an alignment was made with, found again."""

from __future__ import annotations

from pathlib import Path

from translator.alignment.record import DictionaryRecord
from translator.files import fingerprint, located
from translator.lexicon import Lexicon, load_lexicon

MANY = 0.05  # of a test dictionary, which the map was told: its scores are then too good to go by
NAME_IT = "Name it with --dict FILE."


def recorded_dictionary(dictionary: DictionaryRecord | None, folder: Path) -> tuple[Lexicon | None, str]:
    """Return the recorded dictionary if its file still has the recorded content, or the reason why not.

    The file is looked for at its recorded path, and next to the folder under its own name.

    :param dictionary: of an alignment's record; None for one made without a dictionary.
    :param folder: the alignment's.
    :returns: the dictionary and an empty string, or None and one sentence.
    """
    if dictionary is None:
        return None, "The alignment was made without a dictionary."
    if dictionary.path is None:
        return None, "The dictionary that the alignment was made with came from no file. " + NAME_IT
    path = Path(dictionary.path)
    file = path if path.is_file() else located(folder, path.name)
    if not file.is_file():
        return None, f"The dictionary that the alignment was made with, {path}, is gone. {NAME_IT}"
    if fingerprint(file) != dictionary.sha256:
        return None, f"The dictionary that the alignment was made with, {path}, has changed since. {NAME_IT}"
    lexicon = load_lexicon(file)
    return lexicon.inverse() if dictionary.reversed else lexicon, ""


def told(test: Lexicon, seed: Lexicon) -> float:
    """Share of a test dictionary's pairs that the map was told, in whatever case, 0 to 1."""
    known = {(source.lower(), target.lower()) for source, target in seed}
    return sum((source.lower(), target.lower()) in known for source, target in test) / len(test)
