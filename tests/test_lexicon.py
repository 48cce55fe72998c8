"""Dictionaries: every decided behaviour of reading, and matching with two vocabularies."""

from __future__ import annotations

import hashlib
import logging
import os
import re
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from translator.errors import DataError, FormatError
from translator.lexicon import Lexicon, LexiconLike, identical, load_lexicon, no_match
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
        ("1\tun\t0.9\n2\tdeux\t0.8\n", (("1", "un"), ("2", "deux"))),
        ("house\tmaison\t0.9\t1\nhouse\tfoyer\ntree\tarbre\tx\n", PAIRS),
        ("New York\tla ville\n", (("New York", "la ville"),)),
        ("house \t maison\n", (("house", "maison"),)),
        ("10\u00a0000\tdix\u00a0mille\n", (("10\u00a0000", "dix\u00a0mille"),)),
        ("source\tsource\nword\tmot\n", (("source", "source"), ("word", "mot"))),
        ("tree\tarbre\nsource\ttarget\n", (("tree", "arbre"), ("source", "target"))),
        ("Haus\tHouse\nhaus\thouse\n", (("Haus", "House"), ("haus", "house"))),
        ("house\tmaison\rhouse\tfoyer\rtree\tarbre\r", PAIRS),
        ("house,maison\nhouse, foyer,noun\n tree ,arbre\n", PAIRS),
        ('source;target\n"house";"maison"\nhouse;foyer\n"tree";arbre\n', PAIRS),
        ("house;maison, chez soi\ntree;arbre\n", (("house", "maison, chez soi"), ("tree", "arbre"))),
        ("1,000 mille\na b\nc d\n", (("1,000", "mille"), ("a", "b"), ("c", "d"))),
        ("#1\t#1\n# 2\t2\n#\n#hash\tcroisillon\n", (("#1", "#1"), ("#hash", "croisillon"))),
        ("#source\ttarget\nhouse\tmaison\n", PAIRS[:1]),
        ("e\u0301te\u0301\tsummer\n\u00e9t\u00e9\tsummer\n", (("été", "summer"),)),
        ('{"house": ["maison", "foyer"], "tree": "arbre"}', PAIRS),
        ('[["house", "maison"], ["house", "foyer"], ["tree", "arbre"]]', PAIRS),
        ("[sic]\t[sic]\n{a}\tb\n", (("[sic]", "[sic]"), ("{a}", "b"))),
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
        (b"a,b\nc,d\nalone\n", 3, "expected two words separated by ',', found 'alone'", "source<tab>target"),
        (b"a b c " + b"x" * 5000, 1, r"found 4: 'a b c x{54}'\.\.\.$", "a tab"),
        (b'{"house": ["maison"],\n"tree": ["arb', 2, "not valid JSON", '[["source", "target"], ...]'),
        (b'{"house": "maison"}\n{"tree": "arbre"}\n', 2, "not valid JSON", '[["source", "target"], ...]'),
        (
            b"2 3\nthe 0.1 -0.2 1e-05\n",
            2,
            "word vectors, expected a dictionary: 'the 0.1",
            "source<tab>target",
        ),
        (b"source\na b\n", 1, "expected two words, found 'source'", "source<tab>target"),
        (b"a b\nc d\ncaf\xe9 x\n", 3, "not UTF-8", "iconv -f latin1 -t utf-8 "),
        (b"\xff\xfea\x00 \x00b\x00\n", 1, "not UTF-16", "iconv"),
    ],
)
def test_what_is_refused_names_the_line(
    tmp_path: Path, text: bytes, line: int, message: str, hint: str
) -> None:
    (tmp_path / "d.txt").write_bytes(text)
    with pytest.raises(FormatError) as caught:
        load_lexicon(tmp_path / "d.txt")
    assert re.search(rf"d\.txt:{line}: .*{message}", caught.value.message)
    assert hint in caught.value.hint


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_a_byte_order_mark_names_the_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "d.txt").write_bytes("дом\tmaison\n".encode(encoding))
    assert load_lexicon(tmp_path / "d.txt").pairs == (("дом", "maison"),)


TEI = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0"><text><body><entry><form><orth>house</orth></form>
<sense><cit type="trans"><quote>maison</quote></cit><cit type="trans"><quote>foyer</quote></cit></sense>
<sense><cit type="example"><quote>the house</quote></cit></sense></entry>
<entry><form><orth>tree</orth></form><sense><cit type="trans"><quote>arbre</quote></cit></sense></entry>
</body></text></TEI>"""
TMX = """<tmx version="1.4"><header/><body>
<tu><tuv xml:lang="en"><seg>house</seg></tuv><tuv xml:lang="fr"><seg>mai<hi>son</hi></seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>house</seg></tuv><tuv xml:lang="fr"><seg> foyer</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>alone</seg></tuv></tu>
<tu><tuv><seg>tree</seg></tuv><tuv><seg>arbre</seg></tuv><tuv><seg>puu</seg></tuv></tu></body></tmx>"""


@pytest.mark.parametrize("text", [TEI, TMX])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_dictionaries(tmp_path: Path, text: str, encoding: str) -> None:
    (tmp_path / "d.xml").write_bytes(
        text.replace('encoding="UTF-8"', f'encoding="{encoding}"').encode(encoding)
    )
    assert load_lexicon(tmp_path / "d.xml").pairs == PAIRS


@pytest.mark.parametrize(
    ("name", "content", "message", "hint"),
    [
        ("d.ifo", b"StarDict's dict ifo file\nversion=2.4.2\n", "StarDict or DICT", "pyglossary d.ifo d.txt"),
        ("d.idx", b"house\0\0\0", "StarDict or DICT", "pyglossary d.ifo d.txt"),
        ("d.dict.dz", b"\x1f\x8b", "StarDict or DICT", "pyglossary d.ifo d.txt"),
        (
            "d.txt",
            b'{"a": {"b": "%s"}}' % (b"x" * 99),
            'JSON of another form: \'{"a": {',
            '["source", "target"]',
        ),
        ("d.txt", b'[{"en": "house", "de": "Haus"}]', "JSON of another form", '["source", "target"]'),
        ("d.json", b"[house]", "d.json:1: not valid JSON", '["source", "target"]'),
        ("d.csv", b"id,english,german\n1,house,Haus\n2,tree,Baum\n", "3 columns", "the column of numbers"),
        ("d.csv", b",english,german\n0,house,Haus\n", "', english, german'; expected two", "the column"),
        ("d.csv", b"1\thouse\tHaus\n2\ttree\tBaum\n", "'1, house, Haus'; expected two", "the column"),
        ("d.txt.gz", b"\x1f\x8b", "compressed by gzip", "gunzip d.txt.gz"),
        ("d.xlsx", b"PK\x03\x04", "a spreadsheet", "CSV"),
        ("d.xml", b"<?xml version='1.0'?><xdxf/>", "XML with the root <xdxf>", "pyglossary d.xml d.xml.txt"),
        ("d.xml", b"<?xml version='1.0'?><TEI>", "damaged XML", "Download"),
        ("d.txt", b"a\0\xff\xfe", "a binary file", "UTF-8"),
        (
            "d.txt",
            "house\tmaison\n".encode("utf-16-le"),
            "UTF-16 without",
            "iconv -f utf-16le -t utf-8 d.txt",
        ),
    ],
)
def test_files_of_other_kinds_name_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, message: str, hint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(content)
    with pytest.raises(FormatError) as caught:
        load_lexicon(name)
    assert message in caught.value.message and hint in caught.value.hint


@pytest.mark.parametrize("path", [["a"], 5, None, {"a": "b"}])
def test_what_is_no_path_is_refused(path: Any) -> None:
    with pytest.raises(DataError, match=r"expected the path of a dictionary, found an? ") as caught:
        load_lexicon(path)
    assert caught.value.hint == "Use Lexicon.of(PAIRS) for pairs."


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


def test_matching_prefers_the_spelling_and_falls_back_to_any_letter_case() -> None:
    source, target = vocabulary("Polish", "polish", "apple", "NASA", "Nasa"), vocabulary("a", "b", "Äu\u00df")
    lexicon = Lexicon((("Polish", "a"), ("polish", "B"), ("Apple", "A"), ("aPPLE", "c"), ("nasa", "ÄUSS")))
    matched = lexicon.match(source, target)
    assert matched.rows.tolist() == [[0, 0], [1, 1], [2, 0], [3, 2]]
    assert matched.missing == (("aPPLE", "c"),) and matched.recased == 3


def test_columns_the_other_way_round_are_named(caplog: pytest.LogCaptureFixture) -> None:
    source, target = vocabulary("house", "tree", "sea"), vocabulary("maison", "arbre", "sea")
    swapped = Lexicon((("maison", "house"), ("arbre", "tree")))
    error = no_match(swapped, source, target)
    assert "but 2 are with the columns exchanged" in error.message and error.hint.startswith(
        "Exchange the columns"
    )
    assert swapped.match(source, target).exchanged == 2 and caplog.text == ""
    Lexicon((*swapped.pairs, ("sea", "sea"))).match(source, target)
    assert "1 of 3 dictionary pairs are in the vocabularies, but 3 would be with the columns" in caplog.text


@pytest.mark.parametrize("form", ["{}_NOUN", "/c/fr/{}", '"{}"'])
def test_words_of_the_vocabulary_are_shown_next_to_those_of_the_dictionary(form: str) -> None:
    present = form.format("arbre"), form.format("maison")
    source, target = vocabulary("house", "tree"), vocabulary("la", *present)
    message = no_match(Lexicon(PAIRS), source, target).message
    shown = f"the dictionary has 'maison', 'arbre', the target vectors have {present[1]!r}, {present[0]!r}"
    assert message.endswith(shown)
    message = no_match(Lexicon((("house", "y" * 5000),)), source, vocabulary()).message
    assert message.endswith(f"the dictionary has {'y' * 60!r}..., the target vectors have none")


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
