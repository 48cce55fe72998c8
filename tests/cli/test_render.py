"""Tables, and names of folders: what needs no alignment."""

from __future__ import annotations

from pathlib import Path

import pytest
from translator_cli.folder import default_folder
from translator_cli.render import table


def test_a_table_is_aligned_in_every_script() -> None:
    rows = [("word", "translation"), ("水", "water"), ("e\u0301te\u0301", "summer")]
    assert table(rows).splitlines() == ["word  translation", "水    water", "e\u0301te\u0301   summer"]


def test_a_table_with_a_header() -> None:
    assert table([("1", "2")], ("one", "two")) == "one  two\n1    2"


@pytest.mark.parametrize(
    ("source", "target", "folder"),
    [
        ("src.vec", "tgt.vec", "src-tgt"),
        ("/data/cc.en.300.vec.gz", "../cc.de.300.bin", "en-de"),
        ("en", "de", "en-de"),
        (".vec", "de.vec", "source-de"),
    ],
)
def test_the_name_of_a_new_folder(source: str, target: str, folder: str) -> None:
    assert default_folder(Path(source), Path(target)) == Path(folder)
