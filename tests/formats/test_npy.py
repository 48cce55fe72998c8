"""A matrix in .npy and the list of its words next to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from translator.errors import FormatError
from translator.formats import load_vectors
from translator.formats.npy import LISTS

WORDS = ["a", "New York", "\u00e4"]
MATRIX = np.array([[1, 0.5], [-2, 0.25], [3, 4]], np.float32)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("form", ["{}\n", "{} 12\n", "{}\t12\r\n"])
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_the_words_are_next_to_the_matrix(tmp_path: Path, name: str, form: str, kind: type) -> None:
    np.save(tmp_path / "x.npy", MATRIX.astype(kind))
    listed = "".join(form.format(word) for word in WORDS)
    (tmp_path / name.format("x")).write_bytes(listed.encode("utf-8-sig"))
    vectors = load_vectors(tmp_path / "x.npy").table()
    assert list(vectors.words) == WORDS and vectors.matrix.dtype == np.float32
    np.testing.assert_array_equal(vectors.matrix, MATRIX)
    assert list(load_vectors(tmp_path / "x.npy", limit=2).words) == WORDS[:2]


@pytest.mark.parametrize(
    ("matrix", "listed", "message"),
    [
        (MATRIX, None, "a matrix without words: found none of x.txt, "),
        (MATRIX, "a\nb\n", "3 rows, but x.txt has 2 words"),
        (MATRIX[:, 0], "a\nb\nc\n", "of shape (3,)"),
        (MATRIX.astype(str), "a\nb\nc\n", "of shape (3, 2)"),
        (MATRIX.astype(object), "a\nb\nc\n", "cannot be read as .npy"),
        (MATRIX, "a\nb\na\n", "'a' occurs more than once"),
        (np.array(1.0), "a\n", "of shape ()"),
    ],
)
def test_what_is_refused(tmp_path: Path, matrix: np.ndarray, listed: str | None, message: str) -> None:
    np.save(tmp_path / "x.npy", matrix)
    if listed is not None:
        (tmp_path / "x.txt").write_text(listed)
    with pytest.raises(FormatError) as caught:
        load_vectors(tmp_path / "x.npy")
    assert message in caught.value.message and caught.value.hint
