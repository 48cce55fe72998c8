"""k-occurrence against a plain loop, skewness against scipy."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from toys import dictionary, rotated, slow_best, slow_csls

from translator.alignment import Alignment
from translator.diagnosis import hubness as room
from translator.diagnosis.hubness import hubness, k_occurrence, skewness
from translator.options import Options
from translator.pipeline import align


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    return align(
        *rotated(250, 12, noise=1.2), dictionary(range(80)), Options(refine="none", self_learn=False)
    )


def test_counts_and_skewness_against_a_plain_loop(alignment: Alignment) -> None:
    source, target = alignment.source.mapped, alignment.target.mapped
    cosines = source.matrix.astype(np.float64) @ target.matrix.T.astype(np.float64)
    found = hubness(alignment)
    counted = {}
    for name, scores in (("cosine", cosines), ("csls", slow_csls(source.matrix, target.matrix, 10))):
        near: Counter[int] = Counter()
        for row in slow_best(scores, 10)[0]:
            near.update(row.tolist())
        counts = [near[column] for column in range(250)]
        own = getattr(found, name)
        assert own.skewness == pytest.approx(scipy.stats.skew(counts), abs=1e-9)
        assert own.largest == max(counts) and own.never == counts.count(0) / 250
        bounds = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256]
        classes = [sum(low <= count < high for count in counts) for low, high in pairwise(bounds)]
        assert list(own.counts) == classes[: len(own.counts)] and sum(own.counts) == 250
        counted[name] = counts
    worst = sorted(range(250), key=lambda column: -counted["cosine"][column])[:10]
    assert [(hub.word, hub.cosine, hub.csls) for hub in found.worst] == [
        (target.words[column], counted["cosine"][column], counted["csls"][column]) for column in worst
    ]
    assert found.cosine.skewness > found.csls.skewness > 0


def test_only_the_frequent_words_are_looked_at(alignment: Alignment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "VOCABULARY", 50)
    found = hubness(alignment)
    assert (found.source_words, found.target_words, sum(found.csls.counts)) == (50, 50, 50)
    assert {int(hub.word[1:]) for hub in found.worst} <= set(range(50))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_skewness_is_that_of_scipy(values: list[int]) -> None:
    expected = scipy.stats.skew(values) if len(set(values)) > 1 else 0.0
    assert skewness(np.array(values)) == pytest.approx(expected, abs=1e-7)


def test_targets_that_are_never_near_count_as_zero() -> None:
    assert k_occurrence(np.array([[0, 2], [2, 3]]), 6).tolist() == [1, 0, 2, 1, 0, 0]
