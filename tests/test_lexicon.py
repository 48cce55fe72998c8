"""Dictionaries: every decided behaviour of reading, and matching with two vocabularies."""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from translator.errors import DataError, FormatError
from translator.lexicon import Lexicon, LexiconLike, identical, load_lexicon
from translator.vectors import WordVectors

PAIRS = (("house", "maison"), ("house", "foyer"), ("tree", "arbre"))


def vocabulary(*words: str) -> WordVectors:
    return WordVectors(words, np.ones((len(words), 2), np.float32))


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("house\tmaison\nhouse\tfoyer\ntree\tarbre\n", PAIRS),
        ("house maison\nhouse  foyer\n tree arbre", PAIRS),
        ("house\tmaison\r\nhouse\tfoyer\r\ntree\tarbre\r\n", PAIRS),
        ("\ufeffhouse\tmaison\nhouse\tfoyer\ntree\tarbre\n", PAIRS),
        ("source\ttarget\nhouse\tmaison\nhouse\tfoyer\ntree\tarbre\n", PAIRS),
        ("SRC tgt\nhouse maison\nhouse foyer\ntree arbre\n", PAIRS),
        ("# made by hand\n\n \t \nhouse\tmaison\nhouse\tfoyer\n# end\ntree\tarbre\n", PAIRS),
        ("# made by hand\nsource\ttarget\nhouse\tmaison\nhouse\tfoyer\ntree\tarbre\n", PAIRS),
        ("# made by\tme\nhouse maison\nhouse foyer\ntree arbre\n", PAIRS),
        ("house\tmaison\t0.9\t1\nhouse\tfoyer\ntree\tarbre\tx\n", PAIRS),
        ("New York\tla ville\n", (("New York", "la ville"),)),
        ("house \t maison\n", (("house", "maison"),)),
        ("10\u00a0000\tdix\u00a0mille\n", (("10\u00a0000", "dix\u00a0mille"),)),
        ("source\tsource\nword\tmot\n", (("source", "source"), ("word", "mot"))),
        ("tree\tarbre\nsource\ttarget\n", (("tree", "arbre"), ("source", "target"))),
        ("Haus\tHouse\nhaus\thouse\n", (("Haus", "House"), ("haus", "house"))),
    ],
)
def test_what_is_read(tmp_path: Path, text: str, pairs: tuple[tuple[str, str], ...]) -> None:
    (tmp_path / "d.txt").write_bytes(text.encode())
    assert load_lexicon(tmp_path / "d.txt").pairs == pairs


def test_repeated_pairs_are_kept_once_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "d.txt").write_text("a b\nc d\na b\na b\n")
    with caplog.at_level(logging.INFO):
        assert load_lexicon(tmp_path / "d.txt").pairs == (("a", "b"), ("c", "d"))
    assert "2 repeated pairs kept once" in caplog.text


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        (b"a b\nalone\n", 2, "expected two words, found 'alone'", "source<tab>target"),
        (b"a\tb\n\n\tc\n", 3, r"expected two words, found '\\tc'", "source<tab>target"),
        (b"a\tb\nc\t \n", 2, "expected two words", "source<tab>target"),
        (b"a\tb\nc d\n", 2, "expected two words, found 'c d'", "source<tab>target"),
        (b"a b\nNew York stad\n", 2, "found 3: 'New York stad'", "a tab"),
        (b"house,maison\n", 1, "found 'house,maison'", r"tr ',' '\t' < "),
        (b"source\na b\n", 1, "expected two words, found 'source'", "source<tab>target"),
        (b"a b\nc d\ncaf\xe9 x\n", 3, "not UTF-8", "iconv"),
    ],
)
def test_what_is_refused_names_the_line(
    tmp_path: Path, text: bytes, line: int, message: str, hint: str
) -> None:
    (tmp_path / "d.txt").write_bytes(text)
    with pytest.raises(FormatError, match=rf"d\.txt:{line}: .*{message}") as caught:
        load_lexicon(tmp_path / "d.txt")
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "source\ttarget\n"])
def test_a_file_without_a_pair(tmp_path: Path, text: str) -> None:
    (tmp_path / "d.txt").write_text(text)
    with pytest.raises(DataError, match="holds no pair of words"):
        load_lexicon(tmp_path / "d.txt")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        load_lexicon(tmp_path / "none.txt")


def test_a_lexicon_is_its_pairs() -> None:
    lexicon = Lexicon.of([*PAIRS, PAIRS[0]])
    assert len(lexicon) == 3 and tuple(lexicon) == lexicon.pairs == PAIRS
    assert lexicon.sources() == ("house", "tree") and lexicon.targets() == ("maison", "foyer", "arbre")
    assert lexicon.inverse().pairs[0] == ("maison", "house") and lexicon.inverse().inverse() == lexicon


def test_matching_gives_rows_and_what_is_missing() -> None:
    source, target = vocabulary("tree", "house", "sea"), vocabulary("arbre", "maison")
    matched = Lexicon((*PAIRS, ("sea", "mer"), ("moon", "maison"))).match(source, target)
    assert matched.rows.tolist() == [[1, 1], [0, 0]] and matched.rows.dtype == np.int64
    assert matched.missing == (("house", "foyer"), ("sea", "mer"), ("moon", "maison"))
    assert matched.total == 5 and matched.coverage == pytest.approx(0.4)


def test_matching_prefers_the_spelling_and_falls_back_to_lower_case() -> None:
    source, target = vocabulary("Polish", "polish", "apple"), vocabulary("a", "b")
    lexicon = Lexicon((("Polish", "a"), ("polish", "B"), ("APPLE", "a"), ("Apple", "A"), ("aPPLE", "c")))
    matched = lexicon.match(source, target)
    assert matched.rows.tolist() == [[0, 0], [1, 1], [2, 0]]
    assert matched.missing == (("aPPLE", "c"),)
    assert not len(Lexicon((("ä", "A"),)).match(vocabulary("Ä"), target).rows), "never to upper case"


def test_nothing_matches() -> None:
    matched = Lexicon((("x", "y"),)).match(vocabulary("a"), vocabulary("b"))
    assert matched.rows.shape == (0, 2) and matched.rows.dtype == np.int64 and matched.coverage == 0
    assert Lexicon(()).match(vocabulary("a"), vocabulary("b")).coverage == 0


def test_identical_strings_in_the_order_of_the_source() -> None:
    found = identical(vocabulary("x", "2024", "Paris", "chat"), vocabulary("paris", "chat", "2024"))
    assert found.pairs == (("2024", "2024"), ("chat", "chat"))


lexicons = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("xyz"))).map(Lexicon.of)


@settings(deadline=None)
@given(lexicons, st.floats(0, 1), st.integers(0, 9))
def test_split_parts_share_no_source_word(lexicon: Lexicon, share: float, seed: int) -> None:
    train, test = lexicon.split(share, seed)
    assert not set(train.sources()) & set(test.sources())
    assert len(test.sources()) == round(share * len(lexicon.sources()))
    assert sorted([*train, *test]) == sorted(lexicon)
    assert lexicon.split(share, seed) == (train, test), "the same seed must give the same split"


@settings(deadline=None)
@given(lexicons, st.integers(0, 12), st.integers(0, 9))
def test_sample_keeps_all_translations_of_its_words(lexicon: Lexicon, count: int, seed: int) -> None:
    drawn = lexicon.sample(count, seed)
    assert len(drawn.sources()) == min(count, len(lexicon.sources()))
    assert drawn.pairs == tuple(pair for pair in lexicon if pair[0] in drawn.sources())


def test_another_seed_gives_another_sample() -> None:
    lexicon = Lexicon(tuple((str(number), "x") for number in range(100)))
    assert lexicon.sample(10, 0) != lexicon.sample(10, 1)


def test_a_pipe_is_read_once_and_known_by_what_came_out_of_it(tmp_path: Path) -> None:
    content = b"house\tmaison\n"
    os.mkfifo(tmp_path / "pipe")
    writer = Thread(target=(tmp_path / "pipe").write_bytes, args=[content])
    writer.start()
    lexicon = load_lexicon(tmp_path / "pipe")
    writer.join()
    assert lexicon.pairs == (("house", "maison"),)
    assert lexicon.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    "pairs",
    [
        [["a", "x"], ("a", "y"), ["b", "x"], ("a", "x")],
        {"a": ["x", "y", "x"], "b": "x"},
        {"a": ("x", "y"), "b": {"x"}},
        Lexicon((("a", "x"), ("a", "y"), ("b", "x"))),
        zip("aab", "xyx", strict=True),
    ],
)
def test_pairs_in_any_form_make_a_lexicon(pairs: LexiconLike) -> None:
    lexicon = Lexicon.of(pairs)
    assert lexicon.pairs == (("a", "x"), ("a", "y"), ("b", "x"))
    assert Lexicon.of(lexicon) is lexicon
    assert Lexicon(list(lexicon)) == lexicon  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "pairs",
    [[("a", "x", 1.0)], [("a", None)], [("a",)], [1], ["ab"], [np.array(["a", "x"])], {"a": None}, {1: "x"}],
)
def test_what_is_no_pair_is_refused(pairs: Any) -> None:
    with pytest.raises(DataError, match="expected a pair of words, found "):
        Lexicon.of(pairs)


@pytest.mark.parametrize("given", ["en-fr.txt", Path("en-fr.txt"), 1, None])
def test_what_is_no_collection_of_pairs_is_refused(given: Any) -> None:
    with pytest.raises(DataError, match="expected pairs of words, found ") as caught:
        Lexicon.of(given)
    assert "load_lexicon" in caught.value.hint
    with pytest.raises(DataError, match="expected pairs of words, found "):
        Lexicon(given)


def test_a_lexicon_is_shown_on_one_line(tmp_path: Path) -> None:
    assert repr(Lexicon.of((str(n), "x") for n in range(1234))) == "Lexicon(1,234 pairs)"
    (tmp_path / "d.txt").write_text("a b\n")
    assert repr(load_lexicon(tmp_path / "d.txt")) == f"Lexicon(1 pairs, {tmp_path / 'd.txt'})"
