"""What every format asks of words before it writes them, and of numbers when it has read them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from translator.errors import DataError, FormatError
from translator.vectors import WordVectors


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


def check_finite(file: Path, vectors: WordVectors) -> WordVectors:
    """The vectors, when all of their numbers are finite.

    :raises FormatError: one is not; the message names its word.
    """
    finite = np.isfinite(vectors.matrix).all(axis=1)
    if not finite.all():
        raise FormatError(
            f"{file}: the vector of {vectors.words[int(np.argmin(finite))]!r} is not finite",
            "Make the vectors anew, or leave the word out.",
        )
    return vectors
