"""A binary cache of parsed text vectors, so that a file is parsed only once.

An entry is a folder named after the text file's path, the limit, and the file's size and modification
time. A file that has changed has no entry, so it is parsed again. An entry contains the matrix as an
``.npy``, which is mapped into memory, the words in UTF-8 joined by line feeds, and the parser's warnings.

Any failure of the cache is logged, and the text is parsed. Two processes that fill the same entry at the
same time write the same content. The folder can be deleted at any time to free space.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from translator.errors import DataError
from translator.files import existing
from translator.formats.arrays import pack_words, unpack_words
from translator.formats.text import parse_text, read_text, warn
from translator.vectors import WordVectors
from translator.writing import replacing

SMALLEST = 1 << 20  # bytes of a text file worth a cache entry
_LAYOUT = 4  # increase it when the content of entries or the result of the parser changes
_MATRIX, _WORDS, _IRREGULAR = "vectors.npy", "words.txt", "warnings.txt"

logger = logging.getLogger(__name__)


def read_text_cached(path: str | os.PathLike[str], limit: int | None = None) -> WordVectors:
    """Read text vectors from the cache, or parse them and add them to the cache.

    The matrix of a cached file is a read-only memory map, even the first time, so that the parsed matrix
    can be freed. Arguments and errors are those of :func:`~translator.formats.text.read_text`.
    """
    file = existing(path)
    state = file.stat()  # before parsing: a file that changes meanwhile gets another entry
    if state.st_size < SMALLEST:
        return read_text(file, limit)
    try:
        family = (
            hashlib.sha256(os.fsencode(file.resolve())).hexdigest()[:20]
            + f"-{'all' if limit is None else limit}-"
        )
        entry = cache_folder() / f"{family}{_LAYOUT}-{state.st_size}-{state.st_mtime_ns}"
    except (OSError, RuntimeError) as error:  # no home folder
        logger.warning("parsed vectors are not cached: %s", error)
        return read_text(file, limit)
    if (loaded := _load(entry)) is None:
        vectors, irregular = parse_text(file, limit)
        _save(vectors, irregular, entry, family)
        loaded = _load(entry, vectors.words) or (vectors, irregular)
    warn(file, loaded[1])
    return loaded[0]


def cache_folder() -> Path:
    """Return ``$TRANSLATOR_CACHE``, or ``bli-translator`` in the user's cache folder.

    :raises RuntimeError: the user has no home folder.
    """
    from platformdirs import user_cache_path

    chosen = os.environ.get("TRANSLATOR_CACHE")
    return Path(chosen) if chosen else user_cache_path("bli-translator", appauthor=False)


def _load(entry: Path, words: Sequence[str] | None = None) -> tuple[WordVectors, list[str]] | None:
    """Return vectors and warnings of an entry, or None if it is missing or damaged.

    :param words: the entry's words if they are in memory; else they are read.
    """
    if not entry.is_dir():
        return None
    try:
        matrix = np.asarray(np.load(entry / _MATRIX, mmap_mode="r", allow_pickle=False))
        words = unpack_words(np.fromfile(entry / _WORDS, np.uint8)) if words is None else words
        vectors = WordVectors(words, matrix)
        irregular = (entry / _IRREGULAR).read_text("utf-8").splitlines()
    except Exception as error:  # whatever damaged bytes make numpy raise
        logger.warning("%s: damaged cache entry, the text is parsed again (%s)", entry, error)
        return None
    logger.info("%s: %d vectors from the cache", entry, len(vectors))
    return vectors, irregular


def _save(vectors: WordVectors, irregular: Sequence[str], entry: Path, family: str) -> None:
    """Write the entry, and remove the entries of earlier states of the file."""
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        with replacing(entry) as draft:
            draft.mkdir()
            np.save(draft / _MATRIX, vectors.matrix)
            pack_words(vectors.words).tofile(draft / _WORDS)
            (draft / _IRREGULAR).write_text("".join(f"{sentence}\n" for sentence in irregular), "utf-8")
        for old in entry.parent.glob(f"{family}*"):
            if old != entry:
                shutil.rmtree(old, ignore_errors=True)
    except (OSError, DataError) as error:
        logger.warning("parsed vectors could not be cached: %s", error)
