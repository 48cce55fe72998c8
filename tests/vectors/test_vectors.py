"""The value object: lookup, rows, slices, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toys import floats

from translator.errors import DataError
from translator.vectors import Embedder, WordVectors, extended, has_vector
from translator.vectors.subword import SubwordVectors

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


@pytest.mark.parametrize("matrix", [[[1, 2], [3, 4]], [(1.0, 2.0), (3.0, 4.0)], [[True, 2], [3, 4.0]]])
def test_lists_of_numbers_become_float32(matrix: Any) -> None:
    made = WordVectors(("a", "b"), matrix)
    assert made.matrix.dtype == np.float32 and made.matrix.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("words", [np.array(["a", "b"]), dict.fromkeys("ab"), (word for word in "ab")])
def test_words_of_any_collection(words: Any) -> None:
    made = WordVectors(words, [[1.0], [2.0]])
    assert list(made.words) == ["a", "b"] and made["b"].tolist() == [2]


@pytest.mark.parametrize(
    ("words", "matrix", "message"),
    [
        (["a", "b"], [[1.0], [1.0, 2.0]], "the rows have different lengths"),
        (["a"], [["x", "y"]], "a matrix of numbers"),
        (["a"], [[None]], "a matrix of numbers"),
        (["a"], None, "a matrix of numbers"),
        (["a"], "vectors.vec", "a matrix of numbers"),
        (["a"], [[1 + 2j]], "a matrix of numbers"),
        (["a"], [1.0], r"a matrix \[n, d\], not an array of shape \(1,\)"),
        ("a", [[1.0]], "words must be a list of strings, not 'a'"),
        (None, [[1.0]], "words must be a list of strings, not None"),
        ([1], [[1.0]], "words must be strings, found int"),
        (["a", None], [[1.0], [2.0]], "words must be strings, found NoneType"),
    ],
)
def test_wrong_kinds_are_refused(words: Any, matrix: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        WordVectors(words, matrix)


def test_vectors_are_shown_on_one_line() -> None:
    assert repr(VECTORS) == "WordVectors(4 words, 2 dimensions, some.vec)"
    assert repr(WordVectors(["a"], [[1.0, 2.0, 3.0]])) == "WordVectors(1 words, 3 dimensions)"
    model = SubwordVectors(["a"], np.ones(1, np.int64), np.ones((3, 5), np.float32), 3, 6, 2)
    assert repr(model) == "SubwordVectors(1 words, 5 dimensions)"


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


def test_a_word_is_found_in_any_letter_case_and_composed() -> None:
    words = ["\u017eeny", "Praha", "Cafe\u0301"]  # ženy composed, Café not
    table = WordVectors(words, np.eye(3, dtype=np.float32))
    asked = ["z\u030ceny", "Z\u030cENY", "\u017dENY", "Praha", "praha", "Cafe\u0301", "Caf\u00e9", "cafe"]
    assert [table.row_of(word) for word in asked] == [0, 0, 0, 1, 1, 2, 2, -1]


def test_the_most_frequent_of_several_spellings_is_found() -> None:
    table = WordVectors(["NASA", "Nasa", "us", "US"], np.eye(4, dtype=np.float32))
    assert [table.row_of(word) for word in ("nasa", "nAsA", "Nasa", "US", "Us")] == [0, 0, 1, 3, 2]


@pytest.mark.parametrize(
    ("words", "asked", "rows"),
    [
        (["ılık", "İzmir", "Ilgaz", "işık"], ["ILIK", "izmir", "ılgaz", "ilgaz", "İŞIK"], [0, 1, 2, -1, 3]),
        (["Izmir", "ISLAND"], ["izmir", "island", "İzmir", "ızmir"], [0, 1, 0, -1]),
        (["Straße", "ΛΌΓΟΣ"], ["STRASSE", "strasse", "λόγος"], [0, 0, 1]),
    ],
)
def test_letters_with_a_case_of_their_own(words: list[str], asked: list[str], rows: list[int]) -> None:
    table = WordVectors(words, np.eye(len(words), dtype=np.float32))
    assert [table.row_of(word) for word in asked] == rows
