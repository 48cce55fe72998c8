"""Text vectors: the parser against a plain loop, and one test for each line of its table."""

from __future__ import annotations

import gzip
import logging
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.errors import DataError, FormatError
from translator.formats import lines
from translator.formats.text import read_text, write_text
from translator.vectors import WordVectors
from translator.vectors.subword import END_OF_SENTENCE


def slow_read(content: str) -> tuple[list[str], list[list[float]]]:
    """Line by line and number by number; for regular files with a header."""
    rows = [line.split(" ") for line in content.splitlines()[1:]]
    return [row[0] for row in rows], [[float(number) for number in row[1:]] for row in rows]


def write(folder: Path, content: str | bytes, name: str = "x.vec") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(path: Path, limit: int | None = None) -> FormatError:
    with pytest.raises(FormatError) as caught:
        read_text(path, limit)
    assert str(path) in caught.value.message
    assert caught.value.hint
    return caught.value


# regular files


@pytest.mark.parametrize("form", ["%.4f", "%.5g", "%.9g", "%.18e"])
@pytest.mark.parametrize("end", ["", " "])
def test_a_regular_file_equals_the_plain_loop(
    tmp_path: Path, form: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "BLOCK", 1000)  # many blocks
    numbers = np.random.default_rng(0).normal(scale=0.1, size=(70, 9))
    rows = [f"wörd{i} " + " ".join(form % x for x in row) for i, row in enumerate(numbers)]
    words, values = slow_read("\n".join(["70 9", *rows]))
    vectors = read_text(write(tmp_path, "\n".join(f"{row}{end}" for row in ["70 9", *rows]) + "\n"))
    assert list(vectors.words) == words
    assert vectors.matrix.dtype == np.float32
    np.testing.assert_array_equal(vectors.matrix, np.array(values, np.float32))


@pytest.mark.parametrize("block", [1, 7, 64, 1 << 18])
@given(st.data())
def test_what_is_written_comes_back(
    tmp_path_factory: pytest.TempPathFactory, block: int, data: st.DataObject
) -> None:
    letters = st.characters(exclude_categories=["Cs"], exclude_characters=" \t\n")
    composed = st.text(letters, min_size=1, max_size=6).map(lambda word: normalize("NFC", word))
    spelled = composed.filter(lambda word: word != END_OF_SENTENCE)
    words = data.draw(st.lists(spelled, min_size=1, max_size=8, unique=True))
    numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)
    d = data.draw(st.integers(1, 4))
    rows = data.draw(
        st.lists(st.lists(numbers, min_size=d, max_size=d), min_size=len(words), max_size=len(words))
    )
    matrix = np.array(rows, np.float32)
    path = tmp_path_factory.getbasetemp() / "written.vec"
    write_text(WordVectors(words, matrix), path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", block)
        again = read_text(path)
    assert list(again.words) == words
    np.testing.assert_allclose(again.matrix, matrix, rtol=1e-5, atol=1e-44)


@pytest.mark.parametrize("name", ["x.vec.gz", "named-otherwise.vec"])
def test_gzip_is_recognised_by_its_content(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, gzip.compress(b"2 2\na 1 2\nb 3 4\n"), name)
    assert list(read_text(path).words) == ["a", "b"]


def test_a_name_that_ends_in_gz_is_packed(tmp_path: Path) -> None:
    vectors = WordVectors(["a"], np.array([[1, 0.5]], np.float32))
    write_text(vectors, tmp_path / "x.vec.gz")
    assert gzip.decompress((tmp_path / "x.vec.gz").read_bytes()) == b"1 2\na 1 0.5\n"


# the table, line by line


def test_a_first_line_of_two_integers_is_a_header(tmp_path: Path) -> None:
    vectors = read_text(write(tmp_path, "1 2\n1 2 3\n"))
    assert (vectors.words, vectors.matrix.tolist()) == (["1"], [[2, 3]])


def test_without_a_header_the_first_line_gives_the_dimension(tmp_path: Path) -> None:
    vectors = read_text(write(tmp_path, "two words 1 2\nb 3 4\n"))
    assert (vectors.words, vectors.matrix.tolist()) == (["two words", "b"], [[1, 2], [3, 4]])


def test_fewer_lines_than_the_header_says(tmp_path: Path) -> None:
    error = refused(write(tmp_path, "3 2\na 1 2\nb 3 4\n"))
    assert "2 vectors, but the header says 3" in error.message
    assert "`limit`" in error.hint


def test_a_limit_reads_the_beginning_of_a_file_cut_off(tmp_path: Path) -> None:
    assert len(read_text(write(tmp_path, "3 2\na 1 2\nb 3 4\nc 5"), limit=2)) == 2


def test_more_lines_than_the_header_says(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert len(read_text(write(tmp_path, "1 2\na 1 2\nb 3 4\n"))) == 2
    assert "2 vectors, but the header says 1; all were read" in caplog.text


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("b 3", "too few numbers: 1 after the word, expected 2"),
        ("b", "too few numbers: 0 after the word, expected 2"),
        ("b 3 4 5", "too many numbers: expected 2 after the word"),
        ("b 3 x", "'x' in the vector of 'b' is not a number"),
        ("b 3 4,5", "'4,5' in the vector of 'b' is not a number"),
        ("b 3 .", "'.' in the vector of 'b' is not a number"),
        ("b 3 1_0", "'1_0' in the vector of 'b' is not a number"),
        ("b nan 4", "'nan' in the vector of 'b' is not a finite 32-bit number"),
        ("b 3 -inf", "'-inf' in the vector of 'b' is not a finite 32-bit number"),
        ("b 3 1e39", "'1e39' in the vector of 'b' is not a finite 32-bit number"),
    ],
)
@pytest.mark.parametrize("header", ["", "4 2\n"])
@pytest.mark.parametrize("block", [8, 1 << 18])
def test_a_bad_line_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, message: str, header: str, block: int
) -> None:
    monkeypatch.setattr(lines, "BLOCK", block)
    path = write(tmp_path, f"{header}a 1 2\n\na 5 6\n{line}\nc 7 8\n")
    assert refused(path).message == f"{path}:{4 + bool(header)}: {message}"


def test_several_words_before_the_numbers(tmp_path: Path) -> None:
    vectors = read_text(write(tmp_path, "3 2\nNew York 1 2\n. . . 3 4\nb 5 6\n"))
    assert (vectors.words, vectors.matrix.tolist()) == (["New York", ". . .", "b"], [[1, 2], [3, 4], [5, 6]])


def test_other_spaces_are_part_of_a_word(tmp_path: Path) -> None:
    words = ["10\u00a0000", "全\u3000角", "\u2028", "a\x0bb", "\u0085"]
    vectors = read_text(write(tmp_path, "".join(f"{word} 1 2\n" for word in words)))
    assert vectors.words == words


@pytest.mark.parametrize(
    "content",
    [
        "2 2\r\na 1 2\r\nb 3 4\r\n",
        "2\t2\na\t1\t2\nb\t3\t4\n",
        "a 1 2 \nb 3 4 ",
        "a  1   2\n\n\nb 3\t4",
        "\ufeff2 2\na 1 2\nb 3 4",
        "2 2\ra 1 2\rb 3 4\r",
        "a 1 2\rb 3 4",
        "\n \n2 2\na 1 2\nb 3 4\n",
        "\r\na 1 2\r\nb 3 4\r\n",
    ],
)
def test_other_line_ends_and_separators(tmp_path: Path, content: str) -> None:
    vectors = read_text(write(tmp_path, content))
    assert (vectors.words, vectors.matrix.tolist()) == (["a", "b"], [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("lines_", "warning"),
    [
        (b"a 9 9\na 8 8\n", "skipped 2 entries with a word seen before, the first on line 3"),
        (b" 9 9\n", "skipped 1 entries with an empty word, the first on line 3"),
        (b"caf\xe9 9 9\n", "skipped 1 entries with invalid UTF-8, the first on line 3"),
    ],
)
def test_entries_that_are_skipped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, lines_: bytes, warning: str
) -> None:
    count = 2 + lines_.count(b"\n")
    vectors = read_text(write(tmp_path, b"%d 2\na 1 2\n%bb 3 4\n" % (count, lines_)))
    assert (vectors.words, vectors.matrix.tolist()) == (["a", "b"], [[1, 2], [3, 4]])
    assert warning in caplog.text
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ("0 300\n", "no vectors"),
        (" 1 2\n 3 4\n", "no vectors"),
        ("3 300\n", "0 vectors, but the header says 3"),
        ("5 0\n", "expected a header 'n d', or a word and its numbers; found '5 0'"),
        ("<!doctype html>\n<html>", "found '<!doctype html>'"),
        ("\n\n", "the file is empty"),
        ("\n\nword\n", ":3: expected a header 'n d'"),
    ],
)
def test_files_without_vectors(tmp_path: Path, content: str, message: str) -> None:
    assert message in refused(write(tmp_path, content)).message


def test_lines_that_end_in_cr_are_read_from_gzip_and_up_to_a_limit(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"3 2\ra 1 2\rb 3 4\rc 5"))
    assert read_text(path, 2).matrix.tolist() == [[1, 2], [3, 4]]
    assert "header says" in refused(write(tmp_path, b"3 2\ra 1 2\rb 3 4\r")).message


def test_another_encoding_is_refused_and_a_few_bad_words_are_not(tmp_path: Path) -> None:
    bad, good = ("".join(f"{letter}{number} 1 2\n" for number in range(20)) for letter in ("é", "ü"))
    error = refused(write(tmp_path, (good + bad).encode("latin-1")))
    assert "40 words are not UTF-8, the first on line 1" in error.message and "iconv -f latin1" in error.hint
    mixed = bad.encode("latin-1") + good.encode()
    assert len(read_text(write(tmp_path, mixed))) == 20


def test_gzip_cut_off_or_damaged(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).normal(size=(500, 10))
    packed = gzip.compress("".join(f"w{i} {' '.join(map(str, x))}\n" for i, x in enumerate(numbers)).encode())
    assert "damaged gzip" in refused(write(tmp_path, packed[: len(packed) // 2])).message
    broken = packed[:5000] + bytes(20) + packed[5020:]
    assert "damaged gzip" in refused(write(tmp_path, broken)).message


@pytest.mark.parametrize("block", [8, 1 << 18])
def test_limit_counts_words_that_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, block: int
) -> None:
    monkeypatch.setattr(lines, "BLOCK", block)
    path = write(tmp_path, "9 2\na 1 2\na 1 2\nb 3 4\nbroken line\n")
    caplog.set_level(logging.ERROR)
    assert read_text(path, limit=2).words == ["a", "b"]
    assert read_text(path, limit=1).matrix.tolist() == [[1, 2]]
    assert "too few" in refused(path, limit=3).message


def test_a_header_cannot_ask_for_memory(tmp_path: Path) -> None:
    assert "the header says 99999999999" in refused(write(tmp_path, "99999999999 2\na 1 2\n")).message
    assert "too few numbers" in refused(write(tmp_path, "1 999999999\na 1 2\n")).message


@pytest.mark.parametrize("word", ["", "a\nb", "\udce9"])
def test_words_that_cannot_be_written(tmp_path: Path, word: str) -> None:
    with pytest.raises(DataError, match="cannot be stored"):
        write_text(WordVectors(["a", word], np.zeros((2, 2), np.float32)), tmp_path / "x.vec")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("word", [" a", "a ", "area 51", "x\t0.5"])
def test_words_that_would_be_read_back_as_others(tmp_path: Path, word: str) -> None:
    with pytest.raises(DataError, match="another word"):
        write_text(WordVectors([word], np.zeros((1, 2), np.float32)), tmp_path / "x.vec")
    assert not list(tmp_path.iterdir())


def test_the_line_break_of_fasttext_is_no_word(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "x.vec").write_text("3 2\nthe 1 2\n</s> 3 4\nof 5 6\n")
    vectors = read_text(tmp_path / "x.vec")
    assert list(vectors.words) == ["the", "of"] and vectors.matrix.tolist() == [[1, 2], [5, 6]]
    assert list(read_text(tmp_path / "x.vec", 2).words) == ["the", "of"] and caplog.text == ""
