"""What is read from an alignment's record, the dictionary it names, and the maps' shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toys import dictionary, floats, rotated, rotation

from translator.alignment import Alignment
from translator.alignment.affine import SideMap
from translator.diagnosis.conditioning import conditioning
from translator.diagnosis.making import making
from translator.diagnosis.seed import recorded_dictionary, told
from translator.diagnosis.training import training
from translator.errors import FormatError
from translator.fitting import JUDGED_ROUNDS
from translator.lexicon import Lexicon, load_lexicon
from translator.options import Options
from translator.pipeline import align
from translator.vectors.normalize import Normalizer


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    return align(*rotated(700, 20, noise=1.0), dictionary(range(520)), Options(rerank="no"))


@pytest.fixture(scope="module")
def record(alignment: Alignment) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(alignment.record))
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
        ("dictionary", 5),
        ("arguments", None),
        ("versions", "all"),
        ("method", {"reason"}),
    ],
)
def test_a_damaged_record(record: dict[str, Any], name: str, value: object) -> None:
    with pytest.raises(FormatError, match="the record of the alignment is damaged"):
        making({**record, name: value})


@pytest.mark.parametrize(
    "name", ["seed", "metrics", "warnings", "history", "dictionary", "versions", "method"]
)
def test_a_record_that_lacks_a_part(record: dict[str, Any], name: str) -> None:
    with pytest.raises(FormatError, match="damaged"):
        making({key: one for key, one in record.items() if key != name})


def test_an_older_record_knows_of_no_ranker(record: dict[str, Any]) -> None:
    assert making({key: one for key, one in record.items() if key != "ranking"}).rankers is None


def test_the_dictionary_is_found_where_it_was_and_beside_the_folder(tmp_path: Path) -> None:
    file = tmp_path / "pairs.txt"
    file.write_text("s1\tt1\ns2\tt2\n", "utf-8")
    lexicon = load_lexicon(file)
    record = align(*rotated(), lexicon, Options(refine="none")).record
    assert recorded_dictionary(record, tmp_path / "x") == (lexicon, "")
    (tmp_path / "new").mkdir()
    file.rename(tmp_path / "new" / "pairs.txt")
    assert recorded_dictionary(record, tmp_path / "new" / "x") == (lexicon, "")
    found, why = recorded_dictionary(record, tmp_path / "x")
    assert found is None and "pairs.txt, is gone" in why and "--dict" in why
    file.write_text("s1\tt1\ns2\tt3\n", "utf-8")
    found, why = recorded_dictionary(record, tmp_path / "x")
    assert found is None and "has changed since" in why


def test_there_may_be_no_dictionary_to_find(record: dict[str, Any], tmp_path: Path) -> None:
    assert (
        recorded_dictionary({"dictionary": None}, tmp_path)[1]
        == "The alignment was made without a dictionary."
    )
    assert "came from no file" in recorded_dictionary(record, tmp_path)[1]
    for damaged in ({}, {"dictionary": 3}):
        with pytest.raises(FormatError, match="damaged"):
            recorded_dictionary(damaged, tmp_path)


def side(matrix: np.ndarray) -> SideMap:
    return SideMap(Normalizer((), ()), matrix.astype(np.float32))


def test_the_shape_of_known_maps() -> None:
    stretched = np.diag([3.0, 1, 1, 1]) @ rotation(4)
    found = conditioning(side(stretched))
    assert found is not None and found.condition_number == pytest.approx(3, rel=1e-5)
    assert found.singular_values == pytest.approx(np.array([3, 1, 1, 1]) / np.sqrt(3), rel=1e-5)
    turned = conditioning(side(5 * rotation(6)))
    assert turned is not None and turned.singular_values == pytest.approx([1] * 6, rel=1e-5)
    assert conditioning(side(2.5 * np.eye(4))) is None


def test_a_map_without_an_inverse_has_no_condition_number() -> None:
    found = conditioning(side(floats([[1, 2], [2, 4]])))
    assert found is not None and found.condition_number is None


def test_the_dictionary_of_an_inverse_is_the_other_way_round(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("".join(f"s{number}\tt{number}\n" for number in range(80)))
    made = align(*rotated(120, 8), load_lexicon(tmp_path / "d.txt"))
    for alignment, first in ((made, ("s0", "t0")), (made.inverse(), ("t0", "s0"))):
        lexicon, _ = recorded_dictionary(alignment.record, tmp_path)
        assert lexicon is not None and lexicon.pairs[0] == first


def test_the_share_of_a_test_that_was_told() -> None:
    test = Lexicon((("a", "x"), ("a", "y"), ("b", "x"), ("c", "z")))
    assert told(test, Lexicon((("a", "x"), ("c", "z"), ("d", "x")))) == 0.5
    assert told(test, Lexicon((("x", "a"),))) == 0
