"""Coverage of a small dictionary by hand, and bands of frequency."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from translator.diagnosis.bands import ENDS, Band, bands
from translator.diagnosis.coverage import EXAMPLES, coverage
from translator.lexicon import Lexicon
from translator.vectors import WordVectors


def vocabulary(*words: str) -> WordVectors:
    return WordVectors(words, np.ones((len(words), 2), np.float32))


def test_a_dictionary_by_hand() -> None:
    source, target = vocabulary("the", "house", "NATO", "dog"), vocabulary("das", "Haus", "Hund")
    pairs = (("house", "Haus"), ("House", "haus"), ("nato", "NATO"), ("dog", "Hund"), ("New York", "Haus"))
    found = coverage(Lexicon(pairs), source, target)
    assert (found.pairs, found.found, found.share) == (5, 3, 0.6)
    # House, nato and haus are found in another letter case
    assert (found.source.words, found.source.found) == (5, 4)
    assert (found.source.phrases, found.source.examples) == (1, ("New York",))
    assert (found.target.words, found.target.found, found.target.examples) == (4, 3, ("NATO",))
    assert [(one.band, one.words) for one in found.bands] == [(Band(1, 4), 2)]


def test_words_of_each_band() -> None:
    source = vocabulary(*(f"s{number}" for number in range(6000)))
    pairs = [(f"s{number}", "t") for number in (0, 1999, 2000, 4999, 5000, 5999)]
    pairs += [("s0", "u"), ("none", "t")]
    found = coverage(Lexicon.of(pairs), source, vocabulary("t", "u"))
    assert [(one.band.first, one.band.last, one.words) for one in found.bands] == [
        (1, 2000, 2),
        (2001, 5000, 2),
        (5001, 6000, 2),
    ]


def test_an_empty_dictionary_and_many_missing_words() -> None:
    assert coverage(Lexicon(()), vocabulary("a"), vocabulary("b")).share == 0
    many = coverage(Lexicon.of((f"x{number}", "b") for number in range(50)), vocabulary("a"), vocabulary("b"))
    assert len(many.source.examples) == EXAMPLES and many.target.examples == ()


@given(st.integers(1, 30_000))
def test_every_word_is_in_one_band(size: int) -> None:
    rows = np.arange(size)
    inside = np.stack([band.holds(rows) for band in bands(size)])
    assert (inside.sum(axis=0) == 1).all() and inside.any(axis=1).all()
    assert [band.last for band in bands(size)] == [*(end for end in ENDS if end < size), size]
