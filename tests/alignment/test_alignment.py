"""The alignment folder: there and back, vectors that moved or changed, and what is never lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hub_stand_in import Handler
from toys import dictionary, rotated, saved_alignment

from translator.alignment import Alignment
from translator.alignment.record import DictionaryRecord
from translator.errors import DataError
from translator.formats import load_vectors, save_vectors
from translator.lexicon import Lexicon
from translator.options import Options
from translator.pipeline import align
from translator.vectors import WordVectors
from translator.vectors.subword import SubwordVectors


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return saved_alignment(tmp_path)


def top(alignment: Alignment) -> Any:
    return alignment.index().search(alignment.source.mapped.matrix, 3)


def test_there_and_back(folder: Path) -> None:
    loaded = Alignment.from_pretrained(folder)
    made = align(loaded.source.vectors, loaded.target.vectors, dictionary(range(80)), Options(limit=100))
    assert (loaded.source.name, loaded.target.name, loaded.source.limit) == ("en", "de", 100)
    assert repr(loaded).startswith("Alignment(en (100 words) -> de (100 words), ")
    assert np.array_equal(top(loaded).indices, top(made).indices)
    assert np.array_equal(top(loaded).scores, top(made).scores)
    assert loaded.record == made.record
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "config.json", "model.safetensors"]


def test_sampled_means_stay_known_as_such(tmp_path: Path) -> None:
    made = Alignment.from_pretrained(saved_alignment(tmp_path))
    sampled = align(made.source.vectors, made.target.vectors, dictionary(range(80)), Options(csls_sample=40))
    sampled.save_pretrained(tmp_path / "sampled")
    loaded = Alignment.from_pretrained(tmp_path / "sampled")
    assert loaded.means.sample == 40 and np.array_equal(loaded.means.target, sampled.means.target)
    assert not np.array_equal(sampled.means.target, made.means.target)


def test_the_config_and_the_card_tell_what_it_is(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    assert (
        config["format"] == 1
        and config["source"]["words"] == 100
        and config["source"]["normalization"] == ["center", "unit"]
    )
    assert len(config["target"]["sha256"]) == 64 and config["record"]["arguments"]["limit"] == 100
    card = (folder / "README.md").read_text()
    assert (
        "# en -> de" in card
        and config["source"]["sha256"][:16] in card
        and config["record"]["seed_pairs"]["reason"] in card
        and "Rankers, source to target and back: general, general; probabilities not verified" in card
    )


def test_saving_again_gives_the_same_tensors(folder: Path, tmp_path: Path) -> None:
    Alignment.from_pretrained(folder).save_pretrained(tmp_path / "again")
    assert (tmp_path / "again/model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()


def test_inverse_turns_it_round(folder: Path) -> None:
    alignment = Alignment.from_pretrained(folder)
    inverse = alignment.inverse()
    assert inverse.source is alignment.target and inverse.means.source is alignment.means.target
    assert inverse.record == alignment.record.inverse() and inverse.inverse().record == alignment.record
    back = inverse.index().search(inverse.source.mapped.matrix, 1).indices[:, 0]
    assert (back == np.arange(100)).mean() > 0.9


def test_vectors_without_a_file_are_kept_in_the_folder_which_may_move(tmp_path: Path) -> None:
    made = align(*rotated(), dictionary(range(60)))
    made.save_pretrained(tmp_path / "one")
    assert (tmp_path / "one/source.safetensors").is_file() and (tmp_path / "one/target.safetensors").is_file()
    (tmp_path / "one").rename(tmp_path / "two")
    loaded = Alignment.from_pretrained(tmp_path / "two")
    assert np.array_equal(top(loaded).indices, top(made).indices)
    loaded.save_pretrained(tmp_path / "two")  # over itself: the vectors must not go with the old folder
    assert np.array_equal(top(Alignment.from_pretrained(tmp_path / "two")).indices, top(made).indices)


def test_vectors_next_to_a_folder_that_moved_are_found(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    for name in ("en-de", "en.npz", "de.npz"):
        (tmp_path / name).rename(tmp_path / "new" / name)
    assert len(Alignment.from_pretrained(tmp_path / "new/en-de").source.mapped) == 100


def test_vectors_that_moved_are_named_by_the_user(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "en.npz").rename(tmp_path / "far/english.npz")
    with pytest.raises(DataError, match=r"en\.npz: no such file, expected the source vectors of") as caught:
        Alignment.from_pretrained(folder)
    assert "source=FILE" in caught.value.hint
    assert len(Alignment.from_pretrained(folder, source=tmp_path / "far/english.npz").source.mapped) == 100


def test_vectors_that_changed_are_refused_but_not_those_merely_touched(folder: Path, tmp_path: Path) -> None:
    content = (tmp_path / "de.npz").read_bytes()
    (tmp_path / "de.npz").write_bytes(content)
    Alignment.from_pretrained(folder)
    save_vectors(rotated(120, 8, seed=9)[1], tmp_path / "de.npz")
    with pytest.raises(DataError, match=r"not the target vectors that .* was made from"):
        Alignment.from_pretrained(folder)


def test_an_interrupted_save_leaves_the_old_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> str:
        raise KeyboardInterrupt

    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    alignment = Alignment.from_pretrained(folder)
    monkeypatch.setattr("translator.alignment.model_card", interrupt)
    with pytest.raises(KeyboardInterrupt):
        alignment.save_pretrained(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert sorted(path.name for path in folder.parent.iterdir()) == ["de.npz", "en-de", "en.npz"]


def test_a_folder_of_the_users_own_is_never_replaced(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/thesis.tex").write_text("years of work")
    with pytest.raises(DataError, match="holds something other than an alignment"):
        Alignment.from_pretrained(folder).save_pretrained(tmp_path / "home")
    assert (tmp_path / "home/thesis.tex").read_text() == "years of work"


@pytest.mark.parametrize("name", ["nowhere", ""])
def test_no_alignment_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="no alignment folder") as caught:
        Alignment.from_pretrained(tmp_path / name)
    assert caught.value.hint == "Align two languages first."


def test_other_files_in_an_alignment_folder_are_never_lost(folder: Path) -> None:
    made = Alignment.from_pretrained(folder)
    (folder / "tokenizer.json").write_text("years of work")
    with pytest.raises(DataError, match=r"also holds tokenizer\.json, which would be lost"):
        made.save_pretrained(folder)
    assert (folder / "tokenizer.json").read_text() == "years of work"


def test_a_file_that_has_changed_since_it_was_read_is_not_taken_for_what_was(folder: Path) -> None:
    alignment = Alignment.from_pretrained(folder)
    place = alignment.source.vectors.path
    assert place is not None
    expected = top(alignment)
    shuffled = WordVectors(alignment.source.vectors.words[::-1], alignment.source.vectors.table().matrix)
    save_vectors(shuffled, place)
    alignment.save_pretrained(folder)
    loaded = Alignment.from_pretrained(folder)
    assert loaded.source.vectors.path == folder / "source.safetensors"
    assert np.array_equal(top(loaded).scores, expected.scores)


def test_vectors_that_went_with_a_folder_or_are_gone_are_saved_in_it(folder: Path, tmp_path: Path) -> None:
    made = Alignment.from_pretrained(folder)
    (tmp_path / "en.npz").unlink()
    made.save_pretrained(tmp_path / "without")
    loaded = Alignment.from_pretrained(tmp_path / "without")
    assert (tmp_path / "without" / "source.safetensors").is_file()
    assert np.array_equal(top(loaded).scores, top(made).scores)
    loaded.save_pretrained(tmp_path / "without")  # its own vectors lie in the folder that is replaced
    assert np.array_equal(top(Alignment.from_pretrained(tmp_path / "without")).scores, top(made).scores)


def test_subwords_in_memory_are_kept(tmp_path: Path) -> None:
    tables = rotated(120, 8, noise=0.1)
    rows = np.concatenate([tables[0].matrix, np.ones((50, 8), np.float32)])
    source = SubwordVectors(tables[0].words, np.arange(120, 0, -1), rows, 2, 3, 50)
    made = align(source, tables[1], dictionary(range(80)), Options(limit=100))
    made.save_pretrained(tmp_path / "both")
    loaded = Alignment.from_pretrained(tmp_path / "both")
    assert (tmp_path / "both" / "source.bin").is_file()
    assert np.array_equal(loaded.source.embed(["unseen"]), made.source.embed(["unseen"]))
    assert np.array_equal(top(loaded).scores, top(made).scores)
    loaded.save_pretrained(tmp_path / "both")
    assert Alignment.from_pretrained(tmp_path / "both").source.embed(["unseen"]).any()


@pytest.mark.parametrize("limit", [None, 100, 200])
def test_vectors_in_memory_may_be_a_part_of_their_file(limit: int | None, tmp_path: Path) -> None:
    for name, vectors in zip(("en", "de"), rotated(120, 8, noise=0.1), strict=True):
        save_vectors(vectors, tmp_path / f"{name}.npz")
    spaces = [load_vectors(tmp_path / f"{name}.npz", limit=100) for name in ("en", "de")]
    made = align(spaces[0], spaces[1], dictionary(range(80)), Options(limit=limit))
    made.save_pretrained(tmp_path / "en-de")
    loaded = Alignment.from_pretrained(tmp_path / "en-de")
    assert len(loaded.source.mapped) == 100 and np.array_equal(top(loaded).scores, top(made).scores)
    whole = align(*(load_vectors(tmp_path / f"{name}.npz") for name in ("en", "de")), dictionary(range(80)))
    whole.save_pretrained(tmp_path / "whole")
    assert Alignment.from_pretrained(tmp_path / "whole").source.limit == 200_000  # it was not cut there


def test_words_that_a_model_has_in_addition_to_its_vocabulary_are_not_cut_from_it(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).standard_normal((102 + 50, 8), dtype=np.float32)
    words = ["</s>", *(f"word{row}" for row in range(100)), "\udcff"]
    save_vectors(SubwordVectors(words, np.arange(102)[::-1], rows, 3, 5, 50), tmp_path / "en.bin")
    spaces = [load_vectors(tmp_path / "en.bin") for _ in range(2)]
    align(*spaces, Lexicon(tuple((word, word) for word in words[1:80]))).save_pretrained(tmp_path / "en-en")
    loaded = Alignment.from_pretrained(tmp_path / "en-en").source
    assert (len(loaded.mapped), loaded.limit) == (100, 200_000)


def test_an_alignment_on_the_hub(folder: Path, tmp_path: Path, hub_uploads: type[Handler]) -> None:
    """The upload names no folder of the uploader, so its reader says where the vectors are."""
    alignment = Alignment.from_pretrained(folder)
    alignment.record = replace(alignment.record, dictionary=DictionaryRecord(80, str(tmp_path / "en-de.txt")))
    alignment.push_to_hub("owner/en-de")
    uploaded = hub_uploads.repositories["owner/en-de"]
    assert set(uploaded) == {"README.md", "config.json", "model.safetensors"}
    assert not any(str(tmp_path).encode() in content for content in uploaded.values())
    with pytest.raises(DataError, match=r"en\.npz: no such file, expected the source vectors of") as caught:
        Alignment.from_pretrained("owner/en-de")
    assert caught.value.hint == "Pass source=FILE to say where the file is now."
    for name in ("en.npz", "de.npz"):
        (tmp_path / name).rename(tmp_path / f"my-{name}")
    read = Alignment.from_pretrained(
        "owner/en-de", source=tmp_path / "my-en.npz", target=tmp_path / "my-de.npz"
    )
    assert np.array_equal(top(read).indices, top(alignment).indices)
    assert read.record.dictionary == DictionaryRecord(80, "en-de.txt")


def test_vectors_without_a_file_are_on_the_hub_too(hub_uploads: type[Handler]) -> None:
    made = align(*rotated(120, 8), dictionary(range(60)))
    made.push_to_hub("owner/en-de")
    loaded = Alignment.from_pretrained("owner/en-de")
    np.testing.assert_allclose(top(loaded).scores, top(made).scores, atol=1e-6)
