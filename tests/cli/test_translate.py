"""``translator translate``: directions, inputs, and folders that are found or refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest


def words(result: Any) -> list[str]:
    assert result.exit_code == 0, result.output
    return [one["candidates"][0]["word"] for one in json.loads(result.stdout)["translations"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (["s1", "s2"], ["t1", "t2"]),
        (["t1", "t2"], ["s1", "s2"]),
        (["s1", "t1", "t2"], None),
        (["x", "y"], None),
    ],
)
def test_the_direction_is_found_out(run: Any, made: Path, asked: list[str], found: list[str] | None) -> None:
    result = run("translate", made, *asked, "--json")
    value = json.loads(result.stdout)
    source = sum(word.startswith("s") for word in asked)
    target = sum(word.startswith("t") for word in asked)
    assert value["from"] == ("tgt" if target > source else "src")
    assert value["direction"].startswith(f"{source} of {len(asked)} words look like src, {target} like tgt")
    assert ("choose with --from" in value["direction"]) == (source == target)
    if found:
        assert words(result) == found


@pytest.mark.parametrize(("origin", "language"), [("tgt", "tgt"), ("target", "tgt"), ("source", "src")])
def test_the_direction_can_be_forced(run: Any, made: Path, origin: str, language: str) -> None:
    value = json.loads(run("translate", made, "s1", "t1", "--from", origin, "--json").stdout)
    assert value["from"] == language
    known = {one["word"]: one["vector_origin"] for one in value["translations"]}
    assert sorted(known.values()) == ["unknown", "vocabulary"]


def test_a_language_that_is_not_there(run: Any, made: Path) -> None:
    assert run("translate", made, "s1", "--from", "xx").exit_code == 2


def test_words_from_standard_input(run: Any, made: Path) -> None:
    assert words(run("translate", made, "--json", input="\ufeffs1\r\n\n s2 \n")) == ["t1", "t2"]
    assert run("translate", made, input="").exit_code == 1
    result = run("translate", made, input=b"s1\n\xff\n")
    assert result.exit_code == 1 and "UTF-8" in result.stderr


def test_people_see_scores_and_unknown_words(run: Any, made: Path) -> None:
    result = run("translate", made, "s1", "nothing", "--top", "2")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0][:2] == ["s1", "t1"] and float(lines[0][2]) > 0
    assert len(lines[1]) == 4 and lines[1][3] == "%"
    assert lines[2] == ["nothing", "unknown"]
    assert "src -> tgt (1 of 2 words look like src, 0 like tgt)" in result.stderr


def test_a_word_that_holds_no_text(process: Any, made: Path, tmp_path: Path) -> None:
    result = process("translate", made, b"\xff".decode("utf-8", "surrogateescape"), "", cwd=tmp_path)
    assert result.returncode == 1 and "not UTF-8" in result.stderr and not result.stdout


def test_the_one_alignment_of_the_directory(run: Any, made: Path, here: Path) -> None:
    result = run("translate", "s1")
    assert result.exit_code == 1 and "no alignment in this directory" in result.stderr
    shutil.copytree(made, here / "one")
    assert words(run("translate", "s1", "--json")) == ["t1"]
    assert words(run("translate", "one", "s1", "--json")) == ["t1"]
    mistyped = run("translate", "onne", "s1")
    assert mistyped.exit_code == 0 and "'onne' is no alignment folder" in mistyped.stderr
    shutil.copytree(made, here / "two")
    result = run("translate", "s1")
    assert result.exit_code == 1 and "one, two" in result.stderr


def test_a_folder_that_is_no_alignment(run: Any, here: Path) -> None:
    (here / "folder").mkdir()
    for name in ("folder", "no/where"):
        result = run("translate", name, "s1")
        assert result.exit_code == 1 and "no alignment folder" in result.stderr


def test_words_through_subwords(run: Any, model_path: Path, here: Path) -> None:
    (here / "d.txt").write_text("house\thouse\nwater\twater\ntree\ttree\n", "utf-8")
    shutil.copy(model_path, here / "other.bin")
    assert run("align", model_path, "other.bin", "-d", "d.txt", "--refine", "none").exit_code == 0
    result = run("translate", "model-other", "house", "houses", "--json")
    assert [one["vector_origin"] for one in json.loads(result.stdout)["translations"]] == [
        "vocabulary",
        "subwords",
    ]
    assert "through subwords" in run("translate", "houses").stdout


def test_vectors_that_moved(run: Any, made: Path, files: Path, here: Path) -> None:
    shutil.copytree(made, here / "a" / "moved")
    config = here / "a" / "moved" / "config.json"
    config.write_text(config.read_text("utf-8").replace("src.vec", "gone.vec"), "utf-8")
    result = run("translate", config.parent, "s1")
    assert result.exit_code == 1 and "--source-vectors" in result.stderr
    assert words(run("translate", config.parent, "s1", "--json", "--source-vectors", files / "src.vec")) == [
        "t1"
    ]
    assert "not there" in run("info", config.parent).stdout
