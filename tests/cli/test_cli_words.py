"""``translator translate``, ``lexicon``, ``evaluate`` and ``info``: words and numbers."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any, get_args

import pytest
from running import command
from toys import rotated
from translator_cli.options import CRITERIA

from translator import Alignment, retrieval, save_vectors


def words(result: Any) -> list[str]:
    assert result.exit_code == 0, result.output
    return [one["candidates"][0]["word"] for one in json.loads(result.stdout)["translations"]]


def test_the_criteria_are_those_of_the_library() -> None:
    assert tuple(CRITERIA) == get_args(retrieval.Criterion)


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


def test_a_lexicon_as_a_file_and_on_standard_output(run: Any, made: Path, here: Path) -> None:
    result = run("lexicon", made, "-o", "x.tsv")
    assert "100.0 %" in result.stdout
    written = (here / "x.tsv").read_text("utf-8")
    assert written == run("lexicon", made).stdout == run("lexicon", made, "-o", "-").stdout
    lines = [line.split("\t") for line in written.splitlines()]
    assert lines[0] == ["source", "target", "score", "rank", "mutual", "probability"]
    assert [line[:2] for line in lines[1:]] == [[f"s{number}", f"t{number}"] for number in range(300)]


def test_a_lexicon_the_other_way_round_and_of_mutual_words_only(run: Any, made: Path) -> None:
    lines = run("lexicon", made, "--reverse", "--top", "2").stdout.splitlines()[1:]
    assert len(lines) == 600 and lines[0].startswith("t0\ts0\t")
    mutual = run("lexicon", made, "--top", "2", "--mutual").stdout.splitlines()[1:]
    assert len(mutual) == 300 and all(line.split("\t")[3:5] == ["1", "yes"] for line in mutual)


def test_nothing_that_is_written_takes_the_place_of_what_is_read(run: Any, files: Path, here: Path) -> None:
    for name in ("src.vec", "tgt.vec", "train.txt"):
        shutil.copy(files / name, here)
    assert run("align", "src.vec", "tgt.vec", "-d", "train.txt").exit_code == 0
    read = ("src.vec", "train.txt", "src-tgt/config.json", "src-tgt/model.safetensors")
    before = [(here / name).read_bytes() for name in read]
    for name in read:
        assert "would overwrite what is read" in run("lexicon", "-o", name).stderr
    config = json.loads((here / "src-tgt/config.json").read_text("utf-8"))
    for damaged in ("x", {"path": 1}, {}):
        (here / "src-tgt/config.json").write_text(json.dumps({**config, "dictionary": damaged}), "utf-8")
        assert run("lexicon", "-o", "out.tsv").exit_code == 0
    (here / "src-tgt/config.json").write_bytes(before[read.index("src-tgt/config.json")])
    assert run("export", "--vec", "src.vec", "--side", "source").exit_code == 1
    assert run("export", "--torch", "src-tgt/model.safetensors").exit_code == 1
    assert [(here / name).read_bytes() for name in read] == before


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


def test_info_says_how_an_alignment_was_made(run: Any, made: Path) -> None:
    text = run("info", made).stdout
    assert all(
        part in text for part in ("src -> tgt", "src.vec", "300 words", "center,unit", "RCSLS", "numpy")
    )
    assert "forth general; back general" in text
    assert json.loads(run("info", made, "--json").stdout)["format"] == 1


def test_info_on_half_an_alignment(run: Any, made: Path, here: Path) -> None:
    tensors = Path(shutil.copytree(made, here / "half")) / "model.safetensors"
    tensors.write_bytes(tensors.read_bytes()[:-100])
    told = run("info", "half")
    assert told.exit_code == 1 and "model.safetensors" in told.stderr


def test_a_lexicon_of_a_precision(run: Any, tmp_path: Path) -> None:
    source, target = rotated(700, 20, noise=1.0)
    for name, vectors in (("en", source), ("de", target)):
        save_vectors(vectors, tmp_path / f"{name}.npz")
    pairs = "".join(f"s{number}\tt{number}\n" for number in range(600))
    (tmp_path / "pairs.txt").write_text(pairs)
    folder = tmp_path / "en-de"
    files = (tmp_path / "en.npz", tmp_path / "de.npz")
    done = run("align", *files, "--dict", tmp_path / "pairs.txt", "-o", folder, "--rerank")
    assert "forth adapted; back adapted; held-out P@1 " in run("info", folder).stdout
    assert done.exit_code == 0, done.output
    assert None not in Alignment.from_pretrained(folder).rankers
    sure = run("lexicon", folder, "--min-precision", "0.95").stdout.splitlines()[1:]
    all_of_it = run("lexicon", folder).stdout.splitlines()[1:]
    assert 0 < len(sure) <= len(all_of_it) == 700
    likely = [float(line.split("\t")[5]) for line in sure]
    assert sum(likely) / len(likely) >= 0.95
    told = run("lexicon", folder, "--min-precision", "0.95", "-o", tmp_path / "sure.tsv").stdout
    assert re.match(rf"{len(sure)} entries written to .*; \d+\.\d % of them are expected to be right", told)
    found = json.loads(run("lexicon", folder, "--min-precision", "0.95", "--json").stdout)
    assert found["entries"] == len(sure) == len(found["lexicon"])
    assert found["mutual"] == sum(entry["mutual"] for entry in found["lexicon"])
    assert found["least"] <= 0.95 <= found["expected"] <= found["most"]
    none = run("lexicon", folder, "--min-precision", "1", "-o", tmp_path / "none.tsv").stdout
    assert none.startswith("0 entries written") and "the surest of all has " in none
    assert run("lexicon", folder, "--no-rerank").stdout.splitlines()[1].endswith("\t")
    assert " %" in run("translate", folder, "s650").stdout
    assert "re-ranked" in run("evaluate", folder, "--dict", tmp_path / "pairs.txt").stdout
    refused = run("lexicon", folder, "--no-rerank", "--min-precision", "0.9")
    assert refused.exit_code == 2 and "needs probabilities" in refused.output
    for more in (("0.9", "-k", 2), ("nan",)):
        refused = run("lexicon", folder, "--min-precision", *more)
        assert refused.exit_code == 2 and "the best translations alone" in refused.output


def test_scores_on_the_dictionary_of_the_training_are_warned_of(
    run: Any, made: Path, files: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, warned in (("train", True), ("test", False)):
        done = run("evaluate", made, "--dict", files / f"{name}.txt")
        assert done.exit_code == 0
        assert ("100.0 % of the test pairs are in the dictionary" in done.stderr) == warned
    monkeypatch.chdir(files)  # a dictionary is remembered by where it is, not by how it was called
    assert run("align", "src.vec", "tgt.vec", "-d", "train.txt", "-o", here / "al").exit_code == 0
    monkeypatch.chdir(here)
    assert "100.0 % of the test pairs" in run("evaluate", "al", "--dict", files / "train.txt").stderr
    turned = files.parent / "turned.txt"
    turned.write_text("".join(f"t{number}\ts{number}\n" for number in range(90)))
    assert "100.0 %" not in run("evaluate", made, "--dict", turned).stderr


@pytest.mark.parametrize("more", [["--no-rerank"], ["--criterion", "cosine"]])
def test_precision_without_probabilities_is_a_fault_of_usage(run: Any, made: Path, more: list[str]) -> None:
    done = run("lexicon", made, "--min-precision", 0.9, *more)
    assert done.exit_code == 2 and "--min-precision needs probabilities" in done.stderr


def test_a_lexicon_into_a_device_and_with_no_output_at_all(process: Any, made: Path, here: Path) -> None:
    assert process("lexicon", made, "-o", "/dev/null", cwd=here).returncode == 0
    assert Path("/dev/null").is_char_device() and list(here.iterdir()) == []
    told = process("lexicon", made, "-o", "/dev/stdout", "-q", cwd=here)
    assert told.stdout.startswith("source\ttarget")


@pytest.mark.parametrize(
    ("line", "closed", "status", "told"),
    [
        (["info"], ">&-", 0, ""),
        (["info"], "2>&-", 0, ""),
        (["translate"], "<&-", 1, "Error: standard input is closed\n"),
    ],
)
def test_a_standard_stream_may_be_closed(
    line: list[str], closed: str, status: int, told: str, made: Path, here: Path
) -> None:
    shell = [*shlex.split(f"sh -c 'exec \"$@\" {closed}' sh"), *command([*line, made])]
    ran = subprocess.run(shell, cwd=here, capture_output=True, text=True, timeout=600)
    assert (ran.returncode, ran.stderr) == (status, told)
