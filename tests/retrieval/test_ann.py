"""Approximate neighbours: nearly those of the exact scan, there and back, and files that are no index."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from listening import reporting
from toys import gaussian

from translator.errors import DataError, FormatError, MissingDependencyError
from translator.retrieval import search
from translator.retrieval.ann import BLOCK, AnnIndex, check_installed, recall
from translator.vectors import Floats

usearch = pytest.importorskip("usearch.index", reason="the maker of the graphs")

ROWS = gaussian(2 * BLOCK + 10, 12)


@pytest.fixture(scope="module")
def index() -> AnnIndex:
    return AnnIndex.build(ROWS)


def test_the_same_rows_make_the_same_graph(tmp_path: Path) -> None:
    files = [tmp_path / "first", tmp_path / "second"]
    for file in files:
        AnnIndex.build(ROWS).save(file)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_nearly_what_the_exact_scan_finds(index: AnnIndex) -> None:
    queries = gaussian(200, 12, 1)
    found, exact = index.search(queries, 10), search(queries, ROWS, 10)
    assert recall(found.indices, exact.indices) > 0.97
    assert (found.indices.dtype, found.scores.dtype) == (np.int64, np.float32)
    assert (np.diff(found.scores, axis=1) <= 0).all()
    own = np.einsum("qkd,qd->qk", ROWS[found.indices], queries)
    np.testing.assert_allclose(found.scores, own, atol=1e-5)


def test_few_rows_are_all_found_in_order() -> None:
    rows = np.repeat(gaussian(5, 4), 4, axis=0)  # each four times: equal scores by ascending row
    small, queries = AnnIndex.build(rows), gaussian(7, 4, 2)
    for k in (1, 3, 20, 50):
        for some in (queries, queries[:1], queries[:0]):
            found, exact = small.search(some, k), search(some, rows, k)
            if k >= 4:  # else which of four equal ones are found is open
                assert np.array_equal(found.indices, exact.indices)
            own = np.einsum("qd,qkd->qk", some, rows[found.indices])
            np.testing.assert_allclose(found.scores, own, atol=1e-5)
            np.testing.assert_allclose(found.scores, exact.scores, atol=1e-5)


def test_there_and_back(index: AnnIndex, tmp_path: Path) -> None:
    file = tmp_path / "x.usearch"
    index.save(file)
    loaded, queries = AnnIndex.load(file), gaussian(50, 12, 3)
    assert len(loaded) == len(ROWS)
    assert np.array_equal(loaded.search(queries, 10).indices, index.search(queries, 10).indices)
    assert [path.name for path in tmp_path.iterdir()] == ["x.usearch"]
    with pytest.raises(DataError, match="cannot write"):
        index.save(tmp_path / "nowhere" / "x.usearch")


def test_it_knows_its_rows(index: AnnIndex) -> None:
    assert index.holds(ROWS)
    others: list[Floats] = [ROWS[:-1], ROWS[:, :-1], ROWS[::-1], np.roll(ROWS, 1, axis=0), ROWS + 1]
    assert not any(index.holds(rows) for rows in others)


def test_queries_of_another_width(index: AnnIndex) -> None:
    for queries in (gaussian(3, 5), ROWS[0]):
        with pytest.raises(DataError, match="the index holds rows of 12"):
            index.search(queries, 3)


def test_what_is_no_index_is_refused(index: AnnIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    strange = usearch.Index(ndim=3, metric="cos", dtype="f32")
    strange.add(np.arange(4), np.ascontiguousarray(gaussian(4, 3)))
    strange.save(str(tmp_path / "cosine"))
    cases: dict[str, Any] = {
        "empty": b"",
        "text": b"no index at all\n" * 50,
        "short": whole[:100],
        "half": whole[: len(whole) // 2],
        "cut": whole[:-1],
        "cosine": (tmp_path / "cosine").read_bytes(),
    }
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(
            FormatError, match="expected IP" if name == "cosine" else "cannot be read as an index"
        ):
            AnnIndex.load(tmp_path / name)
    with pytest.raises(DataError, match="no such file"):
        AnnIndex.load(tmp_path / "nothing")


def test_recall_counts_what_is_there() -> None:
    exact = np.array([[1, 2, 3, 4], [5, 6, 7, 8]])
    assert recall(exact[:, ::-1], exact) == 1
    assert recall(np.array([[4, 9, 1], [9, 10, 11]]), exact) == 2 / 8
    assert recall(exact[:, :0], exact) == 0


def test_building_is_reported() -> None:
    seen: list[tuple[str, int, int]] = []
    with reporting(lambda *step: seen.append(step)):
        AnnIndex.build(ROWS)
    assert seen == [("indexing", 0, 3), ("indexing", 1, 3), ("indexing", 2, 3), ("indexing", 3, 3)]


def test_a_missing_usearch_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    for asked in (check_installed, lambda: AnnIndex.build(ROWS), lambda: AnnIndex.load(tmp_path / "x")):
        with pytest.raises(MissingDependencyError, match=r"pip install 'bli-translator\[index\]'"):
            asked()
