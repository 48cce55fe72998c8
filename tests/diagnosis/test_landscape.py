"""Which words are shown, and that the picture is a true projection of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import dictionary, rotated

from translator.alignment import Alignment
from translator.diagnosis.landscape import FIRST, LAST, TRANSLATIONS, WORDS, landscape, spread
from translator.options import Options
from translator.pipeline import align


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    return align(
        *rotated(300, 20, noise=0.3), dictionary(range(80)), Options(refine="none", self_learn=False)
    )


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=400, unique=True))
def test_words_are_distinct_and_in_order(words: list[str]) -> None:
    places = spread(words)
    assert places == sorted(set(places)) and 1 <= len(places) <= WORDS
    assert places[0] >= 0 and places[-1] < len(words)


def test_words_of_all_frequencies_that_are_plain() -> None:
    words = [
        f"word{'x' * (number % 7)}" + "abcdefghij"[number % 10] * (number // 10 + 1) for number in range(400)
    ]
    words = [word if number % 2 else f"Name{number}" for number, word in enumerate(words)]
    places = spread(words)
    assert len(places) == WORDS and all(place % 2 for place in places)
    steps = np.diff(np.log(np.array(places) + 1))
    assert places[0] == 101 and places[-1] == 399 and steps.max() < 2 * steps.min()


def test_words_of_grammar_and_rare_ones_are_passed_over() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(letters[number // 26**k % 26] for k in range(4)) for number in range(20_000)]
    places = spread(words)
    assert (places[0], places[-1]) == (FIRST, LAST - 1)


def test_words_in_scripts_without_case() -> None:
    words = ["水" * number for number in range(1, 200)] + ["हिन्दी", "שלום"]
    assert len(spread(words)) == WORDS


def test_the_picture_is_a_projection(alignment: Alignment) -> None:
    found = landscape(alignment)
    source, target = alignment.source.mapped, alignment.target.mapped
    assert len(found.neighbourhoods) == WORDS and 0 < found.explained < 1
    spots, rows, middles = [], [], []
    for one in found.neighbourhoods:
        assert source.words[one.place - 1] == one.source.word and len(one.targets) == TRANSLATIONS
        assert one.targets[0].word == one.source.word.replace("s", "t")
        own = np.stack([source[one.source.word], *(target[spot.word] for spot in one.targets)])
        rows.append(own)
        middles.append(own.mean(axis=0))
        spots += [(spot.x, spot.y) for spot in (one.source, *one.targets)]
    centred = np.array(middles) - np.mean(middles, axis=0)
    values, axes = np.linalg.eigh(centred.T @ centred)
    flat = (np.concatenate(rows) - np.mean(middles, axis=0)) @ axes[:, np.argsort(-values)[:2]]
    assert np.abs(flat) == pytest.approx(np.abs(np.array(spots)), abs=1e-4)  # but for the signs of the axes
    total = ((np.concatenate(rows) - np.mean(middles, axis=0)) ** 2).sum()
    assert found.explained == pytest.approx((flat**2).sum() / total, abs=1e-4)


def test_a_space_of_one_dimension() -> None:
    source, target = rotated(40, 1)
    found = landscape(align(source, target, dictionary(range(20)), Options(refine="none", self_learn=False)))
    assert all(spot.y == 0 for one in found.neighbourhoods for spot in (one.source, *one.targets))
