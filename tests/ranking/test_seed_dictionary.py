"""The seed dictionary as evidence in re-ranking, against odds computed one by one, and through the files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import dictionary, lettered, rotated

from translator import Alignment, align, translate
from translator.reranking import LISTED, rerank_candidates, with_dictionary

NONE = np.empty((0, 2), np.int64)
PAIRS = range(300)


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    """An alignment whose map finds about half of the words, and whose dictionary holds the first 300."""
    return align(*rotated(900, 20, noise=0.8), dictionary(PAIRS))


def probability(alignment: Alignment, word: str, translation: str) -> float:
    found = {one.word: one.probability for one in translate(alignment, [word], 30)[0].candidates}
    return found.get(translation) or 0.0


@given(
    st.lists(st.tuples(st.floats(0.001, 1), st.booleans()), min_size=1, max_size=8),
    st.floats(0.001, 1),
    st.floats(0.1, 1000),
)
def test_the_odds_of_listed_candidates_against_all_others_are_multiplied(
    candidates: list[tuple[float, bool]], none: float, factor: float
) -> None:
    total = none + sum(share for share, _ in candidates)
    before = np.array([[share / total for share, _ in candidates]], np.float64)
    after = with_dictionary(before, np.array([[listed for _, listed in candidates]]), factor)
    left = 1 - after.sum()
    for (_, listed), old, new in zip(candidates, before[0], after[0], strict=True):
        expected = old / (none / total) * (factor if listed else 1)
        assert new / left == pytest.approx(expected, rel=1e-3)


def test_listed_translations_gain_and_other_words_stay_as_they_were(alignment: Alignment) -> None:
    without = replace(alignment, dictionary=NONE)
    gained = 0
    for row in (*PAIRS[:60], *range(300, 360)):
        plain, raised = (probability(one, f"s{row}", f"t{row}") for one in (without, alignment))
        if row in PAIRS and 0 < plain < 1:
            expected = LISTED * plain / (1 - plain)
            assert raised / (1 - raised) == pytest.approx(expected, rel=1e-2)
            gained += raised > plain
        else:
            assert raised == plain
    assert gained > 30


def test_unseen_words_are_in_no_dictionary(alignment: Alignment) -> None:
    """An unseen word has the row -1, whose keys must be no pair's."""
    without, rows = replace(alignment, dictionary=NONE), alignment.source.mapped.matrix[:50]
    words = [f"unseen{row}" for row in range(50)]
    found = [rerank_candidates(one, words, rows) for one in (alignment, without)]
    assert np.array_equal(found[0].probabilities, found[1].probabilities)


def test_both_directions_and_the_files_keep_the_dictionary(alignment: Alignment, tmp_path: Path) -> None:
    assert alignment.inverse().dictionary.tolist() == alignment.dictionary[:, ::-1].tolist()
    assert alignment.inverse().inverse().dictionary.tolist() == [[row, row] for row in PAIRS]
    alignment.save_pretrained(tmp_path / "a")
    assert np.array_equal(Alignment.from_pretrained(tmp_path / "a").dictionary, alignment.dictionary)


def test_words_spelled_alike_are_no_dictionary() -> None:
    words = [lettered(row) for row in range(900)]
    source, target = (replace(vectors, words=words) for vectors in rotated(900, 20, noise=0.1))
    assert not len(align(source, target, seed_pairs="identical").dictionary)
