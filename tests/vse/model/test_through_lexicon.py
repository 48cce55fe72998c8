"""A language read through the lexicon: what the GRU gets, and what a model folder keeps of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from toy_images import made_split, saved_translator, word

from translator import Alignment, DataError, Translator, WordVectors
from translator.lexicon_vectors import LexiconVectors
from vse.model import VSE
from vse.training.options import TrainingOptions
from vse.training.recipes import Recipe, build
from vse.transfer import Through

TEXTS = [word("de", 1), f"{word('de', 2)} {word('de', 3)}", "strange", ""]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with ``en.npz``, ``de.npz`` and the alignment ``de-en``."""
    saved_translator(tmp_path)
    return tmp_path


def built(folder: Path, through: Through | None = None) -> VSE:
    """English and German, untrained."""
    vectors = {code: folder / f"{code}.npz" for code in ("en", "de")}
    recipe = Recipe(("en", "de"), vectors, {"de": folder / "de-en"}, through=through)
    return build(recipe, made_split(), TrainingOptions(hidden=6, joint=5))


def test_words_are_read_as_the_pivot_words_that_translate_them(folder: Path) -> None:
    model = built(folder)
    words = [word("de", number) for number in (1, 2, 3)]
    read = LexiconVectors(Alignment.from_pretrained(folder / "de-en")).embed(words)
    twin = built(folder)
    twin.add_language("de", WordVectors(words, read), "identity")
    assert model.languages["de"].through == "lexicon" and twin.languages["de"].through == "map"
    np.testing.assert_allclose(model.encode_text(TEXTS, "de"), twin.encode_text(TEXTS, "de"), atol=1e-5)
    mapped = built(folder, "map").encode_text(TEXTS, "de")
    assert not np.allclose(model.encode_text(TEXTS, "de"), mapped, atol=1e-5)


def test_a_model_keeps_its_alignment(folder: Path) -> None:
    model, place = built(folder), folder / "model"
    expected = model.encode_text(TEXTS, "de")
    model.save_pretrained(place)
    shutil.rmtree(folder / "de-en")
    for _ in range(2):  # saved where it was read
        again = VSE.from_pretrained(place)
        assert np.array_equal(again.encode_text(TEXTS, "de"), expected)
        again.save_pretrained(place)
    shutil.move(folder / "de.npz", folder / "moved.npz")
    again = VSE.from_pretrained(place, embeddings={"de": folder / "moved.npz"})
    assert np.array_equal(again.encode_text(TEXTS, "de"), expected)


def test_a_copy_that_an_interruption_left_is_replaced(folder: Path) -> None:
    model, place = built(folder), folder / "model"
    (place / "de.lexicon").mkdir(parents=True)
    (place / "de.lexicon" / "config.json").write_text("{", "utf-8")
    model.write(place)
    again = VSE.from_pretrained(place)
    assert np.array_equal(again.encode_text(TEXTS, "de"), model.encode_text(TEXTS, "de"))


def test_a_bundle_needs_no_other_file(folder: Path) -> None:
    model = built(folder)
    expected = model.encode_text(TEXTS, "de")
    model.save_pretrained(folder / "model", bundle=True)
    for name in ("en.npz", "de.npz"):
        (folder / name).unlink()
    shutil.rmtree(folder / "de-en")
    again = VSE.from_pretrained(folder / "model")
    np.testing.assert_allclose(again.encode_text(TEXTS, "de"), expected, atol=1e-2)


def test_an_alignment_in_memory_is_saved_with_the_model(folder: Path) -> None:
    model = built(folder)
    expected = model.encode_text(TEXTS, "de")
    model.add_language("de", folder / "de.npz", Alignment.from_pretrained(folder / "de-en"))
    assert np.array_equal(model.encode_text(TEXTS, "de"), expected)
    model.save_pretrained(folder / "model")
    assert np.array_equal(VSE.from_pretrained(folder / "model").encode_text(TEXTS, "de"), expected)


def test_the_map_alone_is_what_an_exported_translator_gives(folder: Path) -> None:
    layer = Translator.from_pretrained(folder / "de-en", space="target")
    by_map, exported = built(folder, "map"), built(folder)
    exported.add_language("de", folder / "de.npz", layer)
    assert exported.languages["de"].through == "map"
    expected = exported.encode_text(TEXTS, "de")
    np.testing.assert_allclose(by_map.encode_text(TEXTS, "de"), expected, atol=1e-6)
    by_map.save_pretrained(folder / "model")
    config = json.loads((folder / "model" / "config.json").read_text("utf-8"))
    assert "lexicon" not in config["languages"]["de"] and not [*(folder / "model").glob("*.lexicon")]


def test_a_language_can_be_changed_from_the_lexicon_to_the_map(folder: Path) -> None:
    model = built(folder)
    model.save_pretrained(folder / "model")
    again = VSE.from_pretrained(folder / "model")
    again.add_language("de", again.languages["de"], folder / "de-en", "map")
    again.save_pretrained(folder / "model")
    last = VSE.from_pretrained(folder / "model")
    assert last.languages["de"].through == "map"
    expected = built(folder, "map").encode_text(TEXTS, "de")
    np.testing.assert_allclose(last.encode_text(TEXTS, "de"), expected, atol=1e-6)


def test_what_cannot_be_read_through_a_lexicon(folder: Path) -> None:
    model = built(folder)
    layer = Translator.from_pretrained(folder / "de-en", space="target")
    for way in (layer, "random", "identity"):
        with pytest.raises(DataError, match="without an alignment"):
            model.add_language("de", folder / "de.npz", way, "lexicon")
    for through in ("lexicon", "map", None):
        with pytest.raises(DataError, match="nowhere: no such file"):
            model.add_language("de", folder / "de.npz", folder / "nowhere", through)
    with pytest.raises(DataError, match="expected one of lexicon, map"):
        model.add_language("de", folder / "de.npz", folder / "de-en", "dictionary")  # type: ignore[arg-type]
    Alignment.from_pretrained(folder / "de-en").inverse().save_pretrained(folder / "en-de")
    with pytest.raises(DataError, match="the other direction is needed"):
        model.add_language("de", folder / "de.npz", folder / "en-de")


def test_a_model_without_its_alignment_says_so(folder: Path) -> None:
    built(folder).save_pretrained(folder / "model")
    shutil.rmtree(folder / "model" / "de.lexicon")
    again = VSE.from_pretrained(folder / "model")
    assert len(again.encode_text(["x"], "en")) == 1
    with pytest.raises(DataError, match="no alignment folder"):
        again.encode_text(TEXTS, "de")


def test_other_widths_are_an_error(folder: Path) -> None:
    model = built(folder)
    wide = WordVectors(["a", "b", "c"], np.eye(3, dtype=np.float32))
    with pytest.raises(DataError, match="dimensions, expected 3"):
        model.add_language("fr", wide, folder / "de-en")
