"""An exported index in a real database, and in the lines of the README: both answer as ``translate`` does."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toys import Doubles, assert_same_order, dictionary, rotated

from translator.alignment import Alignment
from translator.export.index_folder import export_index
from translator.options import Options
from translator.pipeline import align
from translator.retrieval.inner_product import csls_queries, csls_targets
from translator.translation import translate
from translator.vectors import Indices

ROOT = Path(__file__).parents[2]
SIZE, DEEP = 1200, 10
ODD = 'it\'s "quoted"\t; drop table target; --'


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    source, target = rotated(SIZE, 20, noise=0.4)
    sides = (
        replace(source, words=["house", *source.words[1:]]),
        replace(target, words=["Haus", ODD, *target.words[2:]]),
    )
    return align(*sides, dictionary(range(2, 600)), Options(refine="none", self_learn=False, rerank=False))


@pytest.fixture(scope="module")
def ours(alignment: Alignment) -> list[list[str]]:
    answers = translate(alignment, alignment.source.mapped.words, DEEP, rerank=False)
    return [[one.word for one in answer.candidates] for answer in answers]


@pytest.fixture(scope="module")
def scores(alignment: Alignment) -> Doubles:
    """Every inner product in double precision."""
    targets = csls_targets(alignment.target.mapped.matrix, alignment.means.target).astype(np.float64)
    return csls_queries(alignment.source.mapped.matrix).astype(np.float64) @ targets.T


@pytest.fixture
def here(alignment: Alignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current directory with the exported folder."""
    monkeypatch.chdir(tmp_path)
    export_index(alignment, "en-de.index")
    return tmp_path


def rows_of(alignment: Alignment, found: list[list[str]]) -> Indices:
    index = alignment.target.mapped.index
    return np.array([[index[word] for word in words] for words in found])


def test_duckdb_gives_the_same_ten_for_every_word(
    alignment: Alignment, ours: list[list[str]], scores: Doubles, here: Path
) -> None:
    duckdb = pytest.importorskip("duckdb", reason="the database")
    base = duckdb.connect(here / "en-de.duckdb")
    for name, rows, words in (("target", "vectors", "words"), ("asked", "queries", "queries")):
        listed = (here / "en-de.index" / f"{words}.txt").read_bytes().decode().split("\n")[:-1]
        vectors = np.load(here / "en-de.index" / f"{rows}.npy")
        base.execute(f"create table {name} (place integer, word text, vector float[{vectors.shape[1]}])")
        values = [list(range(len(listed))), listed, list(vectors)]
        base.execute(f"insert into {name} select unnest(?), unnest(?), unnest(?)", values)
    ranked = base.execute(
        f"select max_by(target.word, array_inner_product(target.vector, asked.vector), {DEEP}) "
        "from asked, target group by asked.place order by asked.place"
    ).fetchall()
    found = [list(words) for (words,) in ranked]
    assert_same_order(rows_of(alignment, found), rows_of(alignment, ours), scores)
    assert sum(theirs == mine for theirs, mine in zip(found, ours, strict=True)) >= SIZE - 2, (
        "but for rounding"
    )
    assert any(ODD in words for words in found)


def test_the_lines_of_the_readme(
    alignment: Alignment, ours: list[list[str]], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("duckdb", reason="the database")
    pytest.importorskip("usearch", reason="the reader of the graph")
    export_index(alignment, "en-de.index", ann=True)
    section = (
        (ROOT / "README.md").read_text("utf-8").split("## CSLS in any vector database")[1].split("\n## ")[0]
    )
    blocks = re.findall(r"```python\n(.*?)```", section, re.S)
    space: dict[str, object] = {}
    printed = []
    for block in blocks:
        exec(block, space)
        printed.append(capsys.readouterr().out)
    best = ours[0][:5]
    assert printed == [f"{best}\n", f"{[(word,) for word in best]}\n", f"{best}\n"]
