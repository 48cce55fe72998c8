"""k-occurrence against a plain loop."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from toys import dictionary, rotated, slow_best, slow_csls

from translator.alignment import Alignment
from translator.diagnosis import hubness as room
from translator.diagnosis.hubness import hubness, k_occurrence
from translator.options import Options
from translator.pipeline import align


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    return align(
        *rotated(250, 12, noise=1.2), dictionary(range(80)), Options(refine="none", self_learn=False)
    )


def slow_skewness(values: list[int]) -> float:
    mean = sum(values) / len(values)
    second, third = (sum((value - mean) ** power for value in values) / len(values) for power in (2, 3))
    return third / second**1.5


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
        assert own.skewness == pytest.approx(slow_skewness(counts), abs=1e-9)
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
    monkeypatch.setattr(room, "HUBNESS_WORDS", 50)
    found = hubness(alignment)
    assert (found.source_words, found.target_words, sum(found.csls.counts)) == (50, 50, 50)
    assert {int(hub.word[1:]) for hub in found.worst} <= set(range(50))


def test_equal_counts_have_no_skewness(alignment: Alignment) -> None:
    source, target = rotated(8, 4)
    found = hubness(align(source, target, dictionary(range(8)), Options(refine="none", self_learn="no")))
    assert (
        found.cosine.counts == (0, 0, 0, 0, 8) and found.cosine.skewness == 0
    )  # all 8 are among the 10 nearest


def test_targets_that_are_never_near_count_as_zero() -> None:
    assert k_occurrence(np.array([[0, 2], [2, 3]]), 6).tolist() == [1, 0, 2, 1, 0, 0]
