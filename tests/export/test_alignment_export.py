"""Exports in Python: each file read back, and compared with the alignment's own numbers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from toys import dictionary, gaussian, rotated, saved_alignment

from translator import Alignment, Lexicon, Options, align, load_vectors
from translator.errors import DataError, MissingDependencyError
from translator.export import (
    LinearMap,
    aligned_vectors,
    export_fasttext,
    export_layer,
    export_vectors,
    linear_map,
)
from translator.vectors.normalize import unit_rows


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    return align(*rotated(), dictionary(range(150)), Options(limit=200))


def test_both_sides_meet_in_the_shared_space(alignment: Alignment) -> None:
    source, target = aligned_vectors(alignment), aligned_vectors(alignment, "target")
    assert len(source.words) == len(target.words) == 200
    np.testing.assert_allclose(np.linalg.norm(source.matrix, axis=1), 1, atol=1e-5)
    assert np.array_equal(np.argmax(source.matrix @ target.matrix.T, axis=1), np.arange(200))


def test_the_source_moves_onto_the_raw_target_vectors() -> None:
    source, target = rotated()
    made = align(source, target, dictionary(range(150)), Options(refine="none"))
    np.testing.assert_allclose(aligned_vectors(made, space="target").matrix, target.matrix, atol=0.05)


@pytest.mark.parametrize("end", [".vec", ".txt.gz", ".npz", ".safetensors"])
@pytest.mark.parametrize(
    ("side", "space"), [("source", "shared"), ("target", "shared"), ("source", "target")]
)
def test_vectors_are_written_as_their_name_says(
    alignment: Alignment, tmp_path: Path, end: str, side: Any, space: Any
) -> None:
    export_vectors(alignment, tmp_path / f"x{end}", side, space)
    written, expected = load_vectors(tmp_path / f"x{end}").table(), aligned_vectors(alignment, side, space)
    assert list(written.words) == list(expected.words)
    np.testing.assert_allclose(written.matrix, expected.matrix, atol=1e-5)


@pytest.mark.parametrize(
    ("side", "space", "message"),
    [
        ("both", "shared", "side 'both': expected one of source, target"),
        ("source", "raw", "space 'raw': expected one of shared, target"),
        ("target", "target", "already"),
    ],
)
def test_a_side_or_space_that_there_is_not(
    alignment: Alignment, tmp_path: Path, side: Any, space: Any, message: str
) -> None:
    for call in (export_vectors, export_layer):
        with pytest.raises(DataError, match=message):
            call(alignment, tmp_path / "x.safetensors", side, space)
    assert list(tmp_path.iterdir()) == []


def test_a_layer_is_written_without_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    folder = saved_alignment(tmp_path)
    opened = Alignment.from_pretrained(folder)
    for name in ("en.npz", "de.npz"):
        (tmp_path / name).unlink()
    export_layer(folder, tmp_path / "folder.safetensors")
    export_layer(opened, tmp_path / "opened.safetensors")
    state, again = (load_file(tmp_path / f"{name}.safetensors") for name in ("folder", "opened"))
    assert all(np.array_equal(state[name], again[name]) for name in ("weight", "bias"))
    rows = gaussian(5, 8, 3)
    mapped = rows @ state["weight"].T + state["bias"]
    np.testing.assert_allclose(unit_rows(mapped), opened.source.to_shared.apply(rows), atol=1e-5)


def test_numpy_and_torch_write_the_same_file(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    weight, bias = gaussian(5, 8), gaussian(5, 1)[:, 0]
    LinearMap(weight, bias, True, "target").save(tmp_path / "numpy.safetensors")
    state = {"weight": torch.tensor(weight).contiguous(), "bias": torch.tensor(bias).contiguous()}
    about = {"format": "pt", "unit_input": "true", "ends": "target"}
    save_file(state, tmp_path / "torch.safetensors", metadata=about)
    files = [load_file(tmp_path / f"{name}.safetensors") for name in ("numpy", "torch")]
    assert all(np.array_equal(files[0][name], files[1][name]) for name in ("weight", "bias"))
    sizes = [(tmp_path / f"{name}.safetensors").stat().st_size for name in ("numpy", "torch")]
    assert sizes[0] == sizes[1]


def test_the_name_of_a_layer_says_its_format(alignment: Alignment, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"x\.pt: the name of a layer's file ends in"):
        export_layer(alignment, tmp_path / "x.pt")


@pytest.mark.parametrize("normalization", [("center", "unit"), ("unit", "center", "unit"), ()])
@pytest.mark.parametrize("space", ["shared", "target"])
def test_the_linear_map_is_that_of_the_aligned_vectors(normalization: Any, space: Any) -> None:
    source, target = rotated(120, 8)
    made = align(source, target, dictionary(range(80)), Options(normalization=normalization))
    mapped = linear_map(made, space=space).apply(source.matrix)
    expected = aligned_vectors(made, space=space).matrix
    np.testing.assert_allclose(unit_rows(mapped), unit_rows(expected), atol=1e-5)


@pytest.mark.parametrize("space", ["shared", "target"])
def test_a_fasttext_model_maps_any_string(model_path: Path, tmp_path: Path, space: Any) -> None:
    vectors = load_vectors(model_path)
    pairs = Lexicon(tuple((word, word) for word in ("house", "water", "tree")))
    made = align(vectors, vectors, pairs, Options(refine="none"))
    export_fasttext(made, tmp_path / "x.bin", space=space)
    unseen = ["house", "unseenword", "žlutý"]
    expected = linear_map(made, space=space).apply(vectors.embed(unseen))
    mapped = load_vectors(tmp_path / "x.bin").embed(unseen)
    np.testing.assert_allclose(mapped, expected, rtol=1e-3, atol=1e-4)


def test_words_alone_make_no_fasttext_model(alignment: Alignment, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="have no subwords"):
        export_fasttext(alignment, tmp_path / "x.bin")


def test_a_map_without_an_inverse_is_no_offset() -> None:
    with pytest.raises(DataError, match="no inverse"):
        LinearMap(gaussian(5, 8), np.zeros(5, np.float32)).folded()


@pytest.mark.parametrize(("package", "end"), [("onnx", ".onnx"), ("gensim", ".kv")])
def test_what_is_missing_is_named_with_the_command(
    alignment: Alignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, end: str
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == package] or [package]:
        monkeypatch.setitem(sys.modules, name, None)
    export = export_layer if package == "onnx" else export_vectors
    with pytest.raises(MissingDependencyError) as caught:
        export(alignment, tmp_path / f"x{end}")
    assert caught.value.hint == f"Install it with: pip install 'bli-translator[{package}]'"
    assert list(tmp_path.iterdir()) == []
