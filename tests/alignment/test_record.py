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
from translator.maps.history import InductionRound, RcslsStep, StructureRound
from translator.maps.rcsls import STEPS
from translator.options import Options
from translator.pipeline import align
from translator.ranking.cross_fit import HeldOutScores

FILE = Path("en-de/config.json")


@pytest.fixture(scope="module")
def record() -> Record:
    return align(*rotated(300, 20, noise=0.6), dictionary(range(120)), Options(rerank=False)).record


def plain(record: Record) -> dict[str, Any]:
    """The record as parsed JSON."""
    parsed: dict[str, Any] = json.loads(json.dumps(record.to_json()))
    return parsed


def test_json_gives_the_record_back(record: Record) -> None:
    structure = StructureRound(1, 0.5, 0.1)
    ranker = RankerRecord("adapted", HeldOutScores(600, 0.25, 0.5, 0.125))
    full = replace(
        record,
        dictionary=DictionaryRecord(120, "d.txt", "ab12", True),
        rankers=(ranker, RankerRecord("general", None)),
        history=(structure, *record.history),
    )
    for one in (record, full):
        assert Record.from_json(plain(one), FILE) == one


def test_the_history_is_the_rounds_and_then_the_steps(record: Record) -> None:
    assert record.history == (*record.rounds, *record.rcsls)
    assert [one.round for one in record.rounds] == list(range(1, len(record.rounds) + 1)) != []
    assert [one.step for one in record.rcsls] == list(range(STEPS + 1))
    assert all(0 < one.expected < one.pairs for one in record.rounds)
    assert (record.seed_pairs.origin, record.seed_pairs.pairs) == ("dictionary", 120)
    assert [ranker.kind for ranker in record.rankers] == ["none", "none"]
    methods = f"ridge -> {len(record.rounds)} rounds with probable pairs -> RCSLS (free)"
    assert record.method == f"120 of 120 dictionary pairs found (100%): {methods}"


def test_steps_of_other_methods_are_neither_rounds_nor_rcsls(record: Record) -> None:
    steps = (StructureRound(1, 0.5, 0.1), InductionRound(1, 9, 4.5), RcslsStep(0, 0.5, 0.0))
    other = replace(record, history=steps)
    assert (other.rounds, other.rcsls) == (steps[1:2], steps[2:])


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
    ],
)
def test_a_damaged_record(record: Record, name: str, value: object) -> None:
    with pytest.raises(FormatError, match=r"^en-de/config.json: the record of the alignment is damaged"):
        Record.from_json({**plain(record), name: value}, FILE)


@pytest.mark.parametrize("name", [*Record.__dataclass_fields__])
def test_a_record_that_lacks_a_part(record: Record, name: str) -> None:
    with pytest.raises(FormatError, match=f"damaged .record.{name} is missing"):
        Record.from_json({key: one for key, one in plain(record).items() if key != name}, FILE)


def test_figures_of_a_dictionary_that_adapts_the_ranker() -> None:
    source, target = rotated(300, 10, noise=0.6)
    record = align(source, target, dictionary(range(200))).record
    figures, held_out = record.figures(), record.rankers[0].held_out
    assert list(figures) == ["seed_pairs", "p_at_1", "reranked_p_at_1", "consistency"]
    assert held_out is not None and figures["p_at_1"] == held_out.map_p_at_1
    assert figures["reranked_p_at_1"] == held_out.reranked_p_at_1
    assert figures["consistency"] == record.agreement.consistency
    assert figures["seed_pairs"] == 200


def test_figures_of_a_small_one() -> None:
    source, target = rotated(100, 8)
    figures = align(source, target, dictionary(range(40))).record.figures()
    assert figures == {**dict.fromkeys(figures), "seed_pairs": 40, "consistency": figures["consistency"]}
