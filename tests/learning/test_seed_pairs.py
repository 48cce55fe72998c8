"""Which seed is taken and why: the dictionary, strings spelled alike, or structure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from toys import dictionary, gaussian, lettered, names, rotation

from translator.errors import DataError
from translator.learning.seed_pairs import ALONE, ENOUGH_IDENTICAL, FEWEST, SeedPairs, choose_seed_pairs
from translator.lexicon import Lexicon
from translator.maps.base import Spaces
from translator.vectors import WordVectors
from translator.vectors.normalize import unit_rows


def shuffled(n: int = 250, d: int = 10) -> tuple[Spaces, list[int]]:
    """A space, and its rotation in another order of words."""
    source, order = gaussian(n, d), np.random.default_rng(5).permutation(n)
    return Spaces(unit_rows(source), unit_rows(source[order] @ rotation(d))), order.tolist()


def vocabularies(spaces: Spaces, alike: int) -> tuple[WordVectors, WordVectors]:
    shared, n = [f"same{lettered(row)}" for row in range(alike)], len(spaces.source) - alike
    source = WordVectors([*shared, *names(n, "s")], spaces.source)
    return source, WordVectors([*shared, *names(n, "t")], spaces.target)


def test_enough_words_spelled_alike_are_taken() -> None:
    spaces, _ = shuffled()
    seed = choose_seed_pairs(*vocabularies(spaces, ENOUGH_IDENTICAL), spaces, None)
    assert seed.origin == "identical" and seed.rows.tolist() == [[i, i] for i in range(ENOUGH_IDENTICAL)]
    assert seed.reason == f"no dictionary; {ENOUGH_IDENTICAL} words are spelled alike in both languages"
    assert seed.coverage is None


def test_too_few_words_spelled_alike_lead_to_structure(caplog: pytest.LogCaptureFixture) -> None:
    spaces, order = shuffled()
    with caplog.at_level("INFO"):
        seed = choose_seed_pairs(*vocabularies(spaces, ENOUGH_IDENTICAL - 1), spaces, None)
    assert seed.origin == "structure" and len(seed.rows) > 100
    assert all(order[right] == left for left, right in seed.rows)
    assert f"too few words are spelled alike ({ENOUGH_IDENTICAL - 1})" in seed.reason
    assert "which is slow (too few words" in caplog.text and "a dictionary of 100 pairs makes" in caplog.text


def test_the_user_may_choose() -> None:
    spaces, _ = shuffled()
    few, many = vocabularies(spaces, 2), vocabularies(spaces, ENOUGH_IDENTICAL)
    assert choose_seed_pairs(*few, spaces, None, "identical").rows.tolist() == [[0, 0], [1, 1]]
    asked = choose_seed_pairs(*many, spaces, None, "structure")
    assert asked.origin == "structure" and "as asked" in asked.reason


def test_no_word_spelled_alike() -> None:
    spaces, _ = shuffled()
    with pytest.raises(DataError, match="no word is spelled alike"):
        choose_seed_pairs(*vocabularies(spaces, 0), spaces, None, "identical")


@pytest.mark.parametrize("count", [ALONE - 1, ALONE, 150])
def test_ids_of_records_are_known_pairs(count: int) -> None:
    spaces, order = shuffled()
    source = WordVectors(names(count, "row"), spaces.source[:count])
    target = WordVectors([f"row{row}" for row in order], spaces.target)
    seed = choose_seed_pairs(source, target, Spaces(source.matrix, spaces.target), None)
    if count < ALONE:
        assert seed.origin == "structure"
        assert f"{count} rows have the same id in both files, fewer than {ALONE}" in seed.reason
        return
    assert seed.origin == "ids" and seed.kept.tolist() == seed.rows.tolist()
    assert seed.rows.tolist() == [[row, order.index(row)] for row in range(count)]
    assert seed.reason == f"no dictionary; {count} rows have the same id in both files" and not seed.doubt
    assert not seed.adapts


def test_ids_that_each_file_numbers_on_its_own_are_doubted() -> None:
    spaces, _ = shuffled()
    ids = names(len(spaces.source), "row")
    seed = choose_seed_pairs(WordVectors(ids, spaces.source), WordVectors(ids, spaces.target), spaces, None)
    assert seed.origin == "ids" and seed.doubt and "has each file ids of its own?" in seed.doubt


def test_a_dictionary_comes_first_and_its_coverage_is_told() -> None:
    spaces, _ = shuffled()
    lexicon = Lexicon((*dictionary(range(3)), ("nowhere", "t1")))
    seed = choose_seed_pairs(*vocabularies(spaces, 0), spaces, lexicon, "structure", alone=True)
    assert seed.origin == "dictionary" and seed.rows.tolist() == [[0, 0], [1, 1], [2, 2]]
    assert seed.coverage == 0.75 and seed.reason == "3 of 4 dictionary pairs found (75%)"
    assert seed.first.tolist() == seed.kept.tolist() == seed.rows.tolist()


@pytest.mark.parametrize(
    ("told", "alike", "helped"),
    [
        (FEWEST - 1, ENOUGH_IDENTICAL, f"{ENOUGH_IDENTICAL} words are spelled alike"),
        (FEWEST, ENOUGH_IDENTICAL, None),
        (ALONE - 1, ENOUGH_IDENTICAL - 1, "too few words are spelled alike (199): started from the spaces"),
        (2, ENOUGH_IDENTICAL, f"{ENOUGH_IDENTICAL} words are spelled alike"),
    ],
)
def test_a_small_dictionary_has_help(told: int, alike: int, helped: str | None) -> None:
    rows = gaussian(400, 10)
    spaces = Spaces(unit_rows(rows), unit_rows(rows @ rotation(10)))
    source, target = vocabularies(spaces, alike)
    lexicon = Lexicon(tuple((source.words[alike + row], target.words[alike + row]) for row in range(told)))
    seed = choose_seed_pairs(source, target, spaces, lexicon)
    assert (seed.origin, len(seed.rows), seed.coverage) == ("dictionary", told, 1)
    assert seed.kept.tolist() == seed.rows.tolist() == seed.first[:told].tolist()
    found = choose_seed_pairs(source, target, spaces, None)
    if helped is None:
        assert not len(seed.others) and "few to start from" not in seed.reason
        return
    assert seed.others.tolist() == found.rows.tolist() and found.kept.tolist() == []
    assert f"({1:.0%}), few to start from; {helped}" in seed.reason


def test_a_dictionary_for_other_languages() -> None:
    spaces, _ = shuffled()
    with pytest.raises(DataError, match=r"none of the 2 dictionary pairs .*has 'x', the source vectors"):
        choose_seed_pairs(*vocabularies(spaces, 0), spaces, Lexicon((("x", "t0"), ("x", "t1"))))
    with pytest.raises(DataError, match=r"none of the 2 dictionary pairs .*but 2 are with the columns"):
        choose_seed_pairs(*vocabularies(spaces, 0), spaces, dictionary(range(2)).inverse())
    with pytest.raises(DataError, match="the dictionary holds no pair"):
        choose_seed_pairs(*vocabularies(spaces, 0), spaces, dictionary(range(0)))


def test_the_reason_counts_pairs_found_in_another_letter_case() -> None:
    spaces, _ = shuffled()
    lexicon = Lexicon((("s0", "t0"), ("S1", "t1"), ("s2", "T2")))
    reason = choose_seed_pairs(*vocabularies(spaces, 0), spaces, lexicon, alone=True).reason
    assert reason == "3 of 3 dictionary pairs found (100%, 2 in another letter case)"


@pytest.mark.parametrize(
    ("size", "right", "helped"), [(30, 0, False), (30, 1, False), (30, 2, True), (ALONE - 1, 0, True)]
)
def test_help_that_does_not_bear_the_dictionary_out_is_left_out(size: int, right: int, helped: bool) -> None:
    """Words spelled alike may mean other things; so few pairs as lead nowhere have nothing to lose."""
    rows = gaussian(2000, 30)
    spaces = Spaces(unit_rows(rows), unit_rows(rows @ rotation(30)))
    source, target = vocabularies(spaces, ENOUGH_IDENTICAL)
    told = [(1000 + row, 1000 + row if row < right else 1999 - row) for row in range(size)]
    lexicon = Lexicon(tuple((source.words[left], target.words[to]) for left, to in told))
    seed = choose_seed_pairs(source, target, spaces, lexicon)
    assert bool(len(seed.others)) == helped and seed.rows.tolist() == [list(pair) for pair in told]
    assert ("which do not agree with them" in seed.reason) != helped
    assert seed.contradicted != helped and ("do not agree" in (seed.doubt or "")) != helped
    assert choose_seed_pairs(source, target, spaces, lexicon, "identical").others.tolist()  # as asked


@pytest.mark.parametrize("alike", [0, ENOUGH_IDENTICAL])
def test_pairs_that_do_not_follow_from_each_other_are_doubted(alike: int) -> None:
    rows = gaussian(4000, 30)
    target, mixed = rows @ rotation(30), np.random.default_rng(3).permutation(4000)
    lexicon = None if alike else dictionary(range(150))
    for right, doubt in ((target, None), (target[mixed], f"{'words' if alike else 'dictionary'}")):
        spaces = Spaces(unit_rows(rows), unit_rows(right))
        seed = choose_seed_pairs(*vocabularies(spaces, alike), spaces, lexicon)
        assert seed.consistency is not None and (seed.consistency > 0.9) == (doubt is None)
        told = seed.doubt or ""
        assert bool(told) == bool(doubt) and (doubt is None or f"of the {doubt}" in told)


def test_few_pairs_tell_nothing_of_each_other() -> None:
    spaces, _ = shuffled()
    for size in (FEWEST - 1, FEWEST):
        seed = choose_seed_pairs(*vocabularies(spaces, 0), spaces, dictionary(range(size)), alone=True)
        assert (seed.consistency is None) == (size < FEWEST)


@pytest.mark.parametrize("origin", ["dictionary", "identical", "structure"])
def test_learning_keeps_the_pairs_of_a_dictionary_alone(origin: Any) -> None:
    rows, others = np.array([[1, 1], [2, 2]]), np.array([[3, 3]])
    pairs = SeedPairs(rows, origin, "why", others=others)
    assert pairs.first.tolist() == [[1, 1], [2, 2], [3, 3]]
    assert pairs.kept.tolist() == (rows.tolist() if origin == "dictionary" else [])
