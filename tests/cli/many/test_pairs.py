"""Tables of pairs: what they may say, and what is said about those that may not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator_cli.many.pairs import Pair, load_pairs

from translator.errors import DataError

HEADER = "source\ttarget\tdictionary\tname\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("en.vec", "fr.vec", "fi.vec", "cc.en.300.vec", "cc.fr.300.vec", "d.txt"):
        (tmp_path / name).touch()
    return tmp_path


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "pairs.tsv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


@pytest.mark.parametrize(
    "text",
    [
        "source\ttarget\tdictionary\nen.vec\tfr.vec\td.txt\nen.vec\tfi.vec\t\n",
        "source\ttarget\tdictionary\nen.vec\tfr.vec\td.txt\nen.vec\tfi.vec",
        "\ufeffsource\ttarget\tdictionary\r\nen.vec\tfr.vec\td.txt\r\nen.vec\tfi.vec\r\n",
        "# mine\n\nsource\ttarget\tdictionary\n# also\nen.vec\tfr.vec\td.txt\n\n en.vec \tfi.vec\t \n",
        "name\tdictionary\ttarget\tsource\n\td.txt\tfr.vec\ten.vec\nen-fi\t\tfi.vec\ten.vec\n",
        "Dict\tTGT\tsrc\nd.txt\tfr.vec\ten.vec\n\tfi.vec\ten.vec\n",
        'source,target,dictionary\nen.vec,fr.vec,d.txt\n"en.vec",fi.vec,\n',
        "source;target;dictionary\ren.vec;fr.vec;d.txt\ren.vec; fi.vec\r",
    ],
)
def test_the_ways_to_write_a_table(folder: Path, text: str) -> None:
    en, fr, fi = (folder / f"{code}.vec" for code in ("en", "fr", "fi"))
    expected = [Pair("en-fr", en, fr, folder / "d.txt"), Pair("en-fi", en, fi)]
    assert load_pairs(write(folder, text)) == expected
    assert load_pairs(write(folder, text.removeprefix("\ufeff").encode("utf-16"))) == expected


def test_names_and_files_are_as_they_are_written(folder: Path) -> None:
    absolute = f"source\ttarget\tname\n{folder / 'en.vec'}\tfr.vec\ta b\n"
    assert load_pairs(write(folder, absolute)) == [Pair("a b", folder / "en.vec", folder / "fr.vec")]


def test_names_of_cldr_instead_of_a_file(folder: Path) -> None:
    (folder / "cldr").write_text("house maison\n", "utf-8")
    table = "source\ttarget\tdictionary\nen.vec\tfr.vec\tcldr\nen.vec\tfi.vec\t./cldr\n"
    assert [pair.dictionary for pair in load_pairs(write(folder, table))] == ["cldr", folder / "cldr"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the table is empty"),
        ("# nothing\n\n", "the table is empty"),
        (HEADER, "has column names, but no pairs"),
        ("en.vec\tfr.vec\td.txt\n", r"tsv:1: unknown column 'en.vec'"),
        ("source target\nen.vec fr.vec\n", r"tsv:1: cells separated by spaces, expected tabs"),
        ("source\ttarget\tseed\n", r"tsv:1: unknown column 'seed', expected source, target, dictionary"),
        ("source\ttarget\t" + "x" * 999, r"tsv:1: unknown column 'x{60}'\.\.\., expected"),
        ("source\tsource\ttarget\n", r"tsv:1: the column 'source' occurs twice"),
        ("source\tname\n", r"tsv:1: the column 'target' is missing, found source, name"),
        (HEADER + "\nen.vec\tfr.vec\td.txt\tx\ty\n", r"tsv:3: expected 4 cells .*, found 5"),
        (HEADER + "en.vec\n", r"tsv:2: the target cell is empty"),
        (HEADER + "\tfr.vec\td.txt\n", r"tsv:2: the source cell is empty"),
        (HEADER + "en.vec\tfr.vec\nde.vec\tfr.vec\n", r"tsv:3: source: .*de.vec: no such file"),
        (HEADER + "en.vec\tde.vec\n", r"tsv:2: target: .*de.vec: no such file"),
        (HEADER + "en.vec\tfr.vec\tno.txt\n", r"tsv:2: dictionary: .*no.txt: no such file"),
        (HEADER + "en.vec\t.\n", r"tsv:2: target: .*: is a folder"),
        (HEADER + "en.vec\tfr\0.vec\n", "a binary file"),
        (HEADER + "en.vec\tfr.vec\t\t../x\n", r"tsv:2: '../x' cannot be the name"),
        (HEADER + "en.vec\tfr.vec\t\t.x\n", r"tsv:2: '.x' cannot be the name"),
        (HEADER + "en.vec\tfr.vec\t\ta/b\n", r"tsv:2: 'a/b' cannot be the name"),
        (HEADER + "en.vec\tfr.vec\t\tSummary.tsv\n", r"tsv:2: 'Summary.tsv' cannot be the name"),
        (HEADER + "en.vec\tfr.vec\n\nen.vec\tfr.vec\td.txt\n", r"tsv:4: .* 'en-fr', like the pair in line 2"),
        (HEADER + "en.vec\tfr.vec\t\tA\nfr.vec\ten.vec\t\ta\n", r"tsv:3: .* 'a', like the pair in line 2"),
        (b"source\ttarget\nen.vec\t\xff\n", r"tsv:2: not UTF-8"),
        (b"\x00\xff", "a binary file"),
    ],
)
def test_an_error_names_its_line(folder: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        load_pairs(write(folder, text))
    assert caught.value.hint or "binary" in message


def test_fasttext_names_are_distinguished(folder: Path) -> None:
    rows = "cc.en.300.vec\tcc.fr.300.vec\ncc.fr.300.vec\tcc.en.300.vec\n"
    pairs = load_pairs(write(folder, f"source\ttarget\n{rows}"))
    assert [pair.name for pair in pairs] == ["en-fr", "fr-en"]


def test_no_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        load_pairs(tmp_path / "none.tsv")


words = st.text("abcß水", min_size=1, max_size=3)


@given(names=st.lists(words, min_size=1, max_size=5, unique_by=str.casefold))
def test_pairs_come_back_in_order(names: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp() / "in-order"
    folder.mkdir(exist_ok=True)
    for name in ("en.vec", "fr.vec"):
        (folder / name).touch()
    rows = "".join(f"en.vec\tfr.vec\t{name}\n" for name in names)
    pairs = load_pairs(write(folder, f"source\ttarget\tname\n{rows}"))
    assert [pair.name for pair in pairs] == names
