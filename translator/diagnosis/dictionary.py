"""The seed dictionary that an alignment's record names, and its overlap with a test dictionary."""

from __future__ import annotations

from pathlib import Path

from translator.alignment import Alignment
from translator.alignment.record import DictionaryRecord
from translator.cldr import cldr_lexicon
from translator.files import fingerprint, located
from translator.lexicon import Lexicon, load_lexicon
from translator.maps.pairs import among

LEAKY = 0.05  # share of a test dictionary that are training pairs from which its scores are called too good
HINT = "Pass it as `seed_dictionary`."


def recorded_dictionary(recorded: DictionaryRecord | None, folder: Path) -> tuple[Lexicon | None, str]:
    """Load the seed dictionary that the record names, or say in one sentence why that is not possible.

    The file is looked for at its recorded path, then next to the folder, and its content is verified.

    :param recorded: ``record.dictionary`` of an alignment; None for one made without a dictionary.
    :param folder: the alignment's.
    :returns: the dictionary and an empty string, or None and the sentence.
    """
    if recorded is None:
        return None, "The alignment was made without a dictionary."
    names = cldr_lexicon(*recorded.languages) if recorded.languages else Lexicon(())
    if recorded.path is None and len(names) == recorded.pairs:
        return names.inverse() if recorded.reversed else names, ""
    if recorded.path is None:
        return None, f"The seed dictionary of the alignment was not read from a file. {HINT}"
    path = Path(recorded.path)
    file = path if path.is_file() else located(folder, path.name)
    if not file.is_file():
        return None, f"The seed dictionary of the alignment, {path}, was not found. {HINT}"
    if fingerprint(file) != recorded.sha256:
        return None, f"The seed dictionary of the alignment, {path}, has changed since. {HINT}"
    lexicon = load_lexicon(file).joined(names)
    return lexicon.inverse() if recorded.reversed else lexicon, ""


def leakage(alignment: Alignment, test: Lexicon) -> float | None:
    """Return the share of the test pairs inside the vocabularies that are pairs of the seed dictionary.

    :returns: 0 to 1; None if the alignment has no seed dictionary, or no test pair is inside.
    """
    pairs = test.match(alignment.source.mapped, alignment.target.mapped).rows
    if not len(alignment.dictionary) or not len(pairs):
        return None
    return float(among(alignment.dictionary, *pairs.T).mean())
