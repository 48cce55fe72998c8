"""Whether an alignment folder is what was asked for, decided by content."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from toys import dictionary, saved_alignment
from translator_cli.many.pairs import Pair
from translator_cli.many.up_to_date import differences

from translator import Options, align, load_lexicon, load_vectors, save_vectors

OPTIONS = Options(limit=100, random_state=1)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original")
    shutil.rmtree(saved_alignment(folder))
    text = "".join(f"{source}\t{target}\n" for source, target in dictionary(range(80)))
    (folder / "d.txt").write_text(text, "utf-8")
    vectors = [load_vectors(folder / f"{code}.npz") for code in ("en", "de")]
    align(vectors[0], vectors[1], load_lexicon(folder / "d.txt"), OPTIONS).save_pretrained(folder / "en-de")
    return folder


@pytest.fixture
def place(original: Path, tmp_path: Path) -> Path:
    """A copy of it all elsewhere, with other times of change: only content tells."""
    shutil.copytree(original, tmp_path / "copy", copy_function=shutil.copyfile)
    return tmp_path / "copy"


@pytest.fixture
def pair(place: Path) -> Pair:
    return Pair("en-de", place / "en.npz", place / "de.npz", place / "d.txt")


def recorded(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    config = json.loads((folder / "config.json").read_text("utf-8"))
    change(config)
    (folder / "config.json").write_text(json.dumps(config), "utf-8")


def test_the_same_again_differs_in_nothing(place: Path, pair: Pair) -> None:
    assert differences(place / "en-de", pair, OPTIONS) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options(limit=100), "random_state 1 instead of 0"),
        (replace(OPTIONS, limit=None), "limit 100 instead of None"),
        (replace(OPTIONS, normalization=("unit",)), r"normalization ('center', 'unit') instead of ('unit',)"),
        (replace(OPTIONS, rerank=False), "rerank True instead of False"),
    ],
)
def test_other_arguments_are_named(place: Path, pair: Pair, options: Options, message: str) -> None:
    assert differences(place / "en-de", pair, options) == [message]


@pytest.mark.parametrize("role", ["source", "target"])
def test_other_vectors_are_named(place: Path, pair: Pair, role: str) -> None:
    file = getattr(pair, role)
    vectors = load_vectors(file).table()
    save_vectors(replace(vectors, matrix=vectors.matrix * 2), file)
    assert differences(place / "en-de", pair, OPTIONS) == [f"another {role} file than {file}"]


def test_other_dictionaries_are_named(place: Path, pair: Pair) -> None:
    assert differences(place / "en-de", replace(pair, dictionary=None), OPTIONS) == ["another dictionary"]
    with (place / "d.txt").open("a") as file:
        file.write("s90\tt90\n")
    assert differences(place / "en-de", pair, OPTIONS) == ["another dictionary"]
    recorded(place / "en-de", lambda config: config["record"].update(dictionary=None))
    assert differences(place / "en-de", pair, OPTIONS) == ["no dictionary"]
    assert differences(place / "en-de", replace(pair, dictionary=None), OPTIONS) == []


def test_names_of_cldr_are_a_dictionary(place: Path, pair: Pair) -> None:
    folder, given, none = place / "en-de", replace(pair, dictionary="cldr"), replace(pair, dictionary=None)
    assert differences(folder, given, OPTIONS) == ["another dictionary"]
    names = {"pairs": 9, "path": None, "sha256": None, "languages": ["en", "de"]}
    recorded(folder, lambda config: config["record"]["dictionary"].update(names))
    assert differences(folder, given, OPTIONS) == []
    assert differences(folder, pair, OPTIONS) == differences(folder, none, OPTIONS) == ["another dictionary"]
    reason = "no dictionary; the scripts differ (latin, georgian): 9 names"
    recorded(folder, lambda config: config["record"]["seed_pairs"].update(reason=reason))
    assert differences(folder, given, OPTIONS) == differences(folder, none, OPTIONS) == []


@pytest.mark.parametrize("size", [None, 0, 100])
def test_what_is_half_written_is_nothing(place: Path, pair: Pair, size: int | None) -> None:
    tensors = place / "en-de" / "model.safetensors"
    content = tensors.read_bytes()
    tensors.unlink()
    if size is not None:
        tensors.write_bytes(content[:size])
    assert differences(place / "en-de", pair, OPTIONS) is None
    shutil.rmtree(place / "en-de")
    assert differences(place / "en-de", pair, OPTIONS) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 99}, "format 99"),
        ({"source": {}}, "source.name is missing"),
        ({"record": {}}, "the record of the alignment is damaged"),
        ({"record": None}, "the record of the alignment is damaged"),
    ],
)
def test_a_record_that_cannot_be_read_is_a_difference(
    place: Path, pair: Pair, change: dict[str, Any], message: str
) -> None:
    recorded(place / "en-de", lambda config: config.update(change))
    found = differences(place / "en-de", pair, OPTIONS)
    assert found is not None and len(found) == 1 and message in found[0]
