"""``translator export``: every format read back by who reads it, and the names of the files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from translator import Alignment, LexiconVectors, Translator, WordVectors, load_vectors, save_vectors
from translator.vectors.normalize import unit_rows


def written(result: Any) -> list[str]:
    assert result.exit_code == 0, result.output
    return [file["path"] for file in json.loads(result.stdout)["files"]]


@pytest.fixture
def copy(made: Path, here: Path) -> Path:
    """The one alignment of the current directory."""
    return Path(shutil.copytree(made, here / "src-tgt"))


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ("--torch", ["src-tgt.safetensors", "src-tgt.target.safetensors"]),
        ("--torch src-tgt", ["src-tgt.safetensors", "src-tgt.target.safetensors"]),
        ("src-tgt --torch x.safetensors", ["x.safetensors", "x.target.safetensors"]),
        ("--torch x", ["x.safetensors", "x.target.safetensors"]),
        ("--torch --side target", ["src-tgt.safetensors"]),
        ("--torch x.safetensors --space target", ["x.safetensors"]),
        ("--vec", ["src-tgt.src.vec", "src-tgt.tgt.vec"]),
        ("--vec x.vec.gz src-tgt", ["x.src.vec.gz", "x.tgt.vec.gz"]),
        ("--vec x.vec --side source", ["x.vec"]),
        ("--npz --vec --space target", ["src-tgt.vec", "src-tgt.npz"]),
        ("--vec --through-lexicon", ["src-tgt.vec"]),
        ("--vec --through-lexicon --space target", ["src-tgt.vec"]),
        ("--vec --npz src-tgt --side target", ["src-tgt.vec", "src-tgt.npz"]),
    ],
)
def test_names_of_files(run: Any, copy: Path, here: Path, arguments: str, names: list[str]) -> None:
    assert written(run("export", *arguments.split(), "--json")) == names
    assert {path.name for path in here.iterdir()} == {*names, "src-tgt"}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("", 2),
        ("--torch x.pt", 2),
        ("--vec --space target --side both", 2),
        ("--torch --through-lexicon", 2),
        ("--vec --through-lexicon --all", 2),
        ("--vec --through-lexicon --space shared", 2),
        ("--vec --through-lexicon --side both", 2),
        ("--torch no/where.safetensors", 1),
        ("--vec folder --side source", 0),
        ("--fasttext", 1),
        ("nowhere --torch", 1),
    ],
)
def test_what_cannot_be_written(run: Any, copy: Path, here: Path, arguments: str, status: int) -> None:
    (here / "folder").mkdir()
    assert run("export", *arguments.split()).exit_code == status


def test_a_folder_is_never_replaced_by_a_file(run: Any, copy: Path, here: Path) -> None:
    (here / "x.vec").mkdir()
    assert run("export", "--vec", "x.vec", "--side", "source").exit_code == 1
    assert (here / "x.vec").is_dir()


@pytest.mark.parametrize("form", ["vec", "npz", "gensim"])
def test_words_in_the_shared_space(run: Any, made: Path, here: Path, form: str) -> None:
    if form == "gensim":
        pytest.importorskip("gensim", reason="only gensim writes its pickles")
    names = written(run("export", made, f"--{form}", "--json"))
    source, target = (load_vectors(name).table() for name in names)
    assert (source.words[0], target.words[0]) == ("s0", "t0")
    np.testing.assert_allclose(source.matrix, Alignment.from_pretrained(made).source.mapped.matrix, atol=1e-5)
    assert (np.argmax(source.matrix @ target.matrix.T, axis=1) == np.arange(300)).all()


@pytest.mark.parametrize("recipe", ["center,unit", "unit,center,unit", "none"])
def test_words_in_the_raw_space_of_the_target(run: Any, files: Path, here: Path, recipe: str) -> None:
    line = ["align", files / "src.vec", files / "tgt.vec", "-d", files / "train.txt", "--normalize", recipe]
    assert run(*line).exit_code == 0
    assert written(run("export", "--vec", "--torch", "--space", "target", "--json"))
    mapped, alignment = load_vectors("src-tgt.vec").table().matrix, Alignment.from_pretrained("src-tgt")
    matrix, offset = alignment.target.to_shared.folded()
    shared = unit_rows((mapped - offset) @ matrix)
    np.testing.assert_allclose(shared, alignment.source.mapped.matrix, atol=1e-3)


def test_a_recipe_that_needs_unit_rows_is_said(run: Any, files: Path, here: Path) -> None:
    line = ["align", files / "src.vec", files / "tgt.vec", "-d", files / "train.txt"]
    assert run(*line, "--normalize", "unit,center,unit").exit_code == 0
    assert "unit length" in run("export", "--torch").stdout
    assert "unit length" not in run("export", "--vec").stdout


def test_layers_do_not_need_the_vectors(run: Any, copy: Path, here: Path) -> None:
    config = copy / "config.json"
    config.write_text(config.read_text("utf-8").replace(".vec", ".gone"), "utf-8")
    assert written(run("export", "--torch", "--json"))
    assert run("export", "--vec").exit_code == 1


def test_onnx_equals_the_layer(run: Any, made: Path, files: Path, here: Path) -> None:
    runtime = pytest.importorskip("onnxruntime", reason="the reader of the file")
    pytest.importorskip("onnx", reason="the writer of the file")
    result = run("export", made, "--onnx", "x.onnx", "--side", "source", "--json")
    assert written(result) == ["x.onnx"] and result.stderr == ""
    vectors = load_vectors(files / "src.vec").table().matrix
    (mapped,) = runtime.InferenceSession("x.onnx").run(None, {"vectors": vectors})
    np.testing.assert_allclose(
        unit_rows(mapped), Alignment.from_pretrained(made).source.mapped.matrix, atol=1e-5
    )


@pytest.fixture
def subwords(run: Any, model_path: Path, here: Path) -> Path:
    """An alignment of a fastText model with a copy of itself."""
    (here / "d.txt").write_text("house\thouse\nwater\twater\ntree\ttree\n", "utf-8")
    shutil.copy(model_path, here / "other.bin")
    assert (
        run("align", model_path, "other.bin", "-d", "d.txt", "-o", "en-de", "--refine", "none").exit_code == 0
    )
    return here / "en-de"


@pytest.mark.parametrize("space", ["shared", "target"])
def test_a_fasttext_model_maps_any_string(
    run: Any, subwords: Path, stock: Any, load_stock: Any, space: str
) -> None:
    names = written(run("export", "--fasttext", "--space", space, "--json"))
    assert names == (["en-de.model.bin", "en-de.other.bin"] if space == "shared" else ["en-de.bin"])
    layer = Translator.from_pretrained(subwords, space).requires_grad_(False)
    weight, bias = layer.weight.numpy(), layer.bias.numpy()
    model = load_stock(Path(names[0]))
    for word in ("house", "unseenword", "žlutý"):
        expected = stock.get_word_vector(word) @ weight.T + bias
        np.testing.assert_allclose(model.get_word_vector(word), expected, rtol=1e-3, atol=1e-4)


def test_a_fasttext_model_needs_a_recipe_that_folds(
    run: Any, model_path: Path, here: Path, subwords: Path
) -> None:
    line = ["align", model_path, "other.bin", "-d", "d.txt", "-o", "en-de", "--refine", "none"]
    assert run(*line, "--normalize", "unit,center,unit").exit_code == 0
    result = run("export", "--fasttext")
    assert result.exit_code == 1 and "--normalize center,unit" in result.stderr
    before = sorted(here.iterdir())
    result = run("export", "--vec", "--npz", "--fasttext")
    assert result.exit_code == 1 and sorted(here.iterdir()) == before  # not a part of what was asked for


@pytest.mark.parametrize("space", ["shared", "target"])
def test_a_word_without_a_vector_has_none_in_any_space(space: str, run: Any, files: Path, here: Path) -> None:
    vectors = load_vectors(files / "src.vec").table()
    rows = np.concatenate([vectors.matrix, np.zeros((1, vectors.dimension), np.float32)])
    save_vectors(WordVectors([*vectors.words, "unknown"], rows), here / "src.npz")
    line = ("align", "src.npz", files / "tgt.vec", "-d", files / "train.txt", "-o", "src-tgt")
    assert run(*line).exit_code == 0
    assert run("export", "--npz", "out.npz", "--side", "source", "--space", space).exit_code == 0
    found = load_vectors(here / "out.npz").table()
    assert not found["unknown"].any() and found.matrix[:-1].any(axis=1).all()


def test_vectors_that_moved_with_the_alignment_are_not_overwritten(run: Any, files: Path, here: Path) -> None:
    (here / "old").mkdir()
    for name in ("src.vec", "tgt.vec"):
        shutil.copy(files / name, here / "old")
    asked = ("--dict", files / "train.txt", "-o", here / "old/src-tgt")
    assert run("align", here / "old/src.vec", here / "old/tgt.vec", *asked).exit_code == 0
    (here / "old").rename(here / "new")
    done = run("export", here / "new/src-tgt", "--vec", here / "new/src.vec", "--side", "source")
    assert done.exit_code == 1 and "would overwrite a file that the command reads" in done.output
    assert (here / "new/src.vec").read_bytes() == (files / "src.vec").read_bytes()
    assert "(missing)" not in run("info", here / "new/src-tgt").stdout


@pytest.mark.parametrize("form", ["torch", "vec", "onnx"])
def test_a_device_is_not_taken_for_a_stem(run: Any, made: Path, form: str) -> None:
    done = run("export", made, f"--{form}", "/dev/full")
    assert done.exit_code == 2 and "'/dev/full' does not end in ." in done.stderr


def test_vectors_through_the_lexicon(run: Any, copy: Path, here: Path) -> None:
    assert written(run("export", "--npz", "x.npz", "--through-lexicon", "--json")) == ["x.npz"]
    found, expected = (
        load_vectors(here / "x.npz").table(),
        LexiconVectors(Alignment.from_pretrained(copy)).table(),
    )
    assert found.words == expected.words
    np.testing.assert_allclose(found.matrix, expected.matrix, atol=1e-5)
