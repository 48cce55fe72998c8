"""Calibration compared with plain sums."""

from __future__ import annotations

import math

import numpy as np
import pytest

from translator.diagnosis.calibration import calibration
from translator.induction import Entry, at_precision
from translator.ranking.calibration import calibration_error


def test_calibration_against_plain_sums() -> None:
    rng = np.random.default_rng(0)
    probability = rng.random(103).astype(np.float32)
    hit = rng.random(103) < probability**2  # overconfident
    found = calibration(probability, hit)
    assert found.words == 103 == sum(one.words for one in found.bins) and len(found.bins) == 10
    order = sorted(range(103), key=lambda row: probability[row])
    start = 0
    for one in found.bins:
        rows = order[start : start + one.words]
        start += one.words
        assert one.expected == pytest.approx(sum(float(probability[row]) for row in rows) / len(rows))
        assert one.observed == pytest.approx(sum(bool(hit[row]) for row in rows) / len(rows))
    assert found.error == pytest.approx(
        sum(one.words * abs(one.expected - one.observed) for one in found.bins) / 103
    )
    assert found.error == calibration_error(probability.astype(np.float64), hit) > 0.05


def test_what_chance_alone_comes_to() -> None:
    """With 10 words a bin at 0.5: the mean absolute deviation of a binomial, over 10."""
    chances = [math.comb(10, right) / 2**10 for right in range(11)]
    exact = sum(chance * abs(right / 10 - 0.5) for right, chance in enumerate(chances))
    found = calibration(np.full(100, 0.5, np.float32), np.arange(100) % 2 == 0)
    assert found.chance == pytest.approx(exact, rel=0.03)
    rng = np.random.default_rng(0)
    probability = rng.random(400).astype(np.float32)
    drawn = [calibration(probability, rng.random(400) < probability) for _ in range(50)]
    assert np.mean([one.error for one in drawn]) == pytest.approx(drawn[0].chance, rel=0.1)


def test_parts_are_those_of_a_lexicon_of_that_precision() -> None:
    rng = np.random.default_rng(1)
    probability = rng.random(200).astype(np.float32)
    hit = rng.random(200) < probability
    entries = [Entry(f"s{row}", "t", 0.0, 1, False, float(one)) for row, one in enumerate(probability)]
    for one in calibration(probability, hit).selections:
        kept = [int(entry.source[1:]) for entry in at_precision(entries, one.level)]
        assert one.share == len(kept) / 200 and one.observed == pytest.approx(hit[kept].mean())


def test_a_part_of_no_words() -> None:
    found = calibration(np.full(5, 0.2, np.float32), np.zeros(5, bool))
    assert [(one.level, one.share, one.observed) for one in found.selections] == [
        (level, 0, None) for level in (0.9, 0.8, 0.7)
    ]
    assert len(found.bins) == 5
