"""Compare the spelling of words, across scripts and accents."""

from __future__ import annotations

from collections.abc import Sequence

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
    from anyascii import anyascii
    from rapidfuzz.distance import Levenshtein, Prefix
    from rapidfuzz.process import cpdist

    latin = {word: anyascii(word).lower() for word in {*sources, *targets}}
    left, right = [latin[word] for word in sources], [latin[word] for word in targets]
    edit = cpdist(left, right, scorer=Levenshtein.normalized_similarity, dtype=np.float32)
    prefix = cpdist(left, right, scorer=Prefix.normalized_similarity, dtype=np.float32)
    same = [source == target for source, target in zip(sources, targets, strict=True)]
    longer = [(len(b) - len(a)) / max(len(a), len(b), 1) for a, b in zip(left, right, strict=True)]
    return np.stack([edit, edit**2, prefix, np.array(same), np.array(longer)], axis=1).astype(np.float32)
