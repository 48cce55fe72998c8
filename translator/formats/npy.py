"""Read a matrix in numpy's ``.npy`` with its words in a text file next to it, one a line."""

from __future__ import annotations

import os
import re

import numpy as np

from translator.errors import FormatError
from translator.files import existing
from translator.formats.arrays import checked
from translator.text_files import text_lines
from translator.vectors import WordVectors

# Names of the list of words of x.npy, the first that exists; {} is x
LISTS = ("{}.txt", "{}.words", "{}.vocab", "{}.vocab.txt", "words.txt", "vocab.txt")


def read_npy(path: str | os.PathLike[str], limit: int | None = None) -> WordVectors:
    """Read the first ``limit`` rows of an ``.npy``, without ever unpickling, and their words.

    The matrix is mapped into memory. The list of words has one of the names :data:`LISTS` in the same folder;
    counts after the words are left out.

    :raises FormatError: the file is damaged, or no matrix of numbers, or there is not a word for each row.
    """
    file = existing(path)
    try:
        matrix = np.load(file, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # whatever damaged bytes make numpy raise
        raise FormatError(f"{file}: cannot be read as .npy ({error})", "Write the file again.") from None
    names = [name.format(file.stem) for name in LISTS]
    listed = next((one for name in names if (one := file.parent / name).is_file()), None)
    if listed is None:
        raise FormatError(
            f"{file}: a matrix without words: found none of {', '.join(names)} next to it",
            f"Write its words to {file.with_suffix('.txt')}, one a line.",
        )
    lines = text_lines(listed)
    words = lines[:-1] if lines[-1:] == [""] else lines
    if words and all(re.search(r"\S[ \t]\d+$", word) for word in words):
        words = [re.sub(r"[ \t]\d+$", "", word) for word in words]
    if matrix.ndim == 2 and len(words) != len(matrix):
        raise FormatError(
            f"{file}: {len(matrix):,} rows, but {listed.name} has {len(words):,} words",
            "Write one word a line, in the order of the rows.",
        )
    return checked(file, words, matrix, limit)
