"""Alikeness of spellings against plain Python."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from translator.ranking.spelling import FEATURES, similarity

latin = st.text("abcx", max_size=7)


def distance(a: str, b: str) -> int:
    """Levenshtein's, from its definition."""
    if not a or not b:
        return len(a) + len(b)
    if a[0] == b[0]:
        return distance(a[1:], b[1:])
    return 1 + min(distance(a[1:], b), distance(a, b[1:]), distance(a[1:], b[1:]))


@given(st.lists(st.tuples(latin, latin), min_size=1, max_size=4))
def test_features_follow_their_definitions(pairs: list[tuple[str, str]]) -> None:
    found = similarity([a for a, _ in pairs], [b for _, b in pairs])
    assert found.shape == (len(pairs), len(FEATURES)) and found.dtype == np.float32
    for (a, b), row in zip(pairs, found, strict=True):
        longest = max(len(a), len(b), 1)
        edit = 1 - distance(a, b) / longest
        prefix = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
        share = prefix / longest if a or b else 1
        assert np.allclose(row, [edit, edit**2, share, a == b, (len(b) - len(a)) / longest], atol=1e-6)


def test_accents_and_scripts_do_not_matter() -> None:
    found = similarity(["éléphant", "Москва", "cat"], ["elephant", "moskva", "chien"])
    assert found[0, 0] == 1 and found[0, 3] == 0
    assert found[1, 0] == 1
    assert found[2, 0] < 0.5
