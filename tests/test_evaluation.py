"""P@k and MRR against a plain loop; words outside the vocabulary; bootstrap intervals."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from toys import dictionary, gaussian, rotated, slow_csls

from translator.alignment import Alignment
from translator.errors import DataError
from translator.evaluation import Evaluation, Measure, Oov, Score, bootstrap, evaluate
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
    with pytest.raises(DataError, match=r"none of the .* pairs|holds no pair"):
        evaluate(alignment, lexicon)


def test_results_are_plain_values(alignment: Alignment) -> None:
    found = evaluate(alignment, TEST)
    read = json.loads(json.dumps(found.as_dict()))
    assert read["coverage"] == 1 and read["scores"][1]["p_at_1"]["value"] == found["csls"].p_at_1.value
    assert evaluate(alignment, TEST) == found and evaluate(alignment, TEST, random_state=1) != found


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
    ("arguments", "message"),
    [
        ({"oov": "skip"}, "oov='skip': expected one of drop, count, subwords"),
        ({"criteria": ()}, "criteria: there are none, expected one or more of cosine"),
        ({"criteria": "cslss"}, "criterion 'cslss': expected one of"),
    ],
)
def test_arguments_of_the_wrong_kind(alignment: Alignment, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        evaluate(alignment, Lexicon.of([("s1", "t1")]), **arguments)


def test_results_are_shown_on_a_line() -> None:
    measure = Measure(0.5432, 0.51, 1)
    assert repr(measure) == "54.3 % [51.0, 100.0]"
    score = Score("csls", measure, Measure(0.6, 0, 1), Measure(0.7, 0, 1), Measure(0.5678, 0, 1))
    assert repr(score) == "Score(csls: P@1 54.3 %, P@5 60.0 %, P@10 70.0 %, MRR 56.8 %)"
    evaluation = Evaluation(2000, 1500, 300, "drop", (score, replace(score, criterion="reranked")))
    assert repr(evaluation) == "Evaluation(P@1 csls 54.3 %, reranked 54.3 %; 1,500 of 2,000 queries)"


def test_a_notebook_shows_a_table(alignment: Alignment) -> None:
    evaluation = evaluate(alignment, TEST)
    shown = evaluation._repr_html_()
    assert "<caption>60 of 60 queries, 300 candidates</caption>" in shown
    assert shown.count("<tr>") == 1 + len(evaluation.scores)
    measures = "".join(f"<td>{measure}</td>" for measure in evaluation["csls"].measures.values())
    assert f"<tr><td>csls</td>{measures}</tr>" in shown


def test_an_evaluation_goes_into_a_data_frame(alignment: Alignment) -> None:
    pandas = pytest.importorskip("pandas")
    evaluation = evaluate(alignment, TEST, oov="count")
    frame = pandas.DataFrame(evaluation).set_index("criterion")
    assert list(frame.index) == [score.criterion for score in evaluation.scores]
    for name in ("p_at_1", "p_at_5", "p_at_10", "mrr"):
        measure: Measure = getattr(evaluation["csls"], name)
        assert tuple(frame.loc["csls", [name, f"{name}_low", f"{name}_high"]]) == (
            measure.value,
            measure.low,
            measure.high,
        )
    counts = frame.loc["cosine", ["queries", "covered", "coverage", "candidates", "oov"]]
    assert tuple(counts) == (60, 60, 1.0, 300, "count")
