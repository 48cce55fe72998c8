"""Studies of learning on toy data: the default is that of ``align``; time counts for the inner part."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from benchmarks.held_out import lexicon_of
from benchmarks.studies.cost import RCSLS, REST, Clock
from benchmarks.studies.learning import Experiment, study
from benchmarks.tables.costs import cost
from benchmarks.tables.methods import learning
from translator import WordVectors, align, evaluate, save_vectors

WORDS, DIMENSION = 400, 16


@pytest.fixture
def task(tmp_path: Path) -> Path:
    """Write a space, the same space turned and blurred, and a dictionary of 180 words."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(WORDS, DIMENSION))
    turned = rows @ np.linalg.qr(rng.normal(size=(DIMENSION, DIMENSION)))[0] + 0.8 * rng.normal(
        size=rows.shape
    )
    for name, matrix in (("en", rows), ("xx", turned)):
        words = [f"{name}{row}" for row in range(WORDS)]
        save_vectors(WordVectors(words, matrix.astype(np.float32)), tmp_path / f"{name}.vec")
    (tmp_path / "dictionaries").mkdir()
    lines = "".join(f"en{row} xx{row}\n" for row in range(180))
    (tmp_path / "dictionaries" / "xling.en-xx.train.txt").write_text(lines, "utf-8")
    return tmp_path / "en-xx"


def test_the_study_of_constants_starts_from_the_default_of_align(task: Path) -> None:
    experiment = Experiment.read(task, "all")
    rows = list(study(experiment, ["steps", "rounds"]))
    tables = experiment.task.tables
    aligned = align(*tables, lexicon_of(tables, experiment.task.train), rerank=False)
    score = evaluate(aligned, lexicon_of(tables, experiment.task.held))["csls"]
    assert rows[0]["constant"] == "default" and rows[0]["words"] == 30
    assert rows[0]["map_p_at_1"] == pytest.approx(score.p_at_1.value)
    assert [row["rounds"] for row in rows if row["constant"] == "rounds"][:2] == [0, 1]
    steps = {row["value"]: row["map_p_at_1"] for row in rows if row["constant"] == "steps"}
    plain = align(*tables, lexicon_of(tables, experiment.task.train), rerank=False, refine="none")
    assert steps[0] == pytest.approx(
        evaluate(plain, lexicon_of(tables, experiment.task.held))["csls"].p_at_1.value
    )
    about = {"vectors": "toys", "pair": "en-xx", "size": "100"}
    page = "\n".join(learning({"rows": {str(number): about | row for number, row in enumerate(rows)}}))
    assert "| toys en-xx | 100 | 400 x 400 | 30 |" in page and "| RCSLS steps | 16 | 100 | 1 |" in page


def test_time_counts_for_the_innermost_part_and_for_rcsls_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count()
    monkeypatch.setattr(time, "process_time", lambda: next(ticks))  # each look at the clock takes a second
    clock = Clock()
    scan = clock.timed(lambda: None, "scans")
    clock.timed(lambda: (scan(), scan()), "features")()
    clock.timed(lambda: (scan(), scan()), RCSLS)()
    clock.switch()
    assert clock.seconds == {"scans": 2, "features": 3, RCSLS: 1, REST: 3}


def test_the_cost_is_added_up() -> None:
    row = {"vectors": "toys", "pair": "en-xx", "size": "0", "words": [3, 4], "dimension": 2, "product": 0.5}
    page = "\n".join(cost({"rows": {"a": row | {"products": {"scans": 1.5, RCSLS: 2.0}}}}))
    assert "| part | en-xx, no dictionary |" in page and "| scans | 1.5 |" in page and "**3.5**" in page
    assert "toys en-xx: 3 x 4 x 2" in page
