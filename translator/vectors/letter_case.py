"""Ignore letter case, as far as a language has it: the Turkish i with and without its dot, ß, the Greek ς."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

DOTLESS = 0.01  # share of words with ı that means Turkish and its like: 0.15 there, 0.0001 in English


def composed(word: str) -> str:
    """Return a word in Unicode NFC, in which a letter with an accent is one character if there is one.

    >>> len(composed("e\\u0301"))
    1
    """
    return word if word.isascii() else unicodedata.normalize("NFC", word)


def has_dotless_i(words: Sequence[str]) -> bool:
    """Return whether a vocabulary is of a language that writes I as the capital of ı, such as Turkish.

    >>> has_dotless_i(["ılık", "su"]), has_dotless_i(["warm", "water"])
    (True, False)
    """
    return sum("ı" in word for word in words) > DOTLESS * len(words)


def lower(word: str, dotless: bool = False) -> str:
    """Return a word in lower case.

    :param dotless: whether the small letter of I is ı. That of İ is always i.

    >>> lower("Iğdır", dotless=True), lower("Ireland"), lower("İzmir")
    ('ığdır', 'ireland', 'izmir')
    """
    return (word.replace("I", "ı") if dotless else word).replace("İ", "i").lower()


def folded(word: str, dotless: bool = False) -> str:
    """Return the form that spellings of a word in any letter case have in common, in Unicode NFC.

    :param dotless: as for :func:`lower`.

    >>> folded("STRASSE") == folded("Straße")
    True
    """
    if word.isascii() and not dotless:
        return word.lower()
    return composed(lower(composed(word), dotless).casefold())
