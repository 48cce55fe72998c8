"""``translator export --index``: the folder, its names, what it replaces and what it refuses."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toys import gaussian

from translator import Alignment
from translator.export.index_folder import INDEX
from translator.files import fingerprint

FILES = set(INDEX.files) - {"index.usearch"}


@pytest.fixture
def copy(made: Path, here: Path) -> Path:
    """The one alignment of the current directory."""
    return Path(shutil.copytree(made, here / "src-tgt"))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def best(folder: Path) -> list[str]:
    """The best word for each query."""
    words = (folder / "words.txt").read_text("utf-8").splitlines()
    scores = np.load(folder / "queries.npy") @ np.load(folder / "vectors.npy").T
    return [words[row] for row in np.argmax(scores, axis=1)]


@pytest.mark.parametrize(
    ("arguments", "folders"),
    [
        ("--index", ["src-tgt.index"]),
        ("--index src-tgt", ["src-tgt.index"]),
        ("src-tgt --index out", ["out"]),
        ("--index out/", ["out"]),
        ("--index out.v2 src-tgt", ["out.v2"]),
        ("--index out.index --side source", ["out.index"]),
        ("--index --side both", ["src-tgt.src.index", "src-tgt.tgt.index"]),
        ("--index out/ --side both", ["out.src", "out.tgt"]),
        ("--index out --torch x --side target", ["x.safetensors", "out"]),
    ],
)
def test_names_of_folders(run: Any, copy: Path, here: Path, arguments: str, folders: list[str]) -> None:
    done = run("export", *arguments.split(), "--json")
    assert done.exit_code == 0, done.output
    assert [one["path"] for one in json.loads(done.stdout)["files"]] == folders
    assert names(here) == {*folders, "src-tgt"}
    assert all(names(here / one) == FILES for one in folders if (here / one).is_dir())


def test_either_language_can_be_the_one_that_is_searched(run: Any, copy: Path, here: Path) -> None:
    assert (
        "src-tgt.tgt.index  index  tgt -> shared space" in run("export", "--index", "--side", "both").stdout
    )
    assert best(here / "src-tgt.tgt.index") == [f"t{number}" for number in range(300)]
    assert best(here / "src-tgt.src.index") == [f"s{number}" for number in range(300)]


def test_the_manifest_names_the_alignment(run: Any, copy: Path, here: Path) -> None:
    assert run("export", "--index").exit_code == 0
    config = json.loads((here / "src-tgt.index" / "config.json").read_text("utf-8"))
    assert config["alignment"]["sha256"] == fingerprint(copy / "model.safetensors")
    assert (config["vectors"]["language"], config["queries"]["language"]) == ("tgt", "src")
    assert config["k"] == Alignment.from_pretrained(copy).means.k


def test_a_graph_on_request(run: Any, copy: Path, here: Path) -> None:
    pytest.importorskip("usearch", reason="the maker of the graph")
    assert run("export", "--index", "--ann").exit_code == 0
    assert names(here / "src-tgt.index") == set(INDEX.files)
    assert run("export", "--index").exit_code == 0, "an index is replaced"
    assert names(here / "src-tgt.index") == FILES


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ("--index --space target", 2, "leave --space out"),
        ("--ann --torch", 2, "give --index"),
        ("nowhere --index", 1, "no alignment folder"),
        ("src-tgt --index src-tgt", 1, "holds something other than an index"),
        ("--index thesis", 1, "holds something other than an index"),
        ("--index mine.index", 1, "also holds notes.md, which would be lost"),
        ("--index notes", 1, "is a file, expected a folder"),
        ("--index no/where", 1, "no such directory"),
        ("src-tgt --index .", 1, "is the current directory"),
    ],
)
def test_what_is_refused_changes_nothing(
    run: Any, copy: Path, here: Path, arguments: str, status: int, message: str
) -> None:
    (here / "thesis").mkdir()
    (here / "thesis" / "config.json").write_text('["no object"]')
    assert run("export", "--index", "mine.index").exit_code == 0
    (here / "mine.index" / "notes.md").touch()
    (here / "notes").touch()
    before = {path: path.stat().st_mtime_ns for path in here.rglob("*")}
    done = run("export", *arguments.split())
    assert done.exit_code == status and message in done.stderr, done.output
    assert {path: path.stat().st_mtime_ns for path in here.rglob("*")} == before


def test_a_missing_usearch_is_named_before_any_work(
    run: Any, copy: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    assert run("export", "--index").exit_code == 0
    config = copy / "config.json"
    config.write_text(config.read_text("utf-8").replace(".vec", ".gone"), "utf-8")
    done = run("export", "--index", "again", "--ann")
    assert done.exit_code == 1 and "pip install 'bli-translator[index]'" in done.stderr
    assert names(here) == {"src-tgt", "src-tgt.index"}


def test_words_that_are_hard_to_write_down(run: Any, here: Path) -> None:
    odd = ["tab\there", 'quo"te', "\u2028", "car\rriage", " blank "]
    for name in ("src", "tgt"):
        words = np.array([*odd, *(f"w{number}" for number in range(60))])
        np.savez(here / f"{name}.npz", words=words, vectors=gaussian(65, 8))
    assert run("align", "src.npz", "tgt.npz", "--refine", "none").exit_code == 0
    assert run("export", "--index").exit_code == 0
    lines = (here / "src-tgt.index" / "words.txt").read_bytes().decode().split("\n")
    assert lines[:5] == odd and len(lines) == 66
    np.savez(here / "tgt.npz", words=np.array(["two\nlines", *words[1:]]), vectors=gaussian(65, 8))
    assert run("align", "src.npz", "tgt.npz", "--refine", "none", "-o", "bad").exit_code == 0
    done = run("export", "bad", "--index")
    assert done.exit_code == 1 and "'two\\nlines' cannot be stored" in done.stderr
    assert not (here / "bad.index").exists()
