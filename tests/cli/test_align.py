"""``translator align`` and ``demo``: flags, folders that may be replaced, and what is said."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from toys import gaussian, rotation
from translator_cli.align import align

import translator
from translator import Options, WordVectors, options, save_vectors
from translator.data import path

FIELDS = {field.name: field.default for field in dataclasses.fields(Options)}
FLAGS = {parameter.name: parameter for parameter in align.params if isinstance(parameter, click.Option)}


@pytest.mark.parametrize("field", FIELDS)
def test_every_choice_of_the_library_is_a_flag_with_its_default(field: str) -> None:
    default = FIELDS[field]
    written = re.search(r"\[default: (.*?)\]", FLAGS[field].help or "")
    if field == "compose_oov":
        assert default is False and written is None
        return
    assert written is not None
    if default is None:  # the library chooses, and the help says by what
        assert written[1].startswith("by ")
    elif default is True:
        assert written[1] == field.replace("_", "-")
    else:
        assert written[1] == (",".join(default) if isinstance(default, tuple) else str(default))


@pytest.mark.parametrize(
    ("flag", "choices"),
    [("start", options.Start), ("refine", options.Refine), ("seed_pairs", options.SeedChoice)],
)
def test_the_choices_are_those_of_the_library(flag: str, choices: Any) -> None:
    kind = FLAGS[flag].type
    assert isinstance(kind, click.Choice)
    assert tuple(kind.choices) == get_args(choices)


def test_flags_reach_the_library(run: Any, files: Path, here: Path) -> None:
    flags = "--start whitening --no-self-learn --refine spectral --normalize unit,center,unit --limit 0"
    more = "--steps 3 --step-size 2.5 --seed 4 --compose-oov"
    result = run(
        "align",
        files / "src.vec",
        files / "tgt.vec",
        "-d",
        files / "train.txt",
        *flags.split(),
        *more.split(),
        "--csls-k",
        5,
    )
    assert result.exit_code == 0, result.output
    arguments = json.loads((here / "src-tgt" / "config.json").read_text("utf-8"))["record"]["arguments"]
    expected = {
        "start": "whitening",
        "self_learn": False,
        "refine": "spectral",
        "normalization": ["unit", "center", "unit"],
        "limit": None,
        "csls_k": 5,
        "steps": 3,
        "step_size": 2.5,
        "random_state": 4,
        "compose_oov": True,
        "device": "cpu",
    }
    assert arguments == {**arguments, **expected}


def test_the_method_and_the_next_steps_are_printed(run: Any, files: Path, here: Path) -> None:
    (here / "half.txt").write_text("s1\tt1\ns2\tt2\nnothing\tt3\nalso\tnothing\n", "utf-8")
    result = run("align", files / "src.vec", files / "tgt.vec", "--dict", "half.txt", "-o", "ours")
    assert "2 of 4 dictionary pairs" in result.stdout
    assert "found (50%)" in result.stdout
    steps = [shlex.split(line) for line in result.stdout.partition("Next:\n")[2].splitlines()]
    assert [step[1] for step in steps] == ["translate", "lexicon", "export"]
    for step in steps:
        assert run(*step[1:]).exit_code == 0


def test_the_word_to_try_is_common_and_of_the_source_language_alone(run: Any, here: Path) -> None:
    source = [f"s{number}" for number in range(500)] + ["2,000", "Moscow", "web", "river", "war"]
    target = [f"t{number}" for number in range(504)] + ["web"]
    for name, words in (("en", source), ("ka", target)):
        save_vectors(WordVectors(words, gaussian(len(words), 10)), here / f"{name}.npz")
    done = run("align", "en.npz", "ka.npz", "--langs", "en", "ka", "--no-self-learn")
    assert "translator translate en-ka river\n" in done.stdout


def test_the_same_line_works_again(run: Any, files: Path, here: Path) -> None:
    line = ["align", files / "src.vec", files / "tgt.vec", "-d", files / "train.txt", "--refine", "none"]
    for _ in range(2):
        assert run(*line).exit_code == 0
    assert [place.name for place in here.iterdir()] == ["src-tgt"]


def test_an_empty_folder_is_filled(run: Any, files: Path, here: Path) -> None:
    (here / "new").mkdir()
    line = ["align", files / "src.vec", files / "tgt.vec", "-d", files / "train.txt", "-o", "new"]
    assert run(*line).exit_code == 0


@pytest.mark.parametrize("where", ["folder", "with-guest", "file", ".", "no/such/place"])
def test_nothing_but_an_alignment_is_replaced(run: Any, files: Path, here: Path, where: str) -> None:
    for name in ("folder", "with-guest"):
        (here / name).mkdir()
        (here / name / "precious.txt").write_text("mine", "utf-8")
    config = {"format": 1, "source": {}, "target": {}}
    (here / "with-guest" / "config.json").write_text(json.dumps(config), "utf-8")
    (here / "file").write_text("mine", "utf-8")
    before = sorted(here.rglob("*"))
    result = run("align", files / "src.vec", files / "tgt.vec", "-o", where)
    assert result.exit_code == 1
    assert sorted(here.rglob("*")) == before


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff\xfe", b"2 3\nword 1 2\n", b"word nan nan\n", b"a b\n", b"PK\x03\x04broken", b"{}"],
)
def test_hostile_vectors_are_reported_in_plain_words(
    run: Any, files: Path, here: Path, content: bytes
) -> None:
    (here / "bad.vec").write_bytes(content)
    for pair in (("bad.vec", files / "tgt.vec"), (files / "src.vec", "bad.vec")):
        result = run("align", *pair)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit)
        assert "bad.vec" in result.stderr


@pytest.mark.long
def test_demo_reaches_its_floor(process: Any, tmp_path: Path) -> None:
    result = process("demo", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    for way, floor in (("with_dictionary", 0.55), ("without_dictionary", 0.5)):
        csls = next(score for score in found[way]["evaluation"]["scores"] if score["criterion"] == "csls")
        assert csls["p_at_1"]["value"] > floor
    assert (found["with_dictionary"]["source"], found["with_dictionary"]["target"]) == ("en", "fr")
    assert len(found["translations"]) == 10
    result = process("translate", "en-fr", "maison", "chien", "--json", cwd=tmp_path)
    assert [one["candidates"][0]["word"] for one in json.loads(result.stdout)["translations"]] == [
        "house",
        "dog",
    ]


def test_demo_data_are_there() -> None:
    assert all(path(name).is_file() for name in ("en.safetensors", "fr.safetensors", "en-fr.test.txt"))


def test_an_alignment_of_other_files_is_replaced_with_a_word(run: Any, files: Path, here: Path) -> None:
    for name in ("cc.src.300.vec", "cc.tgt.300.vec", "other.vec"):
        shutil.copy(files / ("src.vec" if "src" in name else "tgt.vec"), here / name)
    asked = ("-d", files / "train.txt")
    for _ in range(2):
        done = run("align", "cc.src.300.vec", "cc.tgt.300.vec", *asked)
        assert "Written to src-tgt/" in done.stdout and "will be replaced" not in done.stderr
    (here / "broken.vec").write_text("")
    done = run("align", "cc.src.300.vec", "broken.vec", *asked, "-o", "src-tgt")
    assert done.exit_code == 1 and "will be replaced" not in done.stderr
    done = run("align", "cc.src.300.vec", "other.vec", *asked, "-o", "src-tgt")
    assert done.exit_code == 0
    before = f"{here / 'cc.src.300.vec'} and {here / 'cc.tgt.300.vec'}"
    assert f"src-tgt/ is the alignment of {before}, and will be replaced" in done.stderr


def test_the_names_of_cldr_join_other_dictionaries(run: Any, tmp_path: Path) -> None:
    pairs = dict(translator.cldr_lexicon("en", "ka"))  # the last name of each word
    pairs = dict(list({georgian: english for english, georgian in pairs.items()}.items())[:200])
    rows = gaussian(200, 10)
    for name, words, matrix in (("en", pairs.values(), rows), ("ka", pairs, rows @ rotation(10))):
        save_vectors(WordVectors([*words], matrix), tmp_path / f"cc.{name}.vec")
        save_vectors(WordVectors([*words], matrix), tmp_path / f"{name * 2}.vec")
    (tmp_path / "own.txt").write_text("dog ძაღლი\n", encoding="utf-8")
    files, folder = (tmp_path / "cc.en.vec", tmp_path / "cc.ka.vec"), tmp_path / "made"
    for flags, name in (
        (["--dict", "cldr"], " names of CLDR found"),
        (["--dict", tmp_path / "own.txt", "--dict", "cldr"], " dictionary pairs and names of CLDR found"),
        ([], "no dictionary; the scripts differ (latin, georgian): "),
    ):
        result = run("align", *files, *flags, "-o", folder)
        assert result.exit_code == 0 and name in result.output, result.output
    unnamed = (tmp_path / "enen.vec", tmp_path / "kaka.vec")
    result = run("align", *unnamed, "--dict", "cldr", "-o", folder)
    assert result.exit_code == 1 and "enen.vec: its name does not say the language" in result.output
    assert "--langs en ka" in result.output
    result = run("align", *unnamed, "--dict", "cldr", "--langs", "en", "ka", "-o", folder)
    assert result.exit_code == 0 and "en  " in result.output, result.output


def test_the_model_next_to_its_words_is_named(run: Any, model_path: Path, files: Path, here: Path) -> None:
    words = translator.load_vectors(model_path).table()
    save_vectors(words, here / "cc.src.vec")
    save_vectors(words, here / "cc.tgt.vec")
    line = ("align", "cc.src.vec", "cc.tgt.vec", "--refine", "none", "--no-self-learn")
    for content, named in ((b"other", False), (model_path.read_bytes(), True)):
        (here / "cc.src.bin").write_bytes(content)
        done = run(*line)
        assert done.exit_code == 0, done.output
        assert ("cc.src.vec has no subwords; align cc.src.bin" in done.stderr) == named
