"""Trials on held-out pairs: which words are held out, and what the trials decide."""

from __future__ import annotations

import numpy as np
import pytest
from toys import dictionary, rotated

from translator.learning import hold_out, trials
from translator.learning.seed_pairs import SeedPairs
from translator.lexicon import Lexicon
from translator.options import Options
from translator.pipeline import align


def test_the_seed_settles_which_words_are_held_out() -> None:
    pairs = np.column_stack([np.repeat(np.arange(600), 2), np.arange(1200)])
    given = SeedPairs(pairs, "dictionary", "why")
    assert hold_out(SeedPairs(pairs, "identical", "why"), Options())[1] is None, "nobody vouches for them"
    (train, held), (_, other) = (hold_out(given, Options(random_state=seed)) for seed in (0, 1))
    assert held is not None and len(held) == 120 and len(train) == 1080
    assert not set(train[:, 0]) & set(held[:, 0]), "translations of one word stay together"
    assert other is not None and not np.array_equal(held, other)


@pytest.mark.parametrize("clearly", [0.01, -1.0, 1.0])
def test_auto_takes_another_start_only_if_it_is_clearly_better(
    clearly: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "CLEARLY", clearly)
    spaces, pairs = rotated(700, 20, noise=1.0), dictionary(range(520))
    chosen = align(*spaces, pairs, Options(rerank=False)).record.method
    scores = {trial.self_learning: trial.held_out_mrr for trial in chosen.trials}
    assert scores.keys() == {True, False}
    assert chosen.self_learn == (scores[False] <= scores[True] + clearly)
    assert ("self-learning" in chosen.reason) == chosen.self_learn
    for way in (True, False):
        only = align(*spaces, pairs, rerank=False, self_learn=way).record.method
        assert [trial.held_out_mrr for trial in only.trials] == [scores[way]]
        assert only.self_learn == way
    few = align(*spaces, dictionary(range(60))).record.method
    assert few.trials == () and few.self_learn


def test_a_dictionary_that_means_nothing_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    source, target = rotated(700, 20, noise=0.3)
    turned = Lexicon(tuple((f"s{number}", f"t{(number * 37 + 11) % 700}") for number in range(600)))
    for lexicon, wrong in ((turned, True), (dictionary(range(600)), False)):
        caplog.clear()
        warnings = align(source, target, lexicon, Options(rerank=False)).record.warnings
        assert any("almost no held-out word of the dictionary" in one for one in warnings) == wrong
        assert all(one in caplog.text for one in warnings)
