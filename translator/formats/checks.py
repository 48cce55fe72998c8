"""Checks that all formats share: of words before writing, and of words and numbers after reading."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from translator.errors import DataError, FormatError
from translator.formats.vocabulary import zeros_sentence
from translator.vectors import WordVectors, has_vector
from translator.vectors.letter_case import composed
from translator.vectors.matrices import finite_rows

logger = logging.getLogger(__name__)


def check_storable(words: Sequence[str]) -> None:
    """Check that words can be stored one per line.

    :raises DataError: a word is empty, contains a line feed, or is not valid Unicode.
    """
    for word in words:
        if not word or "\n" in word:
            raise DataError(f"the word {word!r} cannot be stored: it is empty or contains a line feed")
        try:
            word.encode()
        except UnicodeEncodeError:
            raise DataError(f"the word {word!r} cannot be stored: it is not valid Unicode") from None


def check_distinct(file: Path, words: Sequence[str]) -> None:
    """Check that no word occurs twice.

    :param file: where the words come from, for messages.
    :raises FormatError: a word occurs twice; the message names the first such word.
    """
    if len(set(words)) < len(words):
        word = next(word for word, count in Counter(words).items() if count > 1)
        raise FormatError(
            f"{file}: the word {word!r} occurs more than once", "Keep one vector for each word."
        )


def check_finite(file: Path, vectors: WordVectors) -> None:
    """Check that all numbers of a file, read or to be written, are finite.

    :param file: for messages.
    :raises FormatError: a number is not finite; the message names the first word with such a number.
    """
    finite = finite_rows(vectors.matrix)
    if not finite.all():
        raise FormatError(
            f"{file}: the vector of {vectors.words[int(np.argmin(finite))]!r} is not finite",
            "Train the vectors again, or leave the word out.",
        )


def check_read(file: Path, vectors: WordVectors) -> WordVectors:
    """Return vectors with composed words (Unicode NFC), after checking them.

    Of several words that are the same when they are composed, the first is kept; these and vectors of zeros
    are logged.

    :param file: where the vectors come from, for messages.
    :raises FormatError: a word occurs twice, or a number is not finite; the message names the first one.
    """
    check_distinct(file, vectors.words)
    check_finite(file, vectors)
    zeros = [vectors.words[row] for row in np.flatnonzero(~has_vector(vectors.matrix)).tolist()]
    for sentence in zeros_sentence(zeros):
        logger.warning("%s: %s", file, sentence)
    rows = {word: row for row, word in reversed([*enumerate(map(composed, vectors.words))])}
    if len(rows) == len(vectors):
        return replace(vectors, words=[composed(word) for word in vectors.words])
    kept = sorted(rows.values())
    logger.warning("%s: left out %d words that differ in Unicode form only", file, len(vectors) - len(kept))
    return replace(vectors, words=[composed(vectors.words[row]) for row in kept], matrix=vectors.matrix[kept])
