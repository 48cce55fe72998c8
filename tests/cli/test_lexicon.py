"""``translator lexicon``: files, precision, and what it refuses."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from toys import rotated

from translator import Alignment, save_vectors


def test_a_lexicon_as_a_file_and_on_standard_output(run: Any, made: Path, here: Path) -> None:
    result = run("lexicon", made, "-o", "x.tsv")
    assert "100.0 %" in result.stdout
    written = (here / "x.tsv").read_text("utf-8")
    assert written == run("lexicon", made).stdout == run("lexicon", made, "-o", "-").stdout
    lines = [line.split("\t") for line in written.splitlines()]
    assert lines[0] == ["source", "target", "score", "rank", "mutual", "probability"]
    assert [line[:2] for line in lines[1:]] == [[f"s{number}", f"t{number}"] for number in range(300)]


def test_a_lexicon_the_other_way_round_and_of_mutual_words_only(run: Any, made: Path) -> None:
    lines = run("lexicon", made, "--reverse", "-k", "2").stdout.splitlines()[1:]
    assert len(lines) == 600 and lines[0].startswith("t0\ts0\t")
    mutual = run("lexicon", made, "-k", "2", "--mutual").stdout.splitlines()[1:]
    assert len(mutual) == 300 and all(line.split("\t")[3:5] == ["1", "yes"] for line in mutual)


def test_nothing_that_is_written_takes_the_place_of_what_is_read(run: Any, files: Path, here: Path) -> None:
    for name in ("src.vec", "tgt.vec", "train.txt"):
        shutil.copy(files / name, here)
    assert run("align", "src.vec", "tgt.vec", "-d", "train.txt").exit_code == 0
    read = ("src.vec", "train.txt", "src-tgt/config.json", "src-tgt/model.safetensors")
    before = [(here / name).read_bytes() for name in read]
    for name in read:
        assert "would overwrite a file that the command reads" in run("lexicon", "-o", name).stderr
    assert run("export", "--vec", "src.vec", "--side", "source").exit_code == 1
    assert run("export", "--torch", "src-tgt/model.safetensors").exit_code == 1
    assert [(here / name).read_bytes() for name in read] == before


def test_a_lexicon_of_a_precision(run: Any, tmp_path: Path) -> None:
    source, target = rotated(700, 20, noise=1.0)
    for name, vectors in (("en", source), ("de", target)):
        save_vectors(vectors, tmp_path / f"{name}.npz")
    pairs = "".join(f"s{number}\tt{number}\n" for number in range(600))
    (tmp_path / "pairs.txt").write_text(pairs)
    folder = tmp_path / "en-de"
    files = (tmp_path / "en.npz", tmp_path / "de.npz")
    done = run("align", *files, "--dict", tmp_path / "pairs.txt", "-o", folder, "--rerank")
    assert "forward adapted; backward adapted; held-out P@1 " in run("info", folder).stdout
    assert done.exit_code == 0, done.output
    assert None not in Alignment.from_pretrained(folder).rankers
    sure = run("lexicon", folder, "--min-precision", "0.95").stdout.splitlines()[1:]
    all_of_it = run("lexicon", folder).stdout.splitlines()[1:]
    assert 0 < len(sure) <= len(all_of_it) == 700
    likely = [float(line.split("\t")[5]) for line in sure]
    assert sum(likely) / len(likely) >= 0.95
    printed = run("lexicon", folder, "--min-precision", "0.95", "-o", tmp_path / "confident.tsv").stdout
    assert re.match(
        rf"{len(sure)} entries written to .*; \d+\.\d % of them are expected to be correct", printed
    )
    found = json.loads(run("lexicon", folder, "--min-precision", "0.95", "--json").stdout)
    assert found["entries"] == len(sure) == len(found["lexicon"])
    assert found["mutual"] == sum(entry["mutual"] for entry in found["lexicon"])
    assert found["lowest"] <= 0.95 <= found["expected"] <= found["highest"]
    for least in (("--min-precision", 1), ("--at-least", 1, "-k", 1)):
        none = run("lexicon", folder, *least, "-o", tmp_path / "none.tsv")
        assert none.stdout.startswith("0 entries written")
        assert "Warning: the lexicon is empty; the highest probability is " in none.stderr
    assert "the lexicon is empty" in run("lexicon", folder, "--min-precision", 1).stderr
    assert run("lexicon", folder, "--no-rerank").stdout.splitlines()[1].endswith("\t")
    assert " %" in run("translate", folder, "s650").stdout
    assert "re-ranked" in run("evaluate", folder, "--dict", tmp_path / "pairs.txt").stdout
    refused = run("lexicon", folder, "--no-rerank", "--min-precision", "0.9")
    assert refused.exit_code == 2 and "needs probabilities" in refused.output
    for more, why in ((("0.9", "-k", 2), "the best translation of each word"), (("nan",), "not a number")):
        refused = run("lexicon", folder, "--min-precision", *more)
        assert refused.exit_code == 2 and why in refused.output


@pytest.mark.parametrize("more", [["--no-rerank"], ["--criterion", "cosine"]])
def test_precision_without_probabilities_is_a_fault_of_usage(run: Any, made: Path, more: list[str]) -> None:
    done = run("lexicon", made, "--min-precision", 0.9, *more)
    assert done.exit_code == 2 and "--min-precision needs probabilities" in done.stderr


def test_a_lexicon_into_a_device_and_with_no_output_at_all(process: Any, made: Path, here: Path) -> None:
    assert process("lexicon", made, "-o", "/dev/null", cwd=here).returncode == 0
    assert Path("/dev/null").is_char_device() and list(here.iterdir()) == []
    result = process("lexicon", made, "-o", "/dev/stdout", "-q", cwd=here)
    assert result.stdout.startswith("source\ttarget")


def test_formats_and_a_number_of_translations_that_differs(run: Any, made: Path, here: Path) -> None:
    done = run("lexicon", made, "-o", "x.ifo", "--format", "stardict", "--at-least", "0.01")
    assert done.exit_code == 0 and "expected to be correct" in done.stdout
    assert {file.name for file in here.iterdir()} == {"x.ifo", "x.idx", "x.dict"}
    found = json.loads(run("lexicon", made, "--format", "json", "--at-least", "0.01", "-k", "3").stdout)
    entries = json.loads(run("lexicon", made, "--json", "--at-least", "0.01", "-k", "3").stdout)["lexicon"]
    assert [(word, one["word"]) for word, group in found.items() for one in group] == [
        (entry["source"], entry["target"]) for entry in entries
    ]
    assert all(entry["probability"] >= 0.01 for entry in entries)
    assert run("lexicon", made, "--format", "stardict").exit_code == 1
    assert run("lexicon", made, "--at-least", "0.3", "--no-rerank").exit_code == 2
    assert run("lexicon", made, "--at-least", "0.3", "--min-precision", "0.9").exit_code == 2
