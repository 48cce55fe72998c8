"""What every format asks of words before it writes them, and of numbers when it has read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from translator.errors import DataError, FormatError
from translator.vectors import WordVectors
from translator.vectors.matrices import finite_rows


def check_storable(words: Sequence[str]) -> None:
    """See that words can be told apart in a file, one a line.

    :raises DataError: a word is empty, holds a line feed, or is no valid Unicode.
    """
    for word in words:
        if not word or "\n" in word:
            raise DataError(f"the word {word!r} cannot be stored: it is empty or holds a line feed")
        try:
            word.encode()
        except UnicodeEncodeError:
            raise DataError(f"the word {word!r} cannot be stored: it is no valid Unicode") from None


def check_distinct(file: Path, words: Sequence[str]) -> None:
    """See that no word occurs twice.

    :raises FormatError: one does; the message names the first.
    """
    if len(set(words)) < len(words):
        word = next(word for word, count in Counter(words).items() if count > 1)
        raise FormatError(
            f"{file}: the word {word!r} occurs more than once", "Keep one vector for each word."
        )


def check_finite(file: Path, vectors: WordVectors) -> None:
    """See that all numbers of a file, read or to be written, are finite.

    :raises FormatError: one is not; the message names the first such word.
    """
    finite = finite_rows(vectors.matrix)
    if not finite.all():
        raise FormatError(
            f"{file}: the vector of {vectors.words[int(np.argmin(finite))]!r} is not finite",
            "Make the vectors anew, or leave the word out.",
        )


def check_read(file: Path, vectors: WordVectors) -> WordVectors:
    """The vectors, when their words are distinct and their numbers finite.

    :raises FormatError: they are not; the message names the first such word.
    """
    check_distinct(file, vectors.words)
    check_finite(file, vectors)
    return vectors
