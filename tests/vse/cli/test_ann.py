"""``vse encode --ann`` and ``vse search --ann``: the graph next to encoded images."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from runs import Vse
from toy_images import word

from translator.errors import DataError, FormatError, MissingDependencyError
from translator.retrieval import search
from translator.vectors import Floats
from translator.vectors.normalize import unit_rows
from vse import ImageIndex

pytest.importorskip("usearch", reason="the maker of the graphs")

ASKED = f"{word('en', 1)} {word('en', 5)}"


def rows(n: int, seed: int = 0) -> Floats:
    return unit_rows(np.random.default_rng(seed).standard_normal((n, 24)).astype(np.float32))


@pytest.fixture(scope="module")
def index() -> ImageIndex:
    return ImageIndex(rows(3000), [f"p{number}" for number in range(3000)], "abc").with_graph()


def test_the_graph_finds_nearly_what_the_exact_search_finds(index: ImageIndex) -> None:
    queries, exact = rows(50, 1), replace(index, graph=None)
    found, true = ([{hit.id for hit in hits} for hits in one.search(queries, 10)] for one in (index, exact))
    share = np.mean([len(ours & theirs) / 10 for ours, theirs in zip(found, true, strict=True)])
    assert share > 0.9
    assert index.recall(queries) == pytest.approx(share) and exact.recall(queries) == 1
    for hit in index.search(queries, 3)[0]:
        assert hit.id == f"p{hit.row}"
        assert hit.score == pytest.approx(float(queries[0] @ index.embeddings[hit.row]), abs=1e-6)


def test_recall_is_less_where_the_graph_is_poor(index: ImageIndex) -> None:
    queries, half = rows(50, 1), ImageIndex(index.embeddings[:1500]).with_graph()
    poor = replace(index, graph=half.graph)
    found = search(queries, index.embeddings, 10).indices
    assert poor.recall(queries) == pytest.approx((found < 1500).mean(), abs=0.1)
    assert all(hit.row < 1500 for hits in poor.search(queries, 10) for hit in hits), (
        "it is the graph that is asked"
    )


def test_there_and_back(index: ImageIndex, tmp_path: Path) -> None:
    file = tmp_path / "images.npy"
    index.save(file)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"images.{end}" for end in ("json", "npy", "usearch")
    ]
    exact, near = ImageIndex.load(file), ImageIndex.load(file, "abc", ann=True)
    assert exact.graph is None
    assert near.search(rows(5, 2), 5) == index.search(rows(5, 2), 5)


def test_a_graph_of_other_images_is_refused(index: ImageIndex, tmp_path: Path) -> None:
    file, graph = tmp_path / "images.npy", tmp_path / "images.usearch"
    index.save(file)
    ImageIndex(rows(3000, 3)).save(file)
    with pytest.raises(DataError, match="made from other images"):
        ImageIndex.load(file, ann=True)
    graph.write_bytes(graph.read_bytes()[:1000])
    with pytest.raises(FormatError, match="cannot be read as an index"):
        ImageIndex.load(file, ann=True)
    graph.unlink()
    with pytest.raises(DataError, match="saved without a graph"):
        ImageIndex.load(file, ann=True)
    assert len(ImageIndex.load(file).embeddings) == 3000


def test_a_missing_usearch_is_named(
    index: ImageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.save(tmp_path / "images.npy")
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    with pytest.raises(MissingDependencyError, match="bli-translator"):
        ImageIndex.load(tmp_path / "images.npy", ann=True)
    ImageIndex.load(tmp_path / "images.npy")


@pytest.fixture(scope="module")
def encoded(run_en: Path, data: Path, vse: Vse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("encoded") / "images.npy"
    done = vse("encode", run_en, "--images", data, "-o", file, "--ann")
    assert done.exit_code == 0, done.output
    return file


def searched(vse: Vse, run: Path, images: Path, *more: object) -> Any:
    done = vse("search", run, ASKED, word("en", 2), "--images", images, "--json", *more)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_few_images_are_found_as_without_a_graph(run_en: Path, encoded: Path, vse: Vse) -> None:
    exact, near = (
        searched(vse, run_en, encoded, "-k", 4, *more) for more in (("--by", "images"), ("--ann", "--check"))
    )
    assert near.pop("recall_at_10") == 1
    assert near.keys() == exact.keys() == {"run", "language", "searches"}
    for ours, theirs in zip(near["searches"], exact["searches"], strict=True):
        assert [one["id"] for one in ours["images"]] == [one["id"] for one in theirs["images"]]
        scores = [[one["score"] for one in some["images"]] for some in (ours, theirs)]
        np.testing.assert_allclose(scores[0], scores[1], atol=1e-6)


def test_recall_is_said_when_asked_for(run_en: Path, encoded: Path, vse: Vse) -> None:
    asked = ("search", run_en, ASKED, "--images", encoded, "--ann")
    assert vse(*asked, "--check").stdout.endswith("\n\nrecall@10 against the exact search: 100.0 %\n")
    assert "recall" not in vse(*asked).stdout


def test_what_is_refused(run_en: Path, data: Path, encoded: Path, vse: Vse, tmp_path: Path) -> None:
    plain = Path(shutil.copy(encoded, tmp_path / "plain.npy"))
    shutil.copy(encoded.with_suffix(".json"), tmp_path / "plain.json")
    (tmp_path / "texts.txt").write_text("a text\n")
    (tmp_path / "new.usearch").mkdir()
    ask, encode = ("search", run_en, ASKED, "--images"), ("encode", run_en, "-o", tmp_path / "new.npy")
    cases: list[tuple[int, str, tuple[object, ...]]] = [
        (2, "give --ann", (*ask, encoded, "--check")),
        (1, "no encoded images with a graph", (*ask, plain, "--ann")),
        (1, "no encoded images with a graph, which --ann needs", (*ask, data, "--ann")),
        (1, "no such file", (*ask, tmp_path / "nothing.npy", "--ann")),
        (2, "give --images", (*encode, "--text", tmp_path / "texts.txt", "--ann")),
        (1, "is a folder, expected a file name", (*encode, "--images", data, "--ann")),
    ]
    for status, message, arguments in cases:
        done = vse(*arguments)
        assert done.exit_code == status and message in done.stderr, (arguments, done.output)
    assert not (tmp_path / "new.npy").exists()


def test_a_missing_usearch_is_named_before_any_work(
    run_en: Path, vse: Vse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    done = vse("encode", run_en, "--images", tmp_path / "nothing.npy", "-o", tmp_path / "x.npy", "--ann")
    assert done.exit_code == 1 and "pip install 'bli-translator[index]'" in done.stderr
    assert list(tmp_path.iterdir()) == []
