"""``translator apply`` and ``export --all``: words that were not aligned are mapped like those that were."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toys import rotated

from translator import Alignment, load_vectors, save_vectors
from translator.vectors.normalize import unit_rows


@pytest.fixture
def limited(run: Any, files: Path, here: Path) -> Path:
    """An alignment of the first 200 of 300 words."""
    for name in ("src.vec", "tgt.vec", "train.txt"):
        shutil.copy(files / name, here)
    done = run("align", "src.vec", "tgt.vec", "-d", "train.txt", "--limit", 200)
    assert done.exit_code == 0, done.output
    return here / "src-tgt"


def expected(folder: Path, side: str = "source") -> Any:
    """The oracle: all rows of the file, less the mean, times the matrix, at unit length."""
    whole = load_vectors(folder.parent / ("src.vec" if side == "source" else "tgt.vec")).table()
    alignment = Alignment.from_pretrained(folder)
    to_shared = alignment.source.to_shared if side == "source" else alignment.target.to_shared
    matrix, offset = to_shared.folded()
    return list(whole.words), unit_rows((whole.matrix - offset) @ matrix)


@pytest.mark.parametrize("form", ["vec", "npz"])
def test_all_words_of_the_file_are_exported(run: Any, limited: Path, here: Path, form: str) -> None:
    some = run("export", f"--{form}")
    assert "src: the 200 most frequent words, which were aligned; 100 others are left out" in some.stdout
    assert "--all" in some.stdout and len(load_vectors(here / f"src-tgt.src.{form}").table().words) == 200
    done = run("export", f"--{form}", "--all", "--json")
    assert json.loads(done.stdout)["notes"] == []
    for side, name in (("source", "src"), ("target", "tgt")):
        words, rows = expected(limited, side)
        written = load_vectors(here / f"src-tgt.{name}.{form}").table()
        assert list(written.words) == words
        np.testing.assert_allclose(written.matrix, rows, atol=1e-5)


def test_words_left_out_of_a_file_without_a_header(run: Any, limited: Path, here: Path) -> None:
    text = (here / "src.vec").read_text("utf-8").partition("\n")[2]
    (here / "bare.vec").write_text(text, "utf-8")
    run("align", "bare.vec", "tgt.vec", "-d", "train.txt", "--limit", 200, "-o", "bare-tgt")
    assert "there may be more" in run("export", "bare-tgt", "--vec", "--side", "source").stdout
    run("align", "src.vec", "tgt.vec", "-d", "train.txt", "-o", "whole")
    assert "Note" not in run("export", "whole", "--vec").stdout


def test_all_needs_a_format_of_words(run: Any, limited: Path) -> None:
    assert run("export", "--torch", "--all").exit_code == 2


@pytest.mark.parametrize("end", [".vec", ".vec.gz", ".npz", ".safetensors"])
@pytest.mark.parametrize("side", ["source", "target"])
def test_another_file_is_mapped_without_the_aligned_ones(
    run: Any, limited: Path, here: Path, end: str, side: str
) -> None:
    words, rows = expected(limited, side)
    (here / ("src.vec" if side == "source" else "tgt.vec")).rename(here / "other.vec")
    done = run("apply", "src-tgt", "other.vec", "-o", f"mapped{end}", "--side", side)
    assert done.exit_code == 0, done.output
    assert "300 words written" in done.stdout and done.stderr == ""
    written = load_vectors(here / f"mapped{end}").table()
    assert list(written.words) == words
    np.testing.assert_allclose(written.matrix, rows, atol=1e-5)


def test_into_the_raw_space_of_the_target(run: Any, limited: Path, here: Path) -> None:
    done = run("apply", "src-tgt", "src.vec", "-o", "mapped.npz", "--space", "target")
    assert "src -> raw space of tgt" in done.stdout
    run("export", "--npz", "--all", "--space", "target")
    ours, theirs = (load_vectors(here / name).table().matrix for name in ("mapped.npz", "src-tgt.npz"))
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    target = load_vectors(here / "tgt.vec").table().matrix
    assert (np.argmax(unit_rows(ours) @ unit_rows(target).T, axis=1) == np.arange(300)).mean() > 0.9


def test_a_model_is_mapped_for_every_string(run: Any, here: Path, model_path: Path) -> None:
    other = load_vectors(model_path).table(40)
    save_vectors(other, here / "words.vec")
    assert run("align", "words.vec", "words.vec", "-o", "a").exit_code == 0
    assert run("apply", "a", model_path, "-o", "mapped.bin").exit_code == 0
    mapped, model = load_vectors(here / "mapped.bin"), load_vectors(model_path)
    to_shared = Alignment.from_pretrained(here / "a").source.to_shared
    for strings in (["water"], ["unseen-word"]):
        np.testing.assert_allclose(
            unit_rows(mapped.embed(strings)), to_shared.apply(model.embed(strings)), atol=1e-5
        )
    done = run("apply", "a", "words.vec", "-o", "words.bin")
    assert done.exit_code == 1 and "words.vec have no subwords" in done.stderr


def test_what_cannot_be_mapped(run: Any, limited: Path, here: Path) -> None:
    save_vectors(rotated(50, 10)[0], here / "narrow.vec")
    done = run("apply", "src-tgt", "narrow.vec", "-o", "mapped.vec")
    assert done.exit_code == 1 and "narrow.vec: 10 dimensions, expected 20" in done.stderr
    assert run("apply", "src-tgt", "src.vec", "-o", "mapped.txtt").exit_code == 2
    assert run("apply", "src-tgt", "src.vec", "-o", "src.vec").exit_code == 1
    assert run("apply", "nowhere", "src.vec", "-o", "mapped.vec").exit_code == 1
    assert not (here / "mapped.vec").exists()


def test_vectors_of_another_model_are_noticed(run: Any, limited: Path, here: Path) -> None:
    vectors = load_vectors(here / "src.vec").table()
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((20, 20)))[0]
    save_vectors(type(vectors)(vectors.words, vectors.matrix @ turn), here / "turned.vec")
    done = run("apply", "src-tgt", "turned.vec", "-o", "mapped.vec")
    assert done.exit_code == 0 and "of another model" in done.stderr
