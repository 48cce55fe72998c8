"""The study of a change of the embedding model, on toy spaces: its methods, its split, and its table."""

from __future__ import annotations

import gzip
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from toys import gaussian, rotation

from benchmarks.studies import encoders
from benchmarks.studies.encoders import first_distinct, measure, ours, zero_padded
from benchmarks.tables.encoders import encoders as section
from translator.vectors import Floats, Indices

WIDE = gaussian(300, 16) - gaussian(300, 16).mean(axis=0)
NARROW = (WIDE @ rotation(16))[:, :12]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "HELD_OUT", 100)


def test_queries_are_never_learned_from() -> None:
    seen: list[Indices] = []

    def method(source: Floats, target: Floats, train: Indices, held: Indices) -> Floats:
        seen.extend([train, held])
        return target[held]

    assert measure(WIDE, NARROW, 150, method, 0) == 1
    assert (len(seen[0]), len(seen[1]), len(set(np.concatenate(seen)))) == (150, 100, 250)


def test_a_projection_is_learned_in_both_directions() -> None:
    ridge = partial(ours, refine="none", self_learn=False)
    assert measure(WIDE, NARROW, 200, ridge, 0) > 0.6
    assert measure(NARROW, WIDE, 200, ridge, 0) > 0.4


def test_padding_is_the_rotation_of_the_padded_vectors() -> None:
    rows = np.arange(300)
    padded = np.pad(NARROW, ((0, 0), (0, 4)))
    turn, _ = orthogonal_procrustes(WIDE, padded)
    expected = {12: (WIDE @ turn)[:, :12], 16: padded @ turn.T}
    for source, target in ((WIDE, NARROW), (NARROW, WIDE)):
        mapped = zero_padded(source, target, rows, rows)
        np.testing.assert_allclose(mapped, expected[target.shape[1]], atol=1e-3)


def test_a_repeated_sentence_counts_once(tmp_path: Path) -> None:
    file = tmp_path / "text.gz"
    file.write_bytes(gzip.compress(b"a dog\na cat\na dog\na bird\n"))
    assert first_distinct(file, 2) == ["a dog", "a cat"]


def test_the_table_has_a_column_for_each_number_of_pairs() -> None:
    rows = [
        {"source": "a", "target": "b", "pairs": pairs, "method": "ridge", "kept": [0.1, pairs / 1000]}
        for pairs in (1000, 500)
    ]
    study = {"sentences": 10_000, "held_out": 1000, "widths": {"a": 384, "b": 120}, "rows": rows}
    lines = section(study)[-1].splitlines()
    assert lines[0] == "| queries -> database | method | 500 pairs | 1,000 pairs |"
    assert lines[2] == "| a -> b | ridge | 30.0 ± 28.3 | 55.0 ± 63.6 |"
