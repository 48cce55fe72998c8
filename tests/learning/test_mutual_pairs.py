"""Mutual nearest neighbours, against all CSLS scores."""

from __future__ import annotations

import numpy as np
from toys import same_pairs, same_rows, slow_csls, unit_spaces

from translator.learning.mutual_pairs import mutual_pairs
from translator.maps import procrustes
from translator.maps.base import Maps
from translator.vectors import Floats


def test_both_words_are_the_best_of_each_other() -> None:
    spaces = unit_spaces(200, 8, noise=2.0)
    maps = procrustes(spaces, same_pairs(range(200)))
    shared = spaces.mapped(maps)
    scores = slow_csls(shared.source, shared.target, 10)
    best, back = scores.argmax(axis=1), scores.argmax(axis=0)
    expected = [[word, int(other)] for word, other in enumerate(best) if back[other] == word]
    assert 20 < len(expected) < 180
    found = mutual_pairs(spaces, maps).tolist()
    assert sum(pair in expected for pair in found) > 0.95 * max(len(found), len(expected))


def test_both_maps_are_used() -> None:
    spaces = unit_spaces(60, 6, noise=0.0)
    maps = procrustes(spaces, same_pairs(range(60)))
    assert mutual_pairs(spaces, maps).tolist() == same_rows(range(60)).tolist()
    turned: Floats = np.linalg.inv(maps.source).astype(np.float32)
    swapped = Maps(np.eye(6, dtype=np.float32), turned)
    assert mutual_pairs(spaces, swapped).tolist() == same_rows(range(60)).tolist()
