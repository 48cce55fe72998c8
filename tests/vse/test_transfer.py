"""Translators for a model: what is taken, and what is refused with a way out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from toy_images import WIDTH, made_vectors, saved_translator, saved_vectors, word

from translator import Alignment, DataError, FormatError, Options
from translator.layer import Translator
from vse.transfer import pivot_translator
from vse.words.embeddings import Embeddings

MEAN = torch.from_numpy(made_vectors("en").matrix.mean(axis=0))


def sides(folder: Path) -> tuple[Embeddings, Embeddings]:
    """German and English, as files."""
    places = [folder / f"{code}.npz" for code in ("de", "en")]
    for code, place in zip(("de", "en"), places, strict=True):
        if not place.exists():
            saved_vectors(folder, code)
    return Embeddings.open("de", places[0]), Embeddings.open("en", places[1])


def directions(layer: Translator) -> np.ndarray:
    raw = torch.from_numpy(made_vectors("de").embed([word("de", number) for number in range(10)]))
    return torch.nn.functional.normalize(layer(raw), dim=1).detach().numpy()


def test_folder_export_and_plain_weights_say_the_same(tmp_path: Path) -> None:
    folder = saved_translator(tmp_path)
    german, english = sides(tmp_path)
    expected = directions(pivot_translator(folder, german, english, MEAN))
    alignment = Alignment.from_pretrained(folder)
    for space in ("shared", "target"):
        Translator.from_alignment(alignment, space).save_weights(tmp_path / "layer.safetensors")
        found = pivot_translator(tmp_path / "layer.safetensors", german, english, MEAN)
        assert np.allclose(directions(found), expected, atol=1e-5)
    Translator.from_alignment(alignment, "target").save_pretrained(tmp_path / "layer")
    assert np.allclose(
        directions(pivot_translator(tmp_path / "layer", german, english, MEAN)), expected, atol=1e-5
    )
    plain = Translator.from_alignment(alignment, "target")  # anyone's raw-to-raw nn.Linear
    save_file({"weight": plain.weight.detach(), "bias": plain.bias.detach()}, tmp_path / "plain.safetensors")
    found = pivot_translator(tmp_path / "plain.safetensors", german, english, MEAN)
    assert np.allclose(directions(found), expected, atol=1e-5)


def test_the_wrong_direction_is_reported_with_two_remedies(tmp_path: Path) -> None:
    folder = saved_translator(tmp_path, "en", "de")
    german, english = sides(tmp_path)
    with pytest.raises(DataError, match="the other direction is needed") as caught:
        pivot_translator(folder, german, english, MEAN)
    assert "inverse()" in caught.value.hint and "in this order" in caught.value.hint


def test_a_space_of_its_own_is_refused(tmp_path: Path) -> None:
    options = Options(start="whitening", self_learn=False, refine="none")
    alignment = Alignment.from_pretrained(saved_translator(tmp_path, options=options))
    Translator.from_alignment(alignment).save_weights(tmp_path / "layer.safetensors")
    german, english = sides(tmp_path)
    with pytest.raises(DataError, match="a shared space of its own"):
        pivot_translator(tmp_path / "layer.safetensors", german, english, MEAN)


@pytest.mark.parametrize(("shape", "hint"), [((WIDTH, 5), "other direction"), ((7, 9), "Align the word")])
def test_widths_that_do_not_fit(tmp_path: Path, shape: tuple[int, int], hint: str) -> None:
    german, english = sides(tmp_path)
    narrow = replace(english, record={**english.record, "dimension": 5})
    layer = Translator(*shape) if shape == (7, 9) else Translator(5, WIDTH)
    layer.save_weights(tmp_path / "layer.safetensors")
    with pytest.raises(DataError, match="expected") as caught:
        pivot_translator(tmp_path / "layer.safetensors", german, narrow, MEAN)
    assert hint in caught.value.hint


def test_other_vectors_are_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = saved_translator(tmp_path)
    german, english = sides(tmp_path)
    pivot_translator(folder, german, replace(english, record={**english.record, "sha256": "other"}), MEAN)
    assert "target vectors are not the file used here" in caplog.text


def test_what_is_no_translator(tmp_path: Path) -> None:
    german, english = sides(tmp_path)
    (tmp_path / "damaged.safetensors").write_bytes(b"not at all")
    (tmp_path / "empty").mkdir()
    for place in ("damaged.safetensors", "empty", "missing"):
        with pytest.raises(DataError):
            pivot_translator(tmp_path / place, german, english, MEAN)


def test_a_layer_of_any_space_and_an_alignment_are_taken_and_stay_as_they_are(tmp_path: Path) -> None:
    alignment = Alignment.from_pretrained(saved_translator(tmp_path))
    german, english = sides(tmp_path)
    expected = directions(pivot_translator(tmp_path / "de-en", german, english, MEAN))
    layers = {space: Translator.from_alignment(alignment, space) for space in ("shared", "target")}
    assert [layer.ends for layer in layers.values()] == ["centred", "target"]
    for layer in layers.values():
        bias = layer.bias.clone()
        found = pivot_translator(layer, german, english, MEAN)
        assert np.allclose(directions(found), expected, atol=1e-5)
        assert found is not layer and torch.equal(layer.bias, bias)
    assert np.allclose(directions(pivot_translator(alignment, german, english, MEAN)), expected, atol=1e-5)
    with pytest.raises(DataError, match="of type int"):
        pivot_translator(5, german, english, MEAN)  # type: ignore[arg-type]


def test_identity_and_random() -> None:
    german, english = (Embeddings.open(code, made_vectors(code)) for code in ("de", "en"))
    raw = torch.from_numpy(made_vectors("de").matrix)
    identity = pivot_translator("identity", german, english, MEAN)
    assert torch.allclose(identity(raw), raw - MEAN, atol=1e-6)
    torch.manual_seed(1)
    assert pivot_translator("random", german, english, MEAN)(raw).shape == raw.shape
    with pytest.raises(DataError, match="identity"):
        pivot_translator("identity", german, english, MEAN[:3])


def test_a_bundle_knows_what_its_copy_was_made_from(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ways = [saved_translator(tmp_path), saved_translator(tmp_path, "en", "de")]
    german, english = sides(tmp_path)
    (tmp_path / "bundle").mkdir()
    caplog.clear()
    copies = english.bundled(tmp_path / "bundle"), german.bundled(tmp_path / "bundle")
    for copy in copies, [copy.bundled(tmp_path) for copy in copies]:  # and a copy of the copy
        pivot_translator(ways[0], copy[1], copy[0], MEAN)
        assert caplog.text == ""
        with pytest.raises(DataError, match="the other direction is needed"):
            pivot_translator(ways[1], copy[1], copy[0], MEAN)
    restored = Embeddings.restore("en", copies[0].record, tmp_path, moved=tmp_path / "en.npz")
    assert np.array_equal(restored.mean(), english.mean())
    for given in ({**copies[0].record["given"], "sha256": 1}, "x"):
        with pytest.raises(FormatError, match="not the config of a model"):
            Embeddings.restore("en", {**copies[0].record, "given": given}, tmp_path)
