"""The record of an alignment: what it says of its making, and that JSON is read with distrust."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from toys import dictionary, rotated

from translator.alignment.record import DictionaryRecord, RankerRecord, Record
from translator.errors import FormatError
from translator.learning import SELF_TRAINING_ROUNDS
from translator.maps.history import RcslsStep, SelfLearningRound, StructureRound
from translator.options import Options
from translator.pipeline import align
from translator.ranking.cross_fit import HeldOutScores

FILE = Path("en-de/config.json")


@pytest.fixture(scope="module")
def record() -> Record:
    return align(*rotated(700, 20, noise=1.0), dictionary(range(520)), Options(rerank=False)).record


def plain(record: Record) -> dict[str, Any]:
    """The record as parsed JSON."""
    parsed: dict[str, Any] = json.loads(json.dumps(record.to_json()))
    return parsed


def test_json_gives_the_record_back(record: Record) -> None:
    structure = StructureRound(1, 0.5, 0.1)
    ranker = RankerRecord("adapted", HeldOutScores(600, 0.25, 0.5, 0.125))
    full = replace(
        record,
        dictionary=DictionaryRecord(520, "d.txt", "ab12", True),
        rankers=(ranker, RankerRecord("general", None)),
        history=(structure, *record.history),
    )
    for one in (record, full):
        assert Record.from_json(plain(one), FILE) == one


def test_the_steps_of_a_trial_choose_those_of_the_final_descent(record: Record) -> None:
    trial, final = record.rcsls("trial"), record.rcsls("final")
    best = record.best_step
    assert len(trial) > 2 and best is not None
    assert best.held_out_mrr == max(step.held_out_mrr or 0 for step in trial)
    assert final[-1].step == best.step and all(step.held_out_mrr is None for step in final)
    assert (record.seed_pairs.origin, record.seed_pairs.pairs) == ("dictionary", 520)
    assert [ranker.kind for ranker in record.rankers] == ["none", "none"]
    assert [trial.self_learning for trial in record.method.trials] == [True, False]
    taken = next(one for one in record.method.trials if one.self_learning == bool(record.self_learning))
    assert (taken.held_out_mrr, taken.steps) == (best.held_out_mrr, best.step)
    assert taken.before == trial[0].held_out_mrr


def test_self_training_follows_an_earlier_descent() -> None:
    record = align(*rotated(260, 12), dictionary(range(50))).record
    assert len(record.self_training) == SELF_TRAINING_ROUNDS and record.best_step is None
    assert record.rcsls("trial") == () and len(record.rcsls("earlier")) > 0 < len(record.rcsls("final"))
    assert isinstance(record.history[0], SelfLearningRound)


def test_the_inverse_of_the_inverse_is_the_record(record: Record) -> None:
    scores = HeldOutScores(3, 0.1, 0.2, 0.0)
    one = replace(record, rankers=(RankerRecord("adapted", scores), RankerRecord("none", None)))
    inverse = one.inverse()
    assert inverse.rankers == one.rankers[::-1] and inverse.inverse() == one
    assert inverse.dictionary is not None and inverse.dictionary.reversed
    assert inverse.figures()["p_at_1"] is None and one.figures()["p_at_1"] == 0.1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed_pairs", {}),
        ("seed_pairs", None),
        ("agreement", {"mutual_share": "much", "consistency": None}),
        ("agreement", []),
        ("warnings", 3),
        ("history", [{"method": "rcsls"}]),
        ("history", [3]),
        ("history", [{}]),
        ("rankers", [{"kind": "general", "held_out": None}]),
        ("rankers", [{"kind": "other", "held_out": None}] * 2),
        ("rankers", 2),
        ("dictionary", 5),
        ("arguments", None),
        ("arguments", {"csls_k": 0}),
        ("versions", "all"),
        ("method", {"reason": 1}),
    ],
)
def test_a_damaged_record(record: Record, name: str, value: object) -> None:
    with pytest.raises(FormatError, match=r"^en-de/config.json: the record of the alignment is damaged"):
        Record.from_json({**plain(record), name: value}, FILE)


@pytest.mark.parametrize("name", [*Record.__dataclass_fields__])
def test_a_record_that_lacks_a_part(record: Record, name: str) -> None:
    with pytest.raises(FormatError, match=f"damaged .record.{name} is missing"):
        Record.from_json({key: one for key, one in plain(record).items() if key != name}, FILE)


def test_figures_of_a_large_dictionary() -> None:
    source, target = rotated(800, 10, noise=0.6)
    record = align(source, target, dictionary(range(700))).record
    figures, held_out = record.figures(), record.rankers[0].held_out
    scores = [step.held_out_mrr for step in record.history if isinstance(step, RcslsStep)]
    assert figures["mrr"] == max(score for score in scores if score is not None) < 1
    assert held_out is not None and figures["p_at_1"] == held_out.map_p_at_1
    assert figures["reranked_p_at_1"] == held_out.reranked_p_at_1
    assert figures["consistency"] == record.agreement.consistency
    assert figures["seed_pairs"] == 700


def test_figures_of_a_small_one() -> None:
    source, target = rotated(100, 8)
    figures = align(source, target, dictionary(range(40))).record.figures()
    assert figures == {**dict.fromkeys(figures), "seed_pairs": 40, "consistency": figures["consistency"]}
