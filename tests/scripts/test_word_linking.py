"""Words of short texts in two languages are paired by what they occur with and how they are spelled."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
import word_linking


@pytest.mark.parametrize(
    ("source", "target", "bonus"),
    [
        ("piano", "piano", 1.0),
        ("station", "statïon", 1.0),
        ("heart", "hearts", 5 / 6),
        ("dog", "dog", 0.0),  # too short to tell
        ("house", "maison", 0.0),
    ],
)
def test_similar_spelling_earns_a_bonus(source: str, target: str, bonus: float) -> None:
    assert word_linking.spelling_bonus(source, target) == pytest.approx(bonus)


def text(source: str, target: str) -> word_linking.Text:
    return frozenset(source.split()), frozenset(target.split())


HEARTS = [text("red heart", "cœur rouge"), text("blue heart", "cœur bleu"), text("red apple", "pomme rouge")]


def test_words_that_occur_together_are_linked() -> None:
    expected = {("red", "rouge"), ("heart", "cœur"), ("blue", "bleu"), ("apple", "pomme")}
    assert word_linking.mutual_best(HEARTS) == expected


def test_a_rejected_pair_frees_its_words_for_others() -> None:
    texts = [text("cat", "chat"), text("cat", "chat"), text("cat", "félin")]
    assert word_linking.mutual_best(texts) == {("cat", "chat")}
    assert word_linking.mutual_best(texts, {("cat", "chat")}) == {("cat", "félin")}


@given(st.permutations(HEARTS))
def test_the_order_of_the_texts_does_not_matter(texts: list[word_linking.Text]) -> None:
    assert word_linking.mutual_best(texts) == word_linking.mutual_best(HEARTS)


@given(
    st.lists(
        st.tuples(
            st.frozensets(st.sampled_from("abcd"), max_size=3),
            st.frozensets(st.sampled_from("wxyz"), max_size=3),
        )
    )
)
def test_no_word_is_in_two_pairs(texts: list[word_linking.Text]) -> None:
    pairs = word_linking.mutual_best(texts)
    assert len({source for source, _ in pairs}) == len({target for _, target in pairs}) == len(pairs)


def test_names_of_one_word_are_pairs() -> None:
    assert word_linking.one_word_names([text("dog", "chien"), *HEARTS]) == {("dog", "chien")}
