"""``translator evaluate``: scores, neighbours kept, conventions, and a warning of training pairs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import pytest
from toys import of_widths
from translator_cli.options import CRITERIA

from translator import Alignment, WordVectors, load_vectors, neighbours_kept, retrieval, save_vectors


def test_the_criteria_are_those_of_the_library() -> None:
    assert tuple(CRITERIA) == get_args(retrieval.Criterion)


@pytest.mark.parametrize("reverse", [[], ["--reverse"]])
def test_a_rotation_is_translated_without_error(
    run: Any, made: Path, files: Path, reverse: list[str]
) -> None:
    line = ["evaluate", made, "--dict", files / "test.txt", *reverse]
    result = run(*line)
    assert "200 of 200 test words" in result.stdout and "300 candidates" in result.stdout
    rows = [row.split() for row in result.stdout.splitlines()[2:]]
    assert rows[0] == ["NN", "CSLS", "re-ranked"]
    assert rows[1] == ["P@1", *["100.0", "[100.0,", "100.0]"] * 3]
    assert [row[0] for row in rows[1:]] == ["P@1", "P@5", "P@10", "MRR"]
    value = json.loads(run(*line, "--json").stdout)
    assert (value["from"], value["coverage"]) == (("tgt", 1.0) if reverse else ("src", 1.0))


def test_criteria_and_conventions_of_evaluation(run: Any, made: Path, here: Path) -> None:
    (here / "test.txt").write_text("s1\tt1\nnothing\tt2\n", "utf-8")
    line = [
        "evaluate",
        made,
        "--dict",
        "test.txt",
        "--criterion",
        "inverted-softmax",
        "--oov",
        "count",
        "--json",
    ]
    value = json.loads(run(*line).stdout)
    assert [score["criterion"] for score in value["scores"]] == ["inverted-softmax"]
    assert value["scores"][0]["p_at_1"]["value"] == 0.5


def test_scores_on_the_dictionary_of_the_training_are_warned_of(
    run: Any, made: Path, files: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, warned in (("train", True), ("test", False)):
        done = run("evaluate", made, "--dict", files / f"{name}.txt")
        assert done.exit_code == 0
        assert ("100.0 % of the test pairs are in the seed dictionary" in done.stderr) == warned
    monkeypatch.chdir(files)  # a dictionary is remembered by where it is, not by how it was called
    assert run("align", "src.vec", "tgt.vec", "-d", "train.txt", "-o", here / "al").exit_code == 0
    monkeypatch.chdir(here)
    assert "100.0 % of the test pairs" in run("evaluate", "al", "--dict", files / "train.txt").stderr
    turned = files.parent / "turned.txt"
    turned.write_text("".join(f"t{number}\ts{number}\n" for number in range(90)))
    assert "100.0 %" not in run("evaluate", made, "--dict", turned).stderr


@pytest.mark.parametrize("words", [2, 29, 30])
def test_few_test_words_are_warned_of(run: Any, made: Path, here: Path, words: int) -> None:
    (here / "few.txt").write_text("".join(f"s{number}\tt{number}\n" for number in range(200, 200 + words)))
    done = run("evaluate", made, "--dict", "few.txt")
    assert done.exit_code == 0
    assert (f"Warning: too few test words to tell ({words})" in done.stderr) == (words < 30)


@pytest.fixture
def models(here: Path) -> Path:
    """``old.npz``, a database, and ``new.npz`` and ``new.test.npz``, rows of it by another, wider model."""
    new, old = of_widths(16, 12, noise=0.5)
    for name, vectors, rows in (
        ("old", old, slice(300)),
        ("new", new, slice(200)),
        ("new.test", new, slice(200, 300)),
    ):
        save_vectors(WordVectors(new.words[rows], vectors.matrix[rows]), here / f"{name}.npz")
    return here


@pytest.mark.parametrize(("queries", "database"), [("new", "old"), ("old", "new")])
def test_the_neighbours_that_a_change_of_the_embedding_model_keeps(
    run: Any, models: Path, queries: str, database: str
) -> None:
    assert run("align", "new.npz", "old.npz", "--refine", "none").exit_code == 0
    reverse = [] if queries == "new" else ["--reverse"]
    line = ["evaluate", "new-old", "--held-out", "new.test.npz" if queries == "new" else "old.npz", *reverse]
    done = run(*line)
    assert done.stdout.startswith(f"{queries} -> {database}: recall@10 kept ")
    value = json.loads(run(*line, "--json").stdout)
    candidates = {"old": 300, "new": 200}[database]
    assert (value["k"], value["candidates"]) == (10, candidates)
    if queries == "new":
        found = neighbours_kept(Alignment.from_pretrained("new-old"), load_vectors("new.test.npz"))
        assert value["kept"] == asdict(found.kept) and value["queries"] == 100
        assert "100 held-out rows; 300 candidates" in done.stdout and not done.stderr.count("Warning")
    else:
        assert "Warning: 100.0 % of old.npz are in new-old; the share is too good" in done.stderr


@pytest.mark.parametrize("both", [[], ["--dict", "test.txt", "--held-out", "new.test.npz"]])
def test_one_kind_of_test_data_at_a_time(run: Any, made: Path, both: list[str]) -> None:
    done = run("evaluate", made, *both)
    assert done.exit_code == 2 and "give either --dict or --held-out" in done.stderr
