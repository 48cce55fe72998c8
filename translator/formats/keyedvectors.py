"""Read and write gensim's KeyedVectors, ``.kv``.

**A .kv file is a pickle: loading it can run any code that its author put into it.** Load only files from
people you trust. Only gensim can read these pickles, so the extra ``gensim`` is needed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from translator.errors import FormatError, MissingDependencyError, kind_of
from translator.files import existing
from translator.formats.checks import check_read
from translator.vectors import WordVectors
from translator.writing import replacing


def read_keyedvectors(path: str | os.PathLike[str], limit: int | None = None) -> WordVectors:
    """Read the first ``limit`` words of a ``.kv`` file **from someone you trust**: see the module's warning.

    :raises FormatError: gensim cannot load the file, or the file contains something else.
    :raises MissingDependencyError: gensim is not installed.
    """
    file = existing(path)
    keyed_vectors = _gensim()
    try:
        loaded = keyed_vectors.load(str(file))
    except Exception as error:  # whatever a pickle may raise
        raise FormatError(
            f"{file}: gensim cannot load it ({type(error).__name__}: {error})",
            "A large .kv file has .npy files next to it, named like it: keep all in one folder.",
        ) from None
    if not isinstance(loaded, keyed_vectors):
        raise FormatError(
            f"{file}: contains {kind_of(loaded)}, expected KeyedVectors",
            "Save only the vectors of a gensim model: model.wv.save('vectors.kv').",
        )
    matrix = np.asarray(loaded.vectors[:limit], np.float32)
    words = list(loaded.index_to_key[:limit])
    return check_read(file, WordVectors(words, matrix))


def write_keyedvectors(vectors: WordVectors, path: str | os.PathLike[str]) -> None:
    """Write a ``.kv`` file, as one file whatever its size.

    :raises MissingDependencyError: gensim is not installed.
    """
    keyed = _gensim()(vectors.dimension)
    keyed.add_vectors(list(vectors.words), np.asarray(vectors.matrix))
    with replacing(path) as draft:
        keyed.save(str(Path(draft)), sep_limit=1 << 62)


def _gensim() -> Any:
    try:
        from gensim.models import KeyedVectors
    except ImportError:
        raise MissingDependencyError("gensim", "gensim", "A .kv file") from None
    return KeyedVectors
