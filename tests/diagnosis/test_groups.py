"""Accuracy by kind of word against evaluations of those words alone; certainty against plain sums."""

from __future__ import annotations

import math

import numpy as np
import pytest
from toys import dictionary, rotated

from translator.alignment import Alignment
from translator.diagnosis import accuracy, bands
from translator.diagnosis.accuracy import break_down
from translator.diagnosis.certainty import certainty
from translator.evaluation import evaluate, query_results
from translator.induction import Entry, at_precision
from translator.lexicon import Lexicon
from translator.options import Options
from translator.pipeline import align
from translator.ranking.calibration import calibration_error

# Every third word has two translations, every sixth four
TEST = Lexicon.of(
    (f"s{n}", f"t{n + more}")
    for n in range(80, 200)
    for more in range(4 if n % 6 == 0 else 2 if n % 3 == 0 else 1)
)


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    return align(*rotated(noise=1.2), dictionary(range(80)), Options(refine="none", self_learn=False))


def test_groups_are_evaluations_of_their_words(alignment: Alignment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bands, "ENDS", (100, 150, 250))
    found = break_down(query_results(alignment, TEST, criteria=["csls"]), 300)
    assert (found.queries, found.words, found.scores) == (
        120,
        120,
        evaluate(alignment, TEST, criteria=["csls"]).scores,
    )
    assert [(one.band.first, one.band.last, one.words) for one in found.by_frequency] == [
        (1, 100, 20),
        (101, 150, 50),
        (151, 250, 50),
    ]
    for one in found.by_frequency:
        own = Lexicon(tuple(pair for pair in TEST if one.band.first <= int(pair[0][1:]) + 1 <= one.band.last))
        assert one.scores == evaluate(alignment, own, criteria=["csls"]).scores
    assert [(one.listed, one.words) for one in found.by_listed] == [(1, 80), (2, 20), (3, 20)]
    for group in found.by_listed:
        wanted = {1: 1, 2: 2, 4: 3}
        count = {word: sum(source == word for source, _ in TEST) for word in TEST.sources()}
        own = Lexicon(tuple(pair for pair in TEST if wanted[count[pair[0]]] == group.listed))
        assert group.scores == evaluate(alignment, own, criteria=["csls"]).scores


def test_the_last_group_is_for_many_translations() -> None:
    assert accuracy.MANY == 3


def test_certainty_against_plain_sums() -> None:
    rng = np.random.default_rng(0)
    likely = rng.random(103).astype(np.float32)
    hit = rng.random(103) < likely**2  # too sure of itself
    found = certainty(likely, hit)
    assert found.words == 103 == sum(one.words for one in found.bins) and len(found.bins) == 10
    order = sorted(range(103), key=lambda row: likely[row])
    start = 0
    for one in found.bins:
        rows = order[start : start + one.words]
        start += one.words
        assert one.expected == pytest.approx(sum(float(likely[row]) for row in rows) / len(rows))
        assert one.met == pytest.approx(sum(bool(hit[row]) for row in rows) / len(rows))
    assert found.error == pytest.approx(
        sum(one.words * abs(one.expected - one.met) for one in found.bins) / 103
    )
    assert found.error == calibration_error(likely.astype(np.float64), hit) > 0.05


def test_what_chance_alone_comes_to() -> None:
    """With 10 words a bin at 0.5: the mean absolute deviation of a binomial, over 10."""
    chances = [math.comb(10, right) / 2**10 for right in range(11)]
    exact = sum(chance * abs(right / 10 - 0.5) for right, chance in enumerate(chances))
    found = certainty(np.full(100, 0.5, np.float32), np.arange(100) % 2 == 0)
    assert found.chance == pytest.approx(exact, rel=0.03)
    rng = np.random.default_rng(0)
    likely = rng.random(400).astype(np.float32)
    drawn = [certainty(likely, rng.random(400) < likely) for _ in range(50)]
    assert np.mean([one.error for one in drawn]) == pytest.approx(drawn[0].chance, rel=0.1)


def test_parts_are_those_of_a_lexicon_of_that_precision() -> None:
    rng = np.random.default_rng(1)
    likely = rng.random(200).astype(np.float32)
    hit = rng.random(200) < likely
    entries = [Entry(f"s{row}", "t", 0.0, 1, False, float(one)) for row, one in enumerate(likely)]
    for part in certainty(likely, hit).parts:
        kept = [int(entry.source[1:]) for entry in at_precision(entries, part.level)]
        assert part.share == len(kept) / 200 and part.met == pytest.approx(hit[kept].mean())


def test_a_part_of_no_words() -> None:
    found = certainty(np.full(5, 0.2, np.float32), np.zeros(5, bool))
    assert [(part.level, part.share, part.met) for part in found.parts] == [
        (level, 0, None) for level in (0.9, 0.8, 0.7)
    ]
    assert len(found.bins) == 5
