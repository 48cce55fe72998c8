"""A model saved, moved, damaged and read again; encoding and search against the obvious."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hub_stand_in import Handler
from safetensors.torch import load_file, save_file
from toy_images import WIDTH, made_split, saved_translator, saved_vectors, word

from translator import DataError, SubwordVectors, save_vectors
from vse import model as model_module
from vse.model import VSE, Architecture
from vse.search import ImageIndex
from vse.training.options import TrainingOptions
from vse.training.recipes import Recipe, build

TEXTS = [word("en", 1), f"{word('en', 2)} {word('en', 3)}", "strange", ""]


@pytest.fixture
def model(tmp_path: Path) -> VSE:
    """English and German, untrained."""
    folder = saved_translator(tmp_path)
    recipe = Recipe(
        ("en", "de"), {code: saved_vectors(tmp_path, code) for code in ("en", "de")}, {"de": folder}
    )
    return build(recipe, made_split(), TrainingOptions(hidden=6, joint=5))


def test_a_saved_model_is_the_same_model(model: VSE, tmp_path: Path) -> None:
    model.save_pretrained(tmp_path / "model")
    again = VSE.from_pretrained(tmp_path / "model")
    state = again.state_dict()
    assert all(torch.equal(tensor, state[name]) for name, tensor in model.state_dict().items())
    assert np.array_equal(again.encode_text(TEXTS, "de"), model.encode_text(TEXTS, "de"))
    assert (tmp_path / "model" / "README.md").read_text("utf-8").startswith("---")


def test_texts_and_images_are_encoded_in_pieces_of_any_size(
    model: VSE, monkeypatch: pytest.MonkeyPatch
) -> None:
    features = made_split().features.astype(np.float16)
    texts = [*TEXTS * 5, " ".join(TEXTS)]
    whole = model.encode_text(texts, "en"), model.encode_image(features)
    monkeypatch.setattr(model_module, "CHUNK", 3)
    monkeypatch.setattr(model_module, "BATCH", 2)
    assert np.allclose(model.encode_text(texts, "en"), whole[0], atol=1e-6)
    assert np.allclose(model.encode_image(features), whole[1], atol=1e-6)


def test_search_is_exact(model: VSE, tmp_path: Path) -> None:
    features = made_split().features
    scores = model.encode_text(TEXTS, "en") @ model.encode_image(features).T
    index = ImageIndex(model.encode_image(features), [f"p{row}" for row in range(len(features))], "weights")
    index.save(tmp_path / "index.npy")
    for images in (features, ImageIndex.load(tmp_path / "index.npy", "weights")):
        for row, hits in zip(scores, model.search(TEXTS, images, 4, language="en"), strict=True):
            best = np.argsort(-row, kind="stable")[:4]
            assert [hit.row for hit in hits] == best.tolist()
            assert np.allclose([hit.score for hit in hits], row[best], atol=1e-6)
    with pytest.raises(DataError, match="another model"):
        ImageIndex.load(tmp_path / "index.npy", "others")


def test_images_need_no_word_vectors(model: VSE, tmp_path: Path) -> None:
    model.save_pretrained(tmp_path / "model")
    for code in ("en", "de"):
        (tmp_path / f"{code}.npz").unlink()
    again = VSE.from_pretrained(tmp_path / "model")
    assert len(again.encode_image(made_split().features)) == 40
    with pytest.raises(
        DataError, match=r"en\.npz: no such file, expected the word vectors of 'en'"
    ) as caught:
        again.encode_text(TEXTS, "en")
    assert 'embeddings={"en": FILE}' in caught.value.hint


def test_changed_vectors_are_noticed_and_moved_ones_found(model: VSE, tmp_path: Path) -> None:
    model.save_pretrained(tmp_path / "model")
    expected = model.encode_text(TEXTS, "en")
    shutil.move(tmp_path / "en.npz", tmp_path / "elsewhere.npz")
    moved = VSE.from_pretrained(tmp_path / "model", embeddings={"en": tmp_path / "elsewhere.npz"})
    assert np.array_equal(moved.encode_text(TEXTS, "en"), expected)
    shutil.copy(tmp_path / "de.npz", tmp_path / "en.npz")
    with pytest.raises(DataError, match="content differs"):
        VSE.from_pretrained(tmp_path / "model").encode_text(TEXTS, "en")


def test_a_bundle_searches_in_any_word_on_its_own(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    words = ["dog", "cat", "horse"]
    rows = rng.standard_normal((len(words) + 500, WIDTH), dtype=np.float32)
    save_vectors(SubwordVectors(words, np.array([3, 2, 1]), rows, 3, 5, 500), tmp_path / "en.bin")
    model = VSE(Architecture(features=5, width=WIDTH, hidden=6, joint=5), "en")
    model.add_language("en", tmp_path / "en.bin", None)
    expected = model.encode_text(["dogs", "dog cat"])
    model.save_pretrained(tmp_path / "model", bundle=True)
    (tmp_path / "en.bin").unlink()
    shutil.move(tmp_path / "model", tmp_path / "elsewhere")
    found = VSE.from_pretrained(tmp_path / "elsewhere").encode_text(["dogs", "dog cat"])
    assert (found * expected).sum(axis=1).min() > 0.999


def test_a_bundle_that_is_read_and_saved_keeps_its_word_vectors(model: VSE, tmp_path: Path) -> None:
    model.save_pretrained(tmp_path / "bundle", bundle=True)
    for code in ("en", "de"):
        (tmp_path / f"{code}.npz").unlink()
    expected = VSE.from_pretrained(tmp_path / "bundle").encode_text(TEXTS, "de")
    for place in ("bundle", "bundle", "other"):  # over itself, twice; then elsewhere
        VSE.from_pretrained(tmp_path / "bundle").save_pretrained(tmp_path / place)
        assert np.array_equal(VSE.from_pretrained(tmp_path / place).encode_text(TEXTS, "de"), expected)


def test_a_model_saved_again_knows_where_vectors_have_moved(model: VSE, tmp_path: Path) -> None:
    model.save_pretrained(tmp_path / "model")
    moved = {
        code: shutil.move(tmp_path / f"{code}.npz", tmp_path / f"moved.{code}.npz") for code in ("en", "de")
    }
    VSE.from_pretrained(tmp_path / "model", embeddings=moved).save_pretrained(tmp_path / "again")
    again = VSE.from_pretrained(tmp_path / "again")
    assert np.array_equal(again.encode_text(TEXTS, "de"), model.encode_text(TEXTS, "de"))


def test_languages_are_asked_for_by_name(model: VSE) -> None:
    with pytest.raises(DataError, match="several languages: en, de"):
        model.encode_text(TEXTS)
    with pytest.raises(DataError, match="does not know the language 'fr'"):
        model.encode_text(TEXTS, "fr")
    with pytest.raises(DataError, match="features of shape"):
        model.encode_image(np.zeros((2, 7), np.float32))


def damaged(folder: Path, how: str) -> None:
    config = json.loads((folder / "config.json").read_text("utf-8"))
    changes: dict[str, Any] = {
        "newer": {"format": 99},
        "kind": {"kind": "translator"},
        "huge": {"architecture": {**config["architecture"], "hidden": 10**9}},
        "zero": {"architecture": {**config["architecture"], "joint": 0}},
        "pooling": {"architecture": {**config["architecture"], "pooling": "median"}},
        "languages": {"languages": {"en": {}}},
        "translators": {"translators": {"de": {"in": "many"}}},
        "pivot": {"pivot": 7},
    }
    if how in changes:
        (folder / "config.json").write_text(json.dumps({**config, **changes[how]}))
    elif how == "json":
        (folder / "config.json").write_text("{")
    elif how == "truncated":
        (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:-7])
    else:
        tensors = load_file(folder / "model.safetensors")
        if how == "nan":
            tensors["image.mean"][0] = torch.nan
        else:
            del tensors["text.joint.bias"]
        save_file(tensors, folder / "model.safetensors")


@pytest.mark.parametrize(
    "how",
    [
        *("newer", "kind", "huge", "zero", "pooling", "languages", "translators", "pivot"),
        *("json", "truncated", "nan", "lacking"),
    ],
)
def test_a_damaged_folder_is_refused(model: VSE, tmp_path: Path, how: str) -> None:
    model.save_pretrained(tmp_path / "model")
    damaged(tmp_path / "model", how)
    with pytest.raises(DataError):
        VSE.from_pretrained(tmp_path / "model")


def test_a_folder_of_other_things_is_neither_read_nor_replaced(model: VSE, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    with pytest.raises(DataError, match="no model folder"):
        VSE.from_pretrained(tmp_path / "other")
    with pytest.raises(DataError, match="something other than a model"):
        model.save_pretrained(tmp_path / "other")


def test_the_description_of_something_else_is_not_overwritten(model: VSE, tmp_path: Path) -> None:
    (tmp_path / "coco.json").write_text('{"captions": []}')
    index = ImageIndex(model.encode_image(made_split().features))
    with pytest.raises(DataError, match=r"coco\.json: describes something other than encoded images"):
        index.save(tmp_path / "coco.npy")
    assert (tmp_path / "coco.json").read_text() == '{"captions": []}' and not (tmp_path / "coco.npy").exists()
    for _ in range(2):  # its own may be replaced
        index.save(tmp_path / "own.npy")
    assert np.array_equal(ImageIndex.load(tmp_path / "own.npy").embeddings, index.embeddings)


def test_other_files_in_a_model_folder_are_never_lost(model: VSE, tmp_path: Path) -> None:
    model.save_pretrained(tmp_path / "model", bundle=True)
    model.save_pretrained(tmp_path / "model")
    (tmp_path / "model" / "notes.txt").write_text("years of work")
    with pytest.raises(DataError, match=r"also holds notes\.txt, which would be lost"):
        model.save_pretrained(tmp_path / "model")
    assert (tmp_path / "model" / "notes.txt").exists()


def test_one_text_or_image_gives_one_row_and_one_list_of_hits(model: VSE) -> None:
    features = made_split().features
    assert np.allclose(model.encode_text(TEXTS[1], "en"), model.encode_text(TEXTS, "en")[1], atol=1e-6)
    assert np.allclose(model.encode_image(features[3].tolist()), model.encode_image(features)[3], atol=1e-6)
    assert np.allclose(model.encode_image(features.tolist()), model.encode_image(features), atol=1e-6)
    assert (
        model.search(TEXTS[1], features, k=3, language="en")
        == model.search(TEXTS[1:2], features, 3, language="en")[0]
    )


def test_what_is_no_text_and_no_features(model: VSE) -> None:
    wrong: list[tuple[Any, str]] = [(["cat", None], r"texts\[1\]: a NoneType"), (5, "texts: an int")]
    for texts, message in wrong:
        with pytest.raises(DataError, match=message):
            model.encode_text(texts, "en")
    for features in (["a"], [[1.0], [1.0, 2.0]], "x", None, np.zeros((1, 1, 12))):
        with pytest.raises(DataError, match="features"):
            model.encode_image(features)  # type: ignore[arg-type]
    for embeddings, translator in ((5, "identity"), (saved_vectors, "identity"), ("de", None)):
        with pytest.raises(DataError):
            model.add_language("fr", embeddings, translator)  # type: ignore[arg-type]
    empty = VSE(Architecture(features=5, width=WIDTH), "en")
    with pytest.raises(DataError, match="before 'en', the pivot"):
        empty.add_language("de", model.languages["de"], "identity")
    with pytest.raises(DataError, match="the model has no language yet"):
        empty.encode_text("a dog")


def test_one_line_tells_what_a_model_is(model: VSE) -> None:
    assert repr(model) == "VSE(languages: en (pivot), de; features: 12; joint space: 5)"
    index = ImageIndex(model.encode_image(made_split().features))
    assert repr(index) == "ImageIndex(40 images x 5)"


def test_features_that_are_not_finite(model: VSE, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_module, "CHUNK", 3)
    features = made_split().features.copy()
    features[4, 1] = np.nan
    with pytest.raises(DataError, match="features in row 4 are not finite"):
        model.encode_image(features)


def test_a_model_on_the_hub(model: VSE, tmp_path: Path, hub_uploads: type[Handler]) -> None:
    """Pushed with its word vectors or without them; the upload names no folder of the uploader."""
    model.record = {"training": {"translators": {"de": str(tmp_path / "de-en")}}}
    model.push_to_hub("owner/whole", private=True, token="t")
    model.push_to_hub("owner/small", bundle=False)
    moved = {
        code: shutil.move(tmp_path / f"{code}.npz", tmp_path / f"moved.{code}.npz") for code in ("en", "de")
    }
    for name, embeddings, tolerance in (("owner/whole", None, 1e-3), ("owner/small", moved, 0)):
        read = VSE.from_pretrained(name, embeddings=embeddings)
        encoded, expected = read.encode_text(TEXTS, "de"), model.encode_text(TEXTS, "de")
        np.testing.assert_allclose(encoded, expected, rtol=0, atol=tolerance)
        assert not any(
            str(tmp_path).encode() in content for content in hub_uploads.repositories[name].values()
        )
    with pytest.raises(DataError, match=r"en\.npz: no such file") as caught:
        VSE.from_pretrained("owner/small").encode_text(TEXTS, "en")
    assert 'embeddings={"en": FILE}' in caught.value.hint
