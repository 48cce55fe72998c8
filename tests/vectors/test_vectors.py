"""The value object: lookup, rows, slices, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from toys import floats

from translator.errors import DataError
from translator.vectors import Embedder, WordVectors, extended, has_vector

MATRIX = np.arange(1, 9, dtype=np.float32).reshape(4, 2)
VECTORS = WordVectors(["a", "b", "New York", "ß"], MATRIX, Path("some.vec"))


def test_lookup() -> None:
    embedder: Embedder = VECTORS
    assert len(VECTORS) == 4 and embedder.dimension == 2
    assert "New York" in VECTORS and "new york" not in VECTORS and 7 not in VECTORS
    assert VECTORS["b"].tolist() == [3, 4]
    with pytest.raises(KeyError):
        VECTORS["c"]


def test_rows_and_vectors_of_several_words() -> None:
    assert VECTORS.rows(["ß", "c", "a", "a"]).tolist() == [3, -1, 0, 0]
    found = VECTORS.embed(["ß", "c", "a"])
    assert found.tolist() == [[7, 8], [0, 0], [1, 2]] and found.dtype == np.float32
    assert has_vector(found).tolist() == [True, False, True]


def test_no_words_give_no_rows() -> None:
    assert VECTORS.rows([]).dtype == np.int64 and VECTORS.embed([]).shape == (0, 2)


def test_a_table_is_the_beginning() -> None:
    assert VECTORS.table() is VECTORS and VECTORS.table(4) is VECTORS and VECTORS.table(9) is VECTORS
    some = VECTORS.table(2)
    assert list(some.words) == ["a", "b"] and some.matrix.tolist() == MATRIX[:2].tolist()
    assert some.path == Path("some.vec") and "ß" not in some


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int32])
def test_other_numbers_become_float32(dtype: type) -> None:
    made = WordVectors(VECTORS.words, MATRIX.astype(dtype))
    assert made.matrix.dtype == np.float32 and np.array_equal(made.matrix, MATRIX)


@pytest.mark.parametrize(
    ("words", "shape", "message"),
    [
        (["a", "b"], (2,), r"a matrix \[n, d\], not an array of shape \(2,\)"),
        (["a", "b"], (3, 2), "2 words but 3 vectors"),
        (["a"], (1, 2, 3), "not an array of shape"),
    ],
)
def test_what_does_not_fit_is_refused(words: list[str], shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(DataError, match=message):
        WordVectors(words, np.zeros(shape, np.float32))


def test_a_word_twice_is_refused_when_words_are_looked_up() -> None:
    with pytest.raises(DataError, match="1 words occur more than once"):
        WordVectors(["a", "b", "a"], np.zeros((3, 2), np.float32)).rows(["a"])


def test_extended_adds_only_what_is_lacking_and_known() -> None:
    source = WordVectors(["c", "unknown"], floats([[5, 5], [0, 0]]))
    longer = extended(VECTORS, ["c", "A", "a", "unknown", "c", "d"], source.embed)
    assert list(longer.words) == ["a", "b", "New York", "ß", "c"]
    assert longer.matrix.tolist() == [*MATRIX.tolist(), [5, 5]]
    assert list(VECTORS.words) == ["a", "b", "New York", "ß"]


def test_a_word_is_found_in_lower_case_or_composed() -> None:
    words = ["\u017eeny", "Praha", "Cafe\u0301"]  # ženy composed, Café not
    table = WordVectors(words, np.eye(3, dtype=np.float32))
    asked = ["z\u030ceny", "Z\u030cENY", "\u017dENY", "Praha", "praha", "Cafe\u0301", "Caf\u00e9"]
    assert [table.row_of(word) for word in asked] == [0, 0, 0, 1, -1, 2, -1]
