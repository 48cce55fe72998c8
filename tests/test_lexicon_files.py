"""Files of a lexicon, each read back by the rules of the program that it is for."""

from __future__ import annotations

import csv
import json
import struct
from base64 import b64decode
from pathlib import Path

import pytest
from translator_cli.lexicon import lexicon

from translator.errors import DataError
from translator.induction import Entry
from translator.lexicon_files import FORMATS, files_of, lexicon_text, write_lexicon

ENTRIES = [
    Entry("house", "maison", 0.61234, 1, True, 0.9),
    Entry("house", "foyer", 0.5, 2, False, 0.05),
    Entry("Éa", 'l"eau', 0.4, 1, True, 0.5),
    Entry("apple", "pomme", 0.3, 1, False, 0.25),
    Entry("Apple", "Apple", 0.3, 1, False, 1e-9),
]
ODD = [
    Entry(source, target, 0.1, 1, False, 0.1)
    for source, target in [("a\tb", "x"), ("c d", "y"), ("e", "y\nz"), ("f", "\r"), ("g @ h", "@")]
]


def test_tables(tmp_path: Path) -> None:
    write_lexicon(ENTRIES, tmp_path / "x.tsv")
    lines = (tmp_path / "x.tsv").read_text("utf-8").splitlines()
    assert lines[0] == "source\ttarget\tscore\trank\tmutual\tprobability" and len(lines) == 6
    assert lines[1].split("\t") == ["house", "maison", "0.6123", "1", "yes", "0.9000"]
    write_lexicon([*ENTRIES, *ODD], tmp_path / "x.csv", "csv")
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = [(row["source"], row["target"]) for row in rows]
    assert found == [(entry.source, entry.target) for entry in [*ENTRIES, *ODD]]
    assert rows[0]["probability"] == "0.9000"
    assert lexicon_text([Entry("a", "b", 1.0, 1, True)]).splitlines()[1] == "a\tb\t1.0000\t1\tyes\t"


def test_json() -> None:
    found = json.loads(lexicon_text([*ENTRIES, *ODD], "json"))
    assert found["house"] == [
        {"word": "maison", "probability": 0.9, "score": 0.6123, "mutual": True},
        {"word": "foyer", "probability": 0.05, "score": 0.5, "mutual": False},
    ]
    assert len(found) == 4 + len(ODD) and found["a\tb"][0]["word"] == "x"
    assert json.loads(lexicon_text([], "json")) == {}


def test_moses_has_conditional_probabilities() -> None:
    lines = [line.split(" ") for line in lexicon_text(ENTRIES, "moses").splitlines()]
    assert lines[:2] == [["maison", "house", "0.9000000"], ["foyer", "house", "0.0500000"]]
    assert all(len(line) == 3 for line in lines)
    with pytest.raises(DataError, match="no probabilities"):
        lexicon_text([Entry("a", "b", 1.0, 1, True)], "moses")


def test_hunalign_has_the_target_first() -> None:
    lines = [line.split(" @ ") for line in lexicon_text([*ENTRIES, *ODD], "hunalign").splitlines()]
    assert lines[0] == ["maison", "house"] and lines[-1] == ["y", "c d"]
    assert all(len(line) == 2 for line in lines) and len(lines) == 6


def test_anki_cards() -> None:
    head, cards = (lines := lexicon_text(ENTRIES, "anki").splitlines())[:3], lines[3:]
    assert head == ["#separator:tab", "#html:false", "#columns:source\ttarget"]
    assert list(csv.reader(cards, delimiter="\t")) == [
        ["house", "maison, foyer"],
        ["Éa", 'l"eau'],
        ["apple", "pomme"],
        ["Apple", "Apple"],
    ]


def test_stardict(tmp_path: Path) -> None:
    long = Entry("l" * 256, "long", 0.1, 1, False, 0.1)
    write_lexicon([*ENTRIES, long, *ODD], tmp_path / "en-fr.ifo", "stardict")
    assert {file.name for file in tmp_path.iterdir()} == {"en-fr.ifo", "en-fr.idx", "en-fr.dict"}
    lines = (tmp_path / "en-fr.ifo").read_text("utf-8").splitlines()
    assert lines[:2] == ["StarDict's dict ifo file", "version=2.4.2"]
    info = dict(line.split("=") for line in lines[1:])
    index, text = ((tmp_path / f"en-fr.{end}").read_bytes() for end in ("idx", "dict"))
    assert info["bookname"] == "en-fr" and info["sametypesequence"] == "m"
    assert int(info["idxfilesize"]) == len(index)
    found, place = [], 0
    while place < len(index):
        end = index.index(b"\0", place)
        start, size = struct.unpack(">II", index[end + 1 : end + 9])
        found.append((index[place:end].decode(), text[start : start + size].decode()))
        place = end + 9
    assert len(found) == int(info["wordcount"])
    assert found[:2] == [("a\tb", "x"), ("Apple", "Apple")]
    assert ("house", "maison, foyer") in found and ("Éa", 'l"eau') in found
    ordered = [(word.encode().lower(), word.encode()) for word, _ in found]
    assert ordered == sorted(ordered)


def test_dictd(tmp_path: Path) -> None:
    many = [Entry(f"w{number}", "t" * 20, 0.1, 1, False, 0.1) for number in range(300)]
    write_lexicon([*ENTRIES, *many, *ODD], tmp_path / "en-fr.index", "dictd")
    index, text = ((tmp_path / f"en-fr.{end}").read_bytes() for end in ("index", "dict"))
    lines = [line.split(b"\t") for line in index.splitlines()]
    assert [line[0] for line in lines] == sorted(line[0] for line in lines)
    assert all(line[0] == line[0].decode().lower().encode() for line in lines)

    def number(digits: bytes) -> int:  # base64 of three bytes is four digits
        return int.from_bytes(b64decode(digits.rjust(8, b"A")))

    found = {}
    for word, start, size, *spelled in lines:
        place = number(start)
        head, _, body = text[place : place + number(size)].decode().partition("\n")
        assert head.encode() == (spelled[0] if spelled else word)
        found[head] = body
    assert found["house"] == "  maison, foyer\n" and found["Apple"] == "  Apple\n"
    assert found["w299"] == f"  {'t' * 20}\n" and found["Éa"] == '  l"eau\n'
    assert found["00-database-short"] == "en-fr\n"
    assert {"00-database-utf8", "00-database-allchars", "apple", "c d"} < set(found)
    assert len(text) == sum(number(line[2]) for line in lines) > 64**2


def test_words_that_a_format_cannot_hold_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    assert [line.split("\t")[0] for line in lexicon_text(ODD).splitlines()] == ["source", "c d", "g @ h"]
    assert "3 entries left out: a word has characters that tsv cannot hold" in caplog.text
    assert lexicon_text(ODD, "moses") == ""
    assert "5 entries left out" in caplog.text


def test_names_of_files(tmp_path: Path) -> None:
    assert files_of("x.anything", "tsv") == [Path("x.anything")]
    with pytest.raises(DataError, match=r"ends in \.ifo"):
        write_lexicon(ENTRIES, tmp_path / "x.dict", "stardict")
    with pytest.raises(DataError, match="several files"):
        lexicon_text(ENTRIES, "stardict")
    with pytest.raises(DataError, match="expected one of tsv, csv"):
        write_lexicon(ENTRIES, tmp_path / "x", "xdxf")
    assert list(tmp_path.iterdir()) == []


def test_the_command_offers_all_formats() -> None:
    option = next(one for one in lexicon.params if one.name == "form")
    assert list(option.type.choices) == list(FORMATS)  # type: ignore[attr-defined]
