"""``translator gloss``: texts from everywhere, its directions, and what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from toys import lettered, rotated

from translator import WordVectors, save_vectors


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``src.vec``, ``tgt.vec`` and a dictionary of a space of words without digits, and its rotation."""
    folder = tmp_path_factory.mktemp("inputs")
    for name, vectors in zip(("src", "tgt"), rotated(300, 20), strict=True):
        words = [f"{name[0]}{lettered(number)}" for number in range(300)]
        save_vectors(WordVectors(words, vectors.matrix), folder / f"{name}.vec")
    lines = [f"s{lettered(number)}\tt{lettered(number)}\n" for number in range(90)]
    (folder / "train.txt").write_text("".join(lines), "utf-8")
    return folder


@pytest.fixture(scope="module")
def made(inputs: Path, run: Any) -> Path:
    """An alignment folder."""
    line = ("align", inputs / "src.vec", inputs / "tgt.vec", "-d", inputs / "train.txt")
    assert run(*line, "-o", inputs / "src-tgt").exit_code == 0
    return inputs / "src-tgt"


def test_texts_are_arguments_lines_of_a_file_or_of_standard_input(run: Any, made: Path, here: Path) -> None:
    (here / "texts.txt").write_text("sb, Sc\n\nx sd!\n", "utf-8")
    wanted = ["tb, tc", "", "x td!"]
    for arguments, given in [
        (("sb, Sc", "", "x sd!"), None),
        (("--file", "texts.txt"), None),
        ((), "sb, Sc\r\n\r\nx sd!"),
        (("-",), "sb, Sc\n\nx sd!\n"),
    ]:
        result = run("gloss", made, *arguments, input=given)
        assert result.exit_code == 0 and result.stdout.split("\n") == [*wanted, ""], result.output
    assert "src -> tgt (3 of 4 words look like src, 0 like tgt)" in result.stderr


def test_json_has_the_candidates_of_each_word(run: Any, made: Path) -> None:
    value = json.loads(run("gloss", made, "sb x", "-k", "3", "--json").stdout)
    (gloss,) = value["glosses"]
    known, unknown = gloss["words"]
    assert gloss["text"] == "tb x" and value["to"] == "tgt"
    assert known["candidates"][0]["word"] == "tb" and len(known["candidates"]) == 3
    assert 0 < known["candidates"][0]["probability"] <= 1
    assert unknown == {"word": "x", "gloss": "x", "vector_origin": "unknown", "candidates": []}


def test_options(run: Any, made: Path, here: Path) -> None:
    assert run("gloss", made, "Sb, x", "--keep", "none").stdout == "tb\n"
    assert run("gloss", made, "Sb, x", "--keep", "unknown, case").stdout == "Tb x\n"
    assert len(run("gloss", made, "sb", "--at-least", "0").stdout.split()) == 10
    assert run("gloss", made, "tb tc").stdout == "sb sc\n"
    assert run("gloss", made, "tb tc", "--from", "src").stdout == "tb tc\n"


def test_a_text_that_could_be_a_path(run: Any, made: Path, here: Path) -> None:
    result = run("gloss", "a / b")
    assert result.exit_code == 1 and "no alignment in this directory" in result.stderr
    shutil.copytree(made, here / "one")
    assert run("gloss", "sb / sc " * 1000).stdout.startswith("tb / tc tb")
    assert "no/where: not an alignment folder" in run("gloss", "no/where", "sb").stderr


def test_a_folder_that_is_not_there_is_glossed_as_a_text_and_noted(run: Any, made: Path, here: Path) -> None:
    shutil.copytree(made, here / "one")
    result = run("gloss", "src-tgd", "sb sc")
    assert result.stdout == "src-tgd\ntb tc\n"
    assert "'src-tgd' is not an alignment folder, so it was glossed as a text" in result.stderr
    assert "not an alignment folder" not in run("gloss", "sb", "sb sc").stderr
    shutil.copytree(made, here / "two")
    result = run("gloss", "src-tgd", "sb sc")
    assert result.exit_code == 1 and "one, two; 'src-tgd' is none of them" in result.stderr


def test_a_text_that_is_the_name_of_a_file(run: Any, made: Path, here: Path) -> None:
    (here / "sb.txt").write_text("sc sd\n", "utf-8")
    result = run("gloss", made, "sb.txt")
    assert result.stdout == "tb.txt\n" and "Pass --file sb.txt" in result.stderr
    assert run("gloss", made, "--file", "sb.txt").stdout == "tc td\n"
    assert "is a file" not in run("gloss", made, "sb").stderr


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ((), 1, "the texts hold no words"),
        (("",), 1, "the texts hold no words"),
        (("sb", "--file", "f"), 2, "--file and texts are both given"),
        (("--file", "nowhere"), 1, "nowhere: no such file"),
        (("sb", "--keep", "commas"), 2, "'commas' is not none or one of numbers, unknown, case, punctuation"),
        (("sb", "--from", "xx"), 2, "'xx' is not source (src) or target (tgt)"),
    ],
)
def test_what_is_refused(
    run: Any, made: Path, here: Path, arguments: tuple[str, ...], status: int, message: str
) -> None:
    result = run("gloss", made, *arguments, input="")
    assert result.exit_code == status and message in result.stderr


def test_without_a_ranker(run: Any, inputs: Path, here: Path) -> None:
    line = ("align", inputs / "src.vec", inputs / "tgt.vec", "-d", inputs / "train.txt", "-o", "a")
    assert run(*line, "--no-rerank").exit_code == 0
    assert run("gloss", "a", "sb scfa").stdout == "tb tcfa\n"
    result = run("gloss", "a", "sb", "--at-least", "0.5")
    assert result.exit_code == 1
    assert "the alignment has no ranker" in result.stderr and "leave out --at-least" in result.stderr
