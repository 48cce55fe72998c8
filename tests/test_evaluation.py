"""P@k and MRR against a plain loop; words outside the vocabulary; bootstrap intervals."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from toys import dictionary, gaussian, rotated, slow_csls

from translator.alignment import Alignment
from translator.errors import DataError
from translator.evaluation import Measure, Oov, bootstrap, evaluate
from translator.lexicon import Lexicon
from translator.options import Options
from translator.pipeline import align
from translator.retrieval import BETA
from translator.vectors import Floats, WordVectors

TEST = Lexicon(
    tuple((f"s{n}", f"t{n + wrong}") for n in range(100, 160) for wrong in (0, 1) if n % 3 or wrong)
)


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    return align(*rotated(noise=1.2), dictionary(range(80)), Options(refine="none", self_learn=False))


def test_scores_against_a_plain_loop(alignment: Alignment) -> None:
    source, target = alignment.source.mapped, alignment.target.mapped
    scores = {"cosine": source.matrix @ target.matrix.T, "csls": slow_csls(source.matrix, target.matrix, 10)}
    found = evaluate(alignment, TEST)
    assert (found.queries, found.covered, found.candidates, found.coverage) == (60, 60, 300, 1)
    for criterion in ("cosine", "csls"):
        ranks = []
        for word in TEST.sources():
            order = [target.words[column] for column in np.argsort(-scores[criterion][source.index[word]])]
            ranks.append(1 + min(order.index(right) for left, right in TEST if left == word))
        score = found[criterion]
        assert 0 < score.p_at_1.value < score.p_at_5.value < score.p_at_10.value < 1
        for depth, measure in ((1, score.p_at_1), (5, score.p_at_5), (10, score.p_at_10)):
            assert measure.value == pytest.approx(sum(rank <= depth for rank in ranks) / 60)
        assert score.mrr.value == pytest.approx(sum(1 / rank for rank in ranks if rank <= 10) / 60)


def test_other_criteria_can_be_asked_for(alignment: Alignment) -> None:
    found = evaluate(alignment, TEST, criteria=["inverted-softmax"])
    assert [score.criterion for score in found.scores] == ["inverted-softmax"]
    source, target = alignment.source.mapped, alignment.target.mapped
    cosines = source.matrix.astype(np.float64) @ target.matrix.T
    scores = BETA * cosines - np.log(np.exp(BETA * cosines).sum(axis=0))
    best = {word: target.words[scores[source.index[word]].argmax()] for word in TEST.sources()}
    right = sum((word, best[word]) in TEST.pairs for word in TEST.sources())
    assert found["inverted-softmax"].p_at_1.value == pytest.approx(right / 60)
    with pytest.raises(KeyError):
        found["csls"]


class Subwords(WordVectors):
    """Knows a vector for any word ``s<number>``."""

    def embed(self, words: Sequence[str]) -> Floats:
        everything = gaussian(300, 20)
        rows = [everything[int(word[1:])] if word[1:].isdigit() else np.zeros(20) for word in words]
        return np.array(rows, np.float32).reshape(-1, 20)


@pytest.mark.parametrize(
    ("oov", "answered", "missed"), [("drop", 20, 0), ("count", 20, 12), ("subwords", 30, 2)]
)
def test_words_outside_the_vocabulary(oov: Oov, answered: int, missed: int) -> None:
    full, target = rotated()
    source = Subwords(full.words[:100], full.matrix[:100])
    alignment = align(source, target, dictionary(range(80)))
    lexicon = Lexicon((*dictionary(range(80, 110)), ("s?", "t0"), ("s5", "nowhere")))
    found = evaluate(alignment, lexicon, oov=oov)
    assert (found.queries, found.covered, found.oov) == (32, answered, oov)
    assert found["csls"].p_at_1.value == pytest.approx(answered / (answered + missed))
    assert found.coverage == answered / 32


def test_two_spellings_of_a_word_are_one_query(alignment: Alignment) -> None:
    lexicon = Lexicon((("S1", "t1"), ("s1", "t1"), ("s2", "t2")))
    found = evaluate(alignment, lexicon, oov="count")
    assert (found.queries, found.covered, found.coverage) == (2, 2, 1)


@pytest.mark.parametrize("lexicon", [Lexicon(()), dictionary(range(9)).inverse()])
def test_nothing_to_ask(alignment: Alignment, lexicon: Lexicon) -> None:
    with pytest.raises(DataError, match="no pair of the test lexicon is inside both vocabularies"):
        evaluate(alignment, lexicon)


def test_results_are_plain_values(alignment: Alignment) -> None:
    found = evaluate(alignment, TEST)
    read = json.loads(json.dumps(found.as_dict()))
    assert read["coverage"] == 1 and read["scores"][1]["p_at_1"]["value"] == found["csls"].p_at_1.value
    assert evaluate(alignment, TEST) == found and evaluate(alignment, TEST, seed=1) != found


def test_intervals_are_those_of_the_normal_approximation() -> None:
    values = (np.random.default_rng(0).random((2, 1000)) < np.array([[0.3], [0.8]])).astype(np.float64)
    for measure, row in zip(bootstrap(values), values, strict=True):
        spread = 1.96 * math.sqrt(row.mean() * (1 - row.mean()) / 1000)
        assert measure.value == row.mean()
        assert measure.low == pytest.approx(row.mean() - spread, abs=0.004)
        assert measure.high == pytest.approx(row.mean() + spread, abs=0.004)


def test_an_interval_of_equal_values_is_a_point() -> None:
    assert bootstrap(np.ones((1, 50))) == [Measure(1, 1, 1)]


@pytest.mark.parametrize(
    ("how", "message"),
    [({"oov": "skip"}, "oov='skip': expected one of"), ({"criteria": ()}, "criteria")],
)
def test_nonsense_is_refused(alignment: Alignment, how: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        evaluate(alignment, Lexicon.of([("s1", "t1")]), **how)
