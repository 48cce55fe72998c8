"""How an alignment was made, read from its record and checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from toys import dictionary, rotated
from translator.alignment.making import making
from translator.alignment.training import training

from translator.errors import FormatError
from translator.learning import JUDGED_ROUNDS
from translator.options import Options
from translator.pipeline import align


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    made = align(*rotated(700, 20, noise=1.0), dictionary(range(520)), Options(rerank=False))
    found: dict[str, Any] = json.loads(json.dumps(made.record))
    return found


def test_self_training_is_read_from_the_history() -> None:
    history = align(*rotated(260, 12), dictionary(range(50))).record["history"]
    told = [step["pairs"] for step in history if step["method"] == "self-training"]
    own = training(history, ())
    assert len(told) == JUDGED_ROUNDS and own.likely == tuple(told)
    assert own.trial == () and own.best is None
    steps = [step for step in history if step["method"] == "rcsls"]
    assert [one.loss for one in own.final] == [step["loss"] for step in steps[-len(own.final) :]]
    assert 0 < len(own.final) < len(steps)


def test_training_is_read_from_the_history(record: dict[str, Any]) -> None:
    found = making(record)
    history, own = record["history"], found.training
    trial = [step for step in history if step.get("pairs") == "training share"]
    final = [step for step in history if step["method"] == "rcsls" and step not in trial]
    assert [one.loss for one in own.trial] == [step["loss"] for step in trial] and len(trial) > 2
    assert [one.held_out_mrr for one in own.trial] == [step["held_out_mrr"] for step in trial]
    assert [(one.number, one.loss, one.held_out_mrr) for one in own.final] == [
        (step["step"], step["loss"], None) for step in final
    ]
    assert own.best is not None and own.best.held_out_mrr == max(step["held_out_mrr"] for step in trial)
    assert own.final[-1].number == own.best.number
    rounds = [step for step in history if step["method"] == "self-learning"]
    assert [(one.number, one.pairs, one.mutual) for one in own.rounds] == [
        (step["step"], step["pairs"], step["mutual"]) for step in rounds
    ]
    assert (found.origin, found.pairs, found.rankers) == ("dictionary", 520, None)
    assert [one.self_learning for one in own.tried] == [True, False]
    taken = next(one for one in own.tried if one.self_learning == bool(own.rounds))
    assert (taken.after, taken.steps) == (own.best.held_out_mrr, own.best.number)
    assert taken.before == trial[0]["held_out_mrr"]
    older = {**record, "method": {"reason": "as it was"}}
    assert making(older).training.tried == ()


def test_a_trial_without_held_out_pairs(record: dict[str, Any]) -> None:
    small = align(*rotated(300, 20), dictionary(range(60)))
    assert making(small.record).training.best is None
    assert making({**record, "history": []}).training.final == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", {}),
        ("seed", None),
        ("metrics", {"mutual_share": "much", "consistency": None}),
        ("metrics", []),
        ("warnings", 3),
        ("history", [{"method": "rcsls"}]),
        ("history", [3]),
        ("history", [{}]),
        ("ranking", [{"words": 3}]),
        ("ranking", []),
        ("ranking", 1),
        ("rankers", ["general"]),
        ("rankers", 2),
        ("dictionary", 5),
        ("arguments", None),
        ("versions", "all"),
        ("method", {"reason"}),
    ],
)
def test_a_damaged_record(record: dict[str, Any], name: str, value: object) -> None:
    with pytest.raises(FormatError, match=r"^en-de: the record of the alignment is damaged"):
        making({**record, name: value}, Path("en-de"))


@pytest.mark.parametrize(
    "name", ["seed", "metrics", "warnings", "history", "dictionary", "versions", "method"]
)
def test_a_record_that_lacks_a_part(record: dict[str, Any], name: str) -> None:
    with pytest.raises(FormatError, match="damaged"):
        making({key: one for key, one in record.items() if key != name})


def test_an_older_record_knows_of_no_ranker(record: dict[str, Any]) -> None:
    older = making({key: one for key, one in record.items() if key not in ("ranking", "rankers")})
    assert older.rankers is None and older.kinds is None and older.figures()["p_at_1"] is None


def test_figures_of_a_large_dictionary() -> None:
    source, target = rotated(800, 10, noise=0.6)
    record = align(source, target, dictionary(range(700))).record
    made = making(record)
    found = made.figures()
    trials = [step for step in record["history"] if step.get("pairs") == "training share"]
    assert found["mrr"] == max(step["held_out_mrr"] for step in trials) < 1
    assert found["p_at_1"] == record["ranking"][0]["map_p_at_1"]
    assert found["reranked_p_at_1"] == record["ranking"][0]["reranked_p_at_1"]
    assert found["consistency"] == record["metrics"]["consistency"]
    assert found["seed_pairs"] == 700
    assert made.kinds == tuple(record["rankers"])


def test_figures_of_a_small_one() -> None:
    source, target = rotated(100, 8)
    found = making(align(source, target, dictionary(range(40))).record).figures()
    assert found == {**dict.fromkeys(found), "seed_pairs": 40, "consistency": found["consistency"]}
