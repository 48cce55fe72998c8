"""Accuracy of each group of words compared with an evaluation of these words alone."""

from __future__ import annotations

import pytest
from toys import dictionary, rotated

from translator.alignment import Alignment
from translator.diagnosis import bands
from translator.diagnosis.accuracy import accuracy
from translator.evaluation import evaluate, query_results
from translator.lexicon import Lexicon
from translator.options import Options
from translator.pipeline import align

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
    found = accuracy(query_results(alignment, TEST, criteria=["csls"]), 300)
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
    assert [(one.translations, one.words) for one in found.by_translations] == [(1, 80), (2, 20), (3, 20)]
    for group in found.by_translations:
        wanted = {1: 1, 2: 2, 4: 3}
        count = {word: sum(source == word for source, _ in TEST) for word in TEST.sources()}
        own = Lexicon(tuple(pair for pair in TEST if wanted[count[pair[0]]] == group.translations))
        assert group.scores == evaluate(alignment, own, criteria=["csls"]).scores
