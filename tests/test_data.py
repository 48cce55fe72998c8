"""The embedded files are what their README says, and the script builds such files from its sources."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from translator import data
from translator.errors import DataError

BUILD = Path(__file__).parents[1] / "scripts" / "build_embedded.py"
FOLDER = Path(data.__file__).parent

Pair = tuple[str, str]


def words(language: str, folder: Path = FOLDER) -> list[str]:
    return load_file(folder / f"{language}.safetensors")["words"].tobytes().decode("utf-8").split("\n")


def dictionary(split: str, folder: Path = FOLDER) -> list[Pair]:
    lines = (folder / f"en-fr.{split}.txt").read_text("utf-8").splitlines()
    return [(source, target) for source, target in (line.split("\t") for line in lines)]


@pytest.mark.parametrize(("language", "frequent"), [("en", "the"), ("fr", "de")])
def test_vectors_are_finite_rows_of_distinct_words(language: str, frequent: str) -> None:
    vectors = load_file(data.path(f"{language}.safetensors"))["vectors"]
    vocabulary = words(language)
    assert vectors.dtype == np.float16
    assert vectors.shape == (len(vocabulary), 300)
    assert np.isfinite(vectors).all()
    assert (np.abs(vectors).max(axis=1) > 0).all()
    assert len(set(vocabulary)) == len(vocabulary) > 5000
    assert vocabulary.index(frequent) < 5


@pytest.mark.parametrize(("split", "floor"), [("train", 600), ("test", 200)])
def test_dictionaries_hold_distinct_pairs_of_embedded_words(split: str, floor: int) -> None:
    pairs = dictionary(split)
    assert len(set(pairs)) == len(pairs) >= floor
    assert {source for source, _ in pairs} <= set(words("en"))
    assert {target for _, target in pairs} <= set(words("fr"))


@pytest.mark.parametrize("side", [0, 1])
def test_no_word_is_in_both_dictionaries(side: int) -> None:
    train, test = ({pair[side] for pair in dictionary(split)} for split in ("train", "test"))
    assert not train & test


def test_no_pair_was_rejected() -> None:
    rejected = {
        tuple(line.split()) for line in (BUILD.parent / "en-fr.rejected.txt").read_text("utf-8").splitlines()
    }
    assert len(rejected) > 100
    assert not rejected & {*dictionary("train"), *dictionary("test")}


def test_the_files_stay_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir() if file.is_file()) < 8_000_000


def test_readme_describes_every_file_with_its_count() -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    described = dict(re.findall(r"^\| `([^`]+)` \| ([\d,]*)", readme, re.MULTILINE))
    shipped = {file.name for file in FOLDER.iterdir() if not file.name.startswith(("_", "README"))}
    assert described.keys() == shipped
    counts = {f"{language}.safetensors": len(words(language)) for language in ("en", "fr")}
    counts |= {f"en-fr.{split}.txt": len(dictionary(split)) for split in ("train", "test")}
    assert counts == {name: int(described[name].replace(",", "")) for name in counts}


def test_notice_names_both_licences() -> None:
    notice = data.path("NOTICE").read_text("utf-8")
    assert "CC0 1.0" in notice
    assert "Unicode-DFS-2016" in notice
    assert "THE DATA FILES AND SOFTWARE ARE PROVIDED" in notice
    assert "Copyright © 1991-2022 Unicode, Inc." in notice


@pytest.mark.parametrize("name", ["de.safetensors", "__init__.py", "../errors.py", ""])
def test_an_unknown_name_lists_the_files_there_are(name: str) -> None:
    with pytest.raises(DataError) as caught:
        data.path(name)
    assert "en-fr.train.txt" in caught.value.hint
    assert "__init__" not in caught.value.hint


CAPTIONS = {
    "train": [
        ("red heart", "cœur rouge"),
        ("red apple", "pomme rouge"),
        ("dog", "chien"),
        ("unicorn", "licorne"),
    ],
    "dev": [("bird", "oiseau")],
    "test": [("dog", "animal")],
}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Sources in small: captions, and one vector for each of their words but *unicorn*."""
    vocabularies: dict[str, list[str]] = {"en": ["the", "dog"], "fr": ["de", "chien"]}
    for split, pairs in CAPTIONS.items():
        (tmp_path / split).mkdir()
        for side, language in enumerate(("en", "fr")):
            captions = [pair[side] for pair in pairs]
            vocabularies[language] += [word for caption in captions for word in caption.split()]
            lines = [f"{row}\tname\t{caption.upper()}\n" for row, caption in enumerate(captions)]
            (tmp_path / split / f"captions.{language}.tsv").write_text("".join(lines), "utf-8")
    for language, vocabulary in vocabularies.items():
        known = [word for word in dict.fromkeys(vocabulary) if word != "unicorn"]
        (tmp_path / f"{language}.words.txt").write_text("\n".join(known) + "\n", "utf-8")
        matrix = np.arange(4 * len(known), dtype=np.float16).reshape(-1, 4)
        np.save(tmp_path / f"{language}.f16.npy", matrix)
    return tmp_path


def test_the_script_builds_vectors_and_disjoint_dictionaries(sources: Path) -> None:
    contents = []
    for seed in ("1", "2"):
        output = sources / seed
        output.mkdir()
        options = ["--words", str(sources), "--emoji", str(sources), "--output", str(output)]
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(BUILD.parents[1])}
        subprocess.run(
            [sys.executable, str(BUILD), *options], check=True, capture_output=True, env=environment
        )
        contents.append({file.name: file.read_bytes() for file in output.iterdir()})
    assert contents[0] == contents[1]
    assert words("en", output) == ["the", "dog", "red", "heart", "apple", "bird"]
    np.testing.assert_array_equal(
        load_file(output / "en.safetensors")["vectors"], np.load(sources / "en.f16.npy")
    )
    train, test = set(dictionary("train", output)), set(dictionary("test", output))
    assert train | test == {
        ("red", "rouge"),
        ("heart", "cœur"),
        ("apple", "pomme"),
        ("dog", "chien"),
        ("bird", "oiseau"),
    }
    assert ("bird", "oiseau") in test
