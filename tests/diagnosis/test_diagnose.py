"""A whole diagnosis, with and without its optional parts; and each rule of advice, given and silent."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from toys import dictionary, rotated

from translator.alignment import Alignment
from translator.alignment.record import RankerRecord
from translator.diagnosis import Diagnosis, advise, diagnose
from translator.diagnosis import advice as rules
from translator.diagnosis.accuracy import Accuracy, FrequencyScores
from translator.diagnosis.bands import Band
from translator.diagnosis.calibration import Bin
from translator.diagnosis.coverage import BandCoverage, Coverage, Words
from translator.diagnosis.hubness import HEAVY
from translator.diagnosis.isomorphism import GRAPH_WORDS, REFERENCES
from translator.diagnosis.suspects import Suspect, suspects
from translator.errors import DataError
from translator.evaluation import Measure, Score, evaluate
from translator.lexicon import Lexicon
from translator.options import Options
from translator.pipeline import align
from translator.ranking.cross_fit import HeldOutScores

SEED, TEST = dictionary(range(560)), dictionary(range(560, 700))


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    return align(*rotated(700, 20, noise=1.3), SEED, Options())


@pytest.fixture(scope="module")
def found(alignment: Alignment) -> Diagnosis:
    return diagnose(alignment, SEED, TEST)


def test_a_diagnosis_agrees_with_what_it_is_made_of(alignment: Alignment, found: Diagnosis) -> None:
    assert found.ranker and alignment.rankers[0] is not None
    assert found.accuracy is not None and found.calibration is not None
    assert found.accuracy.scores == evaluate(alignment, TEST, criteria=["csls"]).scores
    best = found.accuracy.scores[1].p_at_1.value
    assert sum(one.words * one.observed for one in found.calibration.bins) / 140 == pytest.approx(best)
    assert found.suspects == tuple(suspects(alignment, SEED))
    assert found.seed_coverage is not None and found.seed_coverage.share == 1
    assert (
        found.source_conditioning is not None and found.target_conditioning is None
    )  # RCSLS moves the source alone
    assert (found.source.words, found.source.limit, found.source.subwords) == (700, None, False)


def test_it_is_plain_json(found: Diagnosis) -> None:
    text = json.dumps(found.as_dict(), allow_nan=False)
    assert json.loads(text)["accuracy"]["scores"][0]["criterion"] == "csls"
    assert json.loads(text)["hubness"]["worst"][0].keys() == {"word", "cosine", "csls"}


def test_parts_without_their_inputs_are_none(alignment: Alignment) -> None:
    bare = diagnose(alignment)
    assert (bare.seed_coverage, bare.test_coverage, bare.accuracy, bare.calibration, bare.suspects) == (
        None,
    ) * 5
    plain = diagnose(replace(alignment, rankers=(None, None)), SEED, TEST)
    assert plain.calibration is None and plain.accuracy is not None and len(plain.accuracy.scores) == 1


def test_both_maps_and_a_cut_vocabulary() -> None:
    source, target = rotated(200, 10)
    options = Options(start="whitening", refine="none", limit=150)
    found = diagnose(align(source, target, dictionary(range(100)), options))
    assert found.source_conditioning is not None and found.target_conditioning is not None
    assert (found.source.words, found.source.limit) == (150, 150)


def test_nothing_to_ask(alignment: Alignment) -> None:
    with pytest.raises(DataError, match=r"none of the .* pairs is inside both vocabularies"):
        diagnose(alignment, SEED, Lexicon((("no", "where"),)))


def test_the_same_twice(alignment: Alignment, found: Diagnosis) -> None:
    assert diagnose(alignment, SEED, TEST) == found


WHOLE = Words(10, 10, 0, ())
HALF = Coverage(10, 5, Words(10, 5, 3, ("x",)), WHOLE, (BandCoverage(Band(1, 100), 5),))


def group(first: int, value: float) -> FrequencyScores:
    measure = Measure(value, value - 0.05, value + 0.05)
    return FrequencyScores(Band(first, first + 99), 100, (Score("csls", measure, measure, measure, measure),))


def with_groups(found: Diagnosis, *groups: FrequencyScores) -> Diagnosis:
    return replace(found, accuracy=Accuracy(200, 200, groups[0].scores, groups, ()))


def with_bins(found: Diagnosis, expected: float, met: float, chance: float = 0.0) -> Diagnosis:
    assert found.calibration is not None
    bins = (Bin(10, expected, met),)
    own = replace(found.calibration, words=10, error=abs(expected - met), chance=chance, bins=bins)
    return replace(found, calibration=own)


def with_divergence(found: Diagnosis, value: float, words: int = GRAPH_WORDS) -> Diagnosis:
    return replace(
        found, isomorphism=replace(found.isomorphism, eigenvalue_divergence=value, graph_words=words)
    )


def with_skewness(found: Diagnosis, value: float) -> Diagnosis:
    cosine = replace(found.hubness.cosine, skewness=value)
    return replace(found, hubness=replace(found.hubness, cosine=cosine))


SCORES = HeldOutScores(600, 0.5, 0.4, 0.1)


def with_record(
    found: Diagnosis, origin: str = "dictionary", pairs: int = 600, scores: HeldOutScores | None = SCORES
) -> Diagnosis:
    seed_pairs = replace(found.record.seed_pairs, origin=origin, pairs=pairs)
    rankers = (RankerRecord("none" if scores else "general", scores),) * 2
    return replace(found, ranker=False, record=replace(found.record, seed_pairs=seed_pairs, rankers=rankers))


HARD = REFERENCES[-2].divergence
Change = Callable[[Diagnosis], Diagnosis]


@pytest.mark.parametrize(
    ("rule", "change", "topic", "parts"),
    [
        (
            rules.no_map,
            lambda d: replace(d, record=replace(d.record, warnings=("probably no map",))),
            "learning",
            ["Warning: probably no map."],
        ),
        (
            rules.small_seed_coverage,
            lambda d: replace(d, seed_coverage=HALF, source=replace(d.source, limit=700)),
            "coverage",
            ["50%", "seed", "`limit`", "700", "several words", "3"],
        ),
        (
            rules.small_seed_coverage,
            lambda d: replace(d, seed_coverage=HALF, source=replace(d.source, subwords=True)),
            "coverage",
            ["compose_oov=True"],
        ),
        (
            rules.small_seed_coverage,
            lambda d: replace(d, seed_coverage=replace(HALF, source=Words(10, 5, 0, ("x",)))),
            "coverage",
            ["larger vocabulary"],
        ),
        (rules.small_test_coverage, lambda d: replace(d, test_coverage=HALF), "coverage", ["50%", "test"]),
        (rules.small_test_coverage, lambda d: replace(d, test_coverage=None), "accuracy", ["`test`"]),
        (
            rules.no_dictionary,
            lambda d: with_record(d, origin="identical"),
            "learning",
            ["`lexicon`", "100"],
        ),
        (rules.no_ranker, with_record, "calibration", ["lowered accuracy"]),
        (
            rules.no_ranker,
            lambda d: with_record(d, scores=None),
            "calibration",
            ["rerank=True"],
        ),
        (
            rules.no_ranker,
            lambda d: replace(
                with_record(d, scores=None), ranker=True, seed_coverage=replace(HALF, found=10)
            ),
            "calibration",
            ["translates 5 source words", "Add 95"],
        ),
        (
            rules.no_ranker,
            lambda d: replace(with_record(d, scores=None, pairs=20), ranker=True, seed_coverage=None),
            "calibration",
            ["20", "Add 80"],
        ),
        (
            rules.wrong_pairs,
            lambda d: replace(d, suspects=(Suspect("a", "b", 0.0, "c", "d", 1.0),)),
            "suspects",
            ["1 pair of"],
        ),
        (
            rules.different_spaces,
            lambda d: with_divergence(d, HARD),
            "isomorphism",
            [REFERENCES[-2].pair, "P@1"],
        ),
        (rules.heavy_hubs, lambda d: with_skewness(d, HEAVY), "hubness", ["Hubs are heavy", "CSLS"]),
        (
            rules.weak_words,
            lambda d: with_groups(d, group(1, 0.6), group(101, 0.4)),
            "accuracy",
            ["101 to 200", "40%", "60%", "1 to 100"],
        ),
        (
            rules.miscalibrated,
            lambda d: with_bins(d, 0.8, 0.6),
            "calibration",
            ["too high", "20%", "more"],
        ),
        (
            rules.miscalibrated,
            lambda d: with_bins(d, 0.5, 0.6),
            "calibration",
            ["too low", "10%", "less"],
        ),
    ],
)
def test_each_rule_gives_advice(
    found: Diagnosis, rule: rules.Rule, change: Change, topic: str, parts: list[str]
) -> None:
    given = rule(change(found))
    assert given is not None and given.topic == topic
    assert [part for part in parts if part not in given.text] == []
    assert given in advise(change(found))


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        (rules.no_map, lambda d: d),
        (rules.small_seed_coverage, lambda d: replace(d, seed_coverage=replace(HALF, found=9))),
        (rules.small_seed_coverage, lambda d: replace(d, seed_coverage=None)),
        (rules.small_test_coverage, lambda d: d),
        (rules.training_pairs_in_test, lambda d: replace(d, leakage=None)),
        (rules.training_pairs_in_test, lambda d: replace(d, leakage=0.05)),
        (rules.no_dictionary, lambda d: d),
        (rules.no_ranker, lambda d: d),
        (rules.no_ranker, lambda d: replace(with_record(d, origin="structure", scores=None), ranker=True)),
        (rules.wrong_pairs, lambda d: replace(d, suspects=())),
        (rules.wrong_pairs, lambda d: replace(d, suspects=None)),
        (rules.different_spaces, lambda d: with_divergence(d, HARD - 1)),
        (rules.different_spaces, lambda d: with_divergence(d, 10 * HARD, GRAPH_WORDS - 1)),
        (rules.heavy_hubs, lambda d: with_skewness(d, HEAVY - 0.1)),
        (rules.weak_words, lambda d: with_groups(d, group(1, 0.6), group(101, 0.55))),
        (rules.weak_words, lambda d: with_groups(d, group(1, 0.6))),
        (rules.weak_words, lambda d: replace(d, accuracy=None)),
        (rules.miscalibrated, lambda d: with_bins(d, 0.6, 0.58)),
        (rules.miscalibrated, lambda d: replace(d, calibration=None)),
        (rules.miscalibrated, lambda d: with_bins(d, 0.6, 0.5, chance=0.09)),  # so few were asked
        (rules.most_confident, lambda d: replace(d, calibration=None)),
    ],
)
def test_each_rule_can_be_silent(found: Diagnosis, rule: rules.Rule, change: Change) -> None:
    assert rule(change(found)) is None


def test_the_most_confident_selection_is_described(found: Diagnosis) -> None:
    assert found.calibration is not None
    selection = found.calibration.selections[0]
    advice = rules.most_confident(found)
    assert selection.observed is not None and advice is not None
    assert f"{selection.share:.0%}" in advice.text and f"{selection.observed:.0%}" in advice.text


def test_every_rule_is_in_force() -> None:
    annotated = {
        one
        for one in vars(rules).values()
        if getattr(one, "__annotations__", {}).get("return") == "Advice | None"
    }
    assert set(rules.RULES) == annotated


def test_training_pairs_in_the_test_are_reported(found: Diagnosis) -> None:
    said = rules.training_pairs_in_test(replace(found, leakage=0.4))
    assert said is not None and "40% of the test pairs are training pairs" in said.text


def test_pairs_of_any_kind_are_dictionaries(alignment: Alignment, found: Diagnosis) -> None:
    assert diagnose(alignment, dict(SEED), list(TEST)) == found


def test_it_is_shown_in_a_line(alignment: Alignment, found: Diagnosis) -> None:
    assert found.accuracy is not None
    best = found.accuracy.scores[-1].p_at_1.value
    assert repr(found) == f"Diagnosis(source -> target, P@1 {best:.1%} on 140 test words)"
    assert repr(diagnose(alignment)) == "Diagnosis(source -> target, no test dictionary)"
