"""How alike two words are spelled, whatever their scripts and accents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from translator.vectors import Floats

FEATURES = ("edit", "edit squared", "prefix", "identical", "length")


def alikeness(sources: Sequence[str], targets: Sequence[str]) -> Floats:
    """Features of word pairs, float32 [n, 5], in the order of :data:`FEATURES`.

    Similarity by edit distance (1 for equal) and its square, share of a common prefix, whether the two are
    the same string, and how much longer the target is. All but the fourth look at lower-case letters of
    the Latin alphabet, into which other scripts are transliterated.

    :param sources: n words; ``targets`` likewise.
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
