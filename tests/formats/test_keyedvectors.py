"""gensim's files: what gensim wrote is read, and gensim reads what was written."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

from translator.errors import FormatError, MissingDependencyError
from translator.formats.keyedvectors import read_keyedvectors, write_keyedvectors
from translator.vectors import WordVectors

MATRIX = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
WORDS = ["a", "New York", "全\u3000角"]


@pytest.mark.parametrize("parts", [False, True])
def test_reads_what_gensim_writes(tmp_path: Path, parts: bool) -> None:
    models = pytest.importorskip("gensim.models", reason="gensim is the oracle here")
    keyed = models.KeyedVectors(4)
    keyed.add_vectors(WORDS, MATRIX)
    keyed.save(str(tmp_path / "x.kv"), separately=["vectors"] if parts else [])
    vectors = read_keyedvectors(tmp_path / "x.kv")
    assert vectors.words == WORDS
    np.testing.assert_array_equal(vectors.matrix, MATRIX)
    assert read_keyedvectors(tmp_path / "x.kv", 2).words == WORDS[:2]


def test_gensim_reads_what_is_written(tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models", reason="gensim is the oracle here")
    write_keyedvectors(WordVectors(WORDS, MATRIX), tmp_path / "x.kv")
    keyed = models.KeyedVectors.load(str(tmp_path / "x.kv"))
    assert keyed.index_to_key == WORDS
    np.testing.assert_array_equal(keyed["New York"], MATRIX[1])
    assert [path.name for path in tmp_path.iterdir()] == ["x.kv"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "gensim cannot load it"),
        (b"text", "gensim cannot load it"),
        (pickle.dumps(["a", "list"]), "gensim cannot load it|holds a list"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    pytest.importorskip("gensim", reason="only gensim reads its pickles")
    (tmp_path / "x.kv").write_bytes(content)
    with pytest.raises(FormatError, match=message):
        read_keyedvectors(tmp_path / "x.kv")


def test_a_vector_that_is_not_finite_is_named(tmp_path: Path) -> None:
    pytest.importorskip("gensim", reason="only gensim reads its pickles")
    write_keyedvectors(WordVectors(["a", "b"], np.array([[1], [np.inf]], np.float32)), tmp_path / "x.kv")
    with pytest.raises(FormatError, match="'b' is not finite"):
        read_keyedvectors(tmp_path / "x.kv")


def test_without_gensim_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    (tmp_path / "x.kv").write_bytes(b"")
    with pytest.raises(MissingDependencyError, match=r"bli-translator\[gensim\]"):
        read_keyedvectors(tmp_path / "x.kv")
