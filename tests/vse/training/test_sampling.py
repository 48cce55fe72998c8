"""Shares and batches: formulas in plain Python, and laws."""

from __future__ import annotations

import math
from collections import Counter
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.vectors import Indices
from vse.training.sampling import Sampling, allotted, batches_of_a_pass, epoch_batches, shares

COUNTS = {"en": 300, "de": 100, "fr": 100}
some_counts = st.dictionaries(st.text("abc", min_size=1), st.integers(1, 500), min_size=1)


def test_active_sampling_is_the_softmax_of_the_paper() -> None:
    recalls, tau = {"en": 0.6, "de": 0.53, "fr": 0.2}, 0.1
    total = sum(math.exp(-recall / tau) for recall in recalls.values())
    for language, share in shares("active", COUNTS, recalls, tau, 0.0).items():
        assert share == pytest.approx(math.exp(-recalls[language] / tau) / total)
    floored = shares("active", COUNTS, recalls, tau, 0.3)
    assert floored["en"] == pytest.approx(0.1 + 0.7 * math.exp(-0.6 / tau) / total)


def test_the_other_shares() -> None:
    assert shares("uniform", COUNTS, {}, 0.1, 0.1) == dict.fromkeys(COUNTS, 1 / 3)
    assert shares("proportional", COUNTS, {}, 0.1, 0.1) == {"en": 0.6, "de": 0.2, "fr": 0.2}
    assert shares("active", COUNTS, {}, 0.1, 0.1) == pytest.approx(dict.fromkeys(COUNTS, 1 / 3))


@given(some_counts, st.sampled_from(get_args(Sampling)), st.floats(1e-6, 10), st.floats(0, 1), st.data())
def test_shares_sum_to_one_and_nobody_starves(
    counts: dict[str, int], sampling: Sampling, tau: float, floor: float, data: st.DataObject
) -> None:
    recalls = {code: data.draw(st.floats(0, 1)) for code in counts}
    found = shares(sampling, counts, recalls, tau, floor)
    assert sum(found.values()) == pytest.approx(1)
    if sampling == "active":
        assert min(found.values()) >= floor / len(counts) - 1e-12


@given(some_counts, st.integers(0, 300))
def test_whole_batches_are_those_of_the_shares(counts: dict[str, int], batches: int) -> None:
    share = shares("proportional", counts, {}, 0.1, 0.1)
    found = allotted(share, batches)
    assert sum(found.values()) == batches
    assert all(abs(found[code] - share[code] * batches) < 1 for code in counts)


def taken(lengths: dict[str, Indices], batches: dict[str, int], consumed: int, seed: int = 0) -> list[int]:
    made = epoch_batches(lengths, batches, dict.fromkeys(lengths, consumed), 8, seed, 0)
    return [int(caption) for batch in made for caption in batch.captions]


def test_a_pass_takes_every_caption_once() -> None:
    lengths = {"en": np.arange(40) % 7 + 1}
    assert batches_of_a_pass({"en": 40, "de": 3}, 8) == 6
    assert sorted(taken(lengths, {"en": 5}, 0)) == list(range(40))
    assert sorted(taken(lengths, {"en": 5}, 40)) == list(range(40))
    assert taken(lengths, {"en": 5}, 0) == taken(lengths, {"en": 5}, 0)
    assert taken(lengths, {"en": 5}, 0) != taken(lengths, {"en": 5}, 0, seed=1)


def test_a_small_share_goes_on_where_it_stopped() -> None:
    lengths = {"en": np.ones(40, np.int64)}
    pieces = [caption for start in range(0, 40, 8) for caption in taken(lengths, {"en": 1}, start)]
    assert Counter(pieces) == Counter(range(40))


def test_a_batch_is_of_one_language_and_of_like_lengths() -> None:
    rng = np.random.default_rng(0)
    lengths = {"en": rng.integers(1, 30, 400), "de": rng.integers(1, 30, 5)}
    made = epoch_batches(lengths, {"en": 10, "de": 2}, {"en": 0, "de": 0}, 32, 0, 0)
    assert Counter(batch.language for batch in made) == {"en": 10, "de": 2}
    assert {len(batch.captions) for batch in made if batch.language == "de"} == {5}
    spread = [np.ptp(lengths["en"][batch.captions]) for batch in made if batch.language == "en"]
    assert np.mean(spread) < 5
