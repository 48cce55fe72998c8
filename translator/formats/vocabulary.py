"""The words of a file as they are read: decoded, composed, each kept once, and what was skipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from translator.errors import FormatError
from translator.text_files import conversion
from translator.vectors import Floats
from translator.vectors.letter_case import composed
from translator.vectors.subword import END_OF_SENTENCE

# Crawled vocabularies in UTF-8 have some words cut within a character, next to many whole ones; a file in
# Latin-1 has no whole one. Fewer bad words than this do not tell.
FEWEST_BAD = 20
_BAD = "invalid UTF-8"


class Vocabulary:
    """The words kept so far, and the places of entries that were skipped.

    >>> vocabulary = Vocabulary(Path("en.vec"))
    >>> [vocabulary.add(text, line) for line, text in enumerate([b"cat", b"dog", b"cat"], start=1)]
    [True, True, False]
    >>> vocabulary.irregular("line")
    ['skipped 1 entries with a word seen before, the first on line 3']
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.words: list[str] = []
        self.zeros: list[str] = []  # words whose vector is all zeros
        self._seen: set[str] = set()
        self._skipped: dict[str, list[int]] = {}  # reason -> places

    def add(self, text: bytes, place: int) -> bool:
        """Keep a word unless it is empty, not UTF-8, or seen before; return whether it was kept.

        fastText's token for a line break is left out silently, as from its ``.bin``.

        :param place: number of the word's line, or of its entry.
        """
        try:
            word = composed(text.decode())
        except UnicodeDecodeError:
            return self._skip(_BAD, place)
        if word == END_OF_SENTENCE:
            return False
        if not word or word in self._seen:
            return self._skip("a word seen before" if word else "an empty word", place)
        self.words.append(word)
        self._seen.add(word)
        return True

    def note_zeros(self, rows: Floats) -> None:
        """Note the words whose vector is all zeros.

        :param rows: float32 [n, d], the vectors of the last n words.
        """
        for row in np.flatnonzero(~rows.any(axis=1)).tolist():
            self.zeros.append(self.words[row - len(rows)])

    def irregular(self, place: str) -> list[str]:
        """Return one sentence for each kind of irregularity.

        :param place: what places are: ``line`` or ``entry``.
        :raises FormatError: most words beyond ASCII are not UTF-8.
        """
        bad = len(self._skipped.get(_BAD, ()))
        if bad >= FEWEST_BAD and bad > sum(not word.isascii() for word in self.words):
            first = self._skipped[_BAD][0]
            raise FormatError(
                f"{self.file}: {bad} words are not UTF-8, the first on {place} {first}", conversion(self.file)
            )
        sentences = [
            f"skipped {len(places)} entries with {reason}, the first on {place} {places[0]}"
            for reason, places in self._skipped.items()
        ]
        return sentences + zeros_sentence(self.zeros)

    def _skip(self, reason: str, place: int) -> bool:
        self._skipped.setdefault(reason, []).append(place)
        return False


def zeros_sentence(words: list[str]) -> list[str]:
    """Return a sentence on words whose vectors are all zeros, if there are any.

    >>> zeros_sentence(["<pad>"])
    ["1 words have a vector of zeros, the first is '<pad>'"]
    """
    return [f"{len(words)} words have a vector of zeros, the first is {words[0]!r}"] if words else []
