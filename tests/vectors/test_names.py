"""Names of languages from the names of files."""

from __future__ import annotations

from pathlib import Path

from translator.vectors.names import pair_name


def test_the_name_of_a_pair() -> None:
    assert pair_name(Path("x/en.vec.gz"), Path("fr.300.bin")) == "en-fr"
    assert pair_name(Path(".vec"), Path(".vec")) == "source-target"
    assert pair_name(Path("wiki.en.vec"), Path("wiki.de.vec")) == "en-de"
    assert pair_name(Path("a/wiki.vec"), Path("b/wiki.bin")) == "wiki-wiki"
    assert pair_name(Path("en.vec"), Path("en.words.vec")) == "en-en"
