"""Compare the spelling of words, across scripts and accents."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from operator import eq

import numpy as np

from translator.vectors import Floats

FEATURES = ("edit", "edit squared", "prefix", "identical", "length")


def similarity(sources: Sequence[str], targets: Sequence[str]) -> Floats:
    """Return spelling features of word pairs, float32 [n, 5], in the order of :data:`FEATURES`.

    The features are: similarity by edit distance (1 for equal words) and its square; the share of the common
    prefix; whether the two are the same string; and how much longer the target is. All except "identical"
    compare the words in lower-case Latin letters, into which other scripts are transliterated.

    :param sources: n words.
    :param targets: n words, ``targets[i]`` to compare with ``sources[i]``.

    >>> similarity(["Éléphant"], ["elephant"]).tolist()
    [[1.0, 1.0, 1.0, 0.0, 0.0]]
    """
    from rapidfuzz.distance import Levenshtein, Prefix
    from rapidfuzz.process import cpdist

    left, right = list(map(_latin, sources)), list(map(_latin, targets))
    edit = cpdist(left, right, scorer=Levenshtein.normalized_similarity, dtype=np.float32)
    prefix = cpdist(left, right, scorer=Prefix.normalized_similarity, dtype=np.float32)
    same = np.fromiter(map(eq, sources, targets), np.float32, len(left))
    lengths = [np.fromiter(map(len, side), np.float32, len(left)) for side in (left, right)]
    longer = (lengths[1] - lengths[0]) / np.maximum(1, np.maximum(*lengths))
    return np.stack([edit, edit**2, prefix, same, longer], axis=1)


@lru_cache(maxsize=2**17)  # the same candidates return in every round of learning
def _latin(word: str) -> str:
    from anyascii import anyascii

    return anyascii(word).lower()
