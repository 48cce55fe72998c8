"""The text branch: no padding leaks, and the Translator is where it should be, under the right recipe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from toy_images import CLOSED, WIDTH, made_vectors, saved_translator, saved_vectors, turn, word

from translator import Alignment, DataError, Options, SubwordVectors
from translator.layer import Translator
from translator.vectors.normalize import parse_normalization, unit_rows
from vse.model import VSE, Architecture
from vse.model.text import Pooling
from vse.words import look_up
from vse.words.embeddings import Embeddings

TEXTS = [
    " ".join(word("en", number) for number in range(start, start + size))
    for start, size in ((0, 1), (3, 9), (1, 4))
]


def model_of(**shape: Any) -> VSE:
    """An English model with weights drawn at random."""
    torch.manual_seed(0)
    model = VSE(Architecture(features=5, width=WIDTH, hidden=7, joint=6, **shape), "en")
    source = Embeddings.open("en", made_vectors("en"))
    model.text.mean.copy_(torch.from_numpy(source.mean()))
    model.add_language("en", source, None)
    return model


@pytest.mark.parametrize("pooling", get_args(Pooling))
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_text_is_encoded_alone_as_among_longer_ones(pooling: Pooling, bidirectional: bool) -> None:
    model = model_of(pooling=pooling, bidirectional=bidirectional)
    together = model.encode_text(TEXTS)
    alone = np.concatenate([model.encode_text([text]) for text in TEXTS])
    assert np.allclose(together, alone, atol=1e-6)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    assert np.allclose(model.encode_text(TEXTS[::-1]), together[::-1], atol=1e-6)


def test_what_follows_the_end_is_not_read() -> None:
    model = model_of()
    found = look_up(TEXTS, made_vectors("en"), lowercase=True)
    table = torch.from_numpy(found.table)
    mapped = model.text.mapped(table, "en")
    lengths = torch.from_numpy(found.lengths)
    clean = model.text.gru(mapped, torch.from_numpy(found.padded()), lengths)
    dirty = found.padded()
    dirty[np.arange(dirty.shape[1]) >= found.lengths[:, None]] = len(table) - 1
    assert torch.equal(model.text.gru(mapped, torch.from_numpy(dirty), lengths), clean)


def test_the_translator_is_between_embedding_and_gru() -> None:
    model = model_of()
    into_english = (turn("de").T @ turn("en")).T  # exact: both languages are turns of one space
    weight = torch.from_numpy(np.ascontiguousarray(into_english))
    layer = Translator.from_affine(weight.numpy(), np.zeros(WIDTH, np.float32))
    model.add_language("de", made_vectors("de"), layer)
    german = [text.replace("enx", "dex") for text in TEXTS]
    english = model.encode_text(TEXTS, "en")
    assert np.allclose(model.encode_text(german, "de"), english, atol=1e-5)
    with torch.no_grad():
        model.text.translators["de"].weight[0] += 1
    assert np.array_equal(model.encode_text(TEXTS, "en"), english)
    assert not np.allclose(model.encode_text(german, "de"), english, atol=1e-3)


@pytest.mark.parametrize("start", ["procrustes", "whitening"])
def test_words_are_carried_as_the_alignment_carries_them(tmp_path: Path, start: Any) -> None:
    folder = saved_translator(tmp_path, options=Options(start=start, self_learn=False, refine="none"))
    model = model_of()
    model.add_language("de", saved_vectors(tmp_path, "de"), folder, "map")
    words = [word("de", number) for number in range(20)]
    raw = torch.from_numpy(made_vectors("de").embed(words))
    mapped = model.text.mapped(raw, "de").detach().numpy()
    alignment = Alignment.from_pretrained(folder)
    onwards = unit_rows(mapped @ alignment.target.to_shared.matrix)
    assert np.allclose(onwards, alignment.source.embed(words), atol=1e-4)


@pytest.mark.parametrize("recipe", ["unit,center", "unit,center,unit"])
def test_a_recipe_that_scales_first_is_refused(tmp_path: Path, recipe: str) -> None:
    folder = saved_translator(tmp_path, options=replace(CLOSED, normalization=parse_normalization(recipe)))
    with pytest.raises(DataError, match="before it centres"):
        model_of().add_language("de", saved_vectors(tmp_path, "de"), folder, "map")


def test_an_unseen_word_has_a_vector_and_a_word_without_one_is_zero() -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((2 + 50, WIDTH), dtype=np.float32)
    vectors = SubwordVectors(["dog", "cat"], np.array([2, 1]), rows, 3, 5, 50)
    torch.manual_seed(0)
    model = VSE(Architecture(features=5, width=WIDTH, hidden=7, joint=6), "en")
    model.add_language("en", vectors, None)
    seen, unseen, nothing = model.encode_text(["dog", "dogs", "!?"])
    assert not np.allclose(unseen, nothing) and not np.allclose(unseen, seen)
    assert torch.equal(model.text.mapped(torch.zeros(1, WIDTH), "en"), torch.zeros(1, WIDTH))


@pytest.mark.parametrize("language", ["to", "cpu", "pop", "T", "zh-Hans", "model"])
def test_a_language_may_be_called_like_a_method(language: str, tmp_path: Path) -> None:
    model = model_of()
    layer = Translator(WIDTH, WIDTH, ends="centred")
    model.add_language(language, made_vectors("de"), layer)
    model.to("cpu").save_pretrained(tmp_path / "model", bundle=True)
    again = VSE.from_pretrained(tmp_path / "model")
    assert torch.equal(again.text.translators[language].weight, layer.weight)
    text = word("de", 1)
    found, expected = (one.encode_text([text], language) for one in (again, model))
    np.testing.assert_allclose(found, expected, atol=1e-3)  # a bundle is rounded
