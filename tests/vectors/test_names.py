"""Names of languages, taken from the names of their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from translator.vectors.names import language_names


@pytest.mark.parametrize(
    ("source", "target", "names"),
    [
        ("x/en.vec.gz", "fr.300.bin", ("en", "fr")),
        (".vec", ".vec", ("source", "target")),
        ("wiki.en.vec", "wiki.de.vec", ("en", "de")),
        ("a/wiki.vec", "b/wiki.bin", ("wiki", "wiki")),
        ("en.vec", "en.words.vec", ("en", "en")),
    ],
)
def test_the_first_part_that_differs(source: str, target: str, names: tuple[str, str]) -> None:
    assert language_names(Path(source), Path(target)) == names
