"""Glosses against a slow twin; what is kept of a text; several senses; bad input."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import gaussian

from translator import glossing
from translator.alignment import Alignment
from translator.errors import DataError
from translator.glossing import KEEP, Glosser, in_case_of
from translator.options import Options
from translator.pipeline import align
from translator.tokens import tokenize
from translator.translation import translate
from translator.vectors import WordVectors

PAIRS = {
    "un": "a",
    "chien": "dog",
    "chat": "cat",
    "homme": "man",
    "saute": "jumps",
    "l": "the",
    "deux": "two",
    "paris": "paris",
    "crème": "ice_cream",
    "3": "three",
    "犬": "hound",
    "猫": "tomcat",
}
SOURCE = [*PAIRS, *(f"s{'abcdefghij'[n // 10 % 10]}{'abcdefghij'[n % 10]}" for n in range(90))]
TARGET = [*PAIRS.values(), *(f"t{word}" for word in SOURCE[len(PAIRS) :])]


def made(rerank: bool) -> Alignment:
    matrix = gaussian(len(SOURCE), 20)
    noise = 0.3 * np.random.default_rng(1).standard_normal(matrix.shape).astype(np.float32)
    source, target = WordVectors(SOURCE, matrix), WordVectors(TARGET, matrix[:, ::-1] + noise)
    options = Options(refine="none", self_learn=False, rerank=rerank)
    return align(source, target, dict(zip(SOURCE[:60], TARGET[:60], strict=True)), options)


@pytest.fixture(scope="module")
def ranked() -> Alignment:
    return made(rerank=True)


@pytest.fixture(scope="module")
def unranked() -> Alignment:
    return made(rerank=False)


def best(alignment: Alignment, word: str) -> str:
    return translate(alignment, word).candidates[0].word


texts = st.lists(st.sampled_from([*SOURCE, "unknown", "7"]), max_size=6).map(" ".join)


@given(texts=st.lists(texts, max_size=4))
def test_a_gloss_is_the_best_translation_of_each_word(ranked: Alignment, texts: list[str]) -> None:
    glosser = Glosser(ranked)
    for _ in range(2):  # the second time from memory
        for text, gloss in zip(texts, glosser.gloss(texts), strict=True):
            slow = [
                word if word in ("unknown", "3", "7") else best(ranked, word).replace("_", " ")
                for word in tokenize(text)
            ]
            separator = "" if " " in text else None
            assert separator is None or gloss.text == " ".join(slow)
            assert [word.word for word in gloss.words] == tokenize(text)


@pytest.mark.parametrize(
    ("text", "gloss"),
    [
        ("Un chien saute.", "A dog jumps."),
        ("le-X; Un Chien, UN CHIEN! Un chat", "le-X; a dog, A DOG! A cat"),
        ("«L'homme» l’homme", "«The man» the man"),
        ("aujourd'hui", "aujourd'hui"),
        ("à Paris", "à Paris"),
        ("3 chiens3 MP3", "3 chiens3 MP3"),
        ("chien3", "dog 3"),
        ("犬猫、犬", "hound tomcat、hound"),
        (" crème\n", " ice cream\n"),
        ("", ""),
        ("...", "..."),
    ],
)
def test_what_is_kept(unranked: Alignment, text: str, gloss: str) -> None:
    assert Glosser(unranked).gloss(text).text == gloss


@pytest.mark.parametrize(
    ("keep", "gloss"),
    [
        ((), "a dog two three"),
        (("numbers",), "a dog two 3"),
        (("unknown",), "a xyz dog two three"),
        (("case",), "A dog TWO three"),
        (("punctuation",), "-a dog, two three!"),
        (KEEP, "-A xyz dog, TWO 3!"),
    ],
)
def test_what_can_be_left_out(unranked: Alignment, keep: Any, gloss: str) -> None:
    assert Glosser(unranked, keep=keep).gloss("-Un xyz chien, DEUX 3!").text == gloss


def test_several_senses(ranked: Alignment) -> None:
    candidates = translate(ranked, "chien", 10).candidates
    probabilities = [candidate.probability or 0 for candidate in candidates]
    for least in (0.0, probabilities[1], probabilities[2], 1.0):
        senses = [c.word.replace("_", " ") for c in candidates[1:] if (c.probability or 0) >= least]
        gloss = Glosser(ranked, at_least=least).gloss("chien")
        assert gloss.text == " ".join([candidates[0].word, *senses])
        assert gloss.words[0].candidates == candidates


def test_each_word_is_translated_once(unranked: Alignment, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def recorded(alignment: Alignment, words: list[str], *rest: Any, **named: Any) -> Any:
        asked.extend(words)
        return translate(alignment, words, *rest, **named)

    monkeypatch.setattr(glossing, "translate", recorded)
    glosser = Glosser(unranked)
    glosser.gloss(["un chien", "Un CHIEN 3 deux"])
    glosser.gloss("deux chats unknown unknown")
    assert sorted(asked) == ["chats", "chien", "deux", "un", "unknown"]


def test_a_cased_vocabulary_is_asked_in_the_case_of_the_text() -> None:
    words = ["Hund", "hund", *SOURCE[: len(SOURCE) - 2]]
    matrix = gaussian(len(words), 20)
    source = WordVectors([*words[:2], *(word.title() for word in words[2:])], matrix)
    options = Options(refine="none", self_learn=False, rerank=False)
    target = WordVectors([f"t{word}" for word in words], matrix)
    alignment = align(source, target, {"Hund": "tHund", "hund": "thund"}, options)
    assert [str(gloss) for gloss in Glosser(alignment, keep=()).gloss(["Hund", "hund"])] == ["tHund", "thund"]


def test_another_script(unranked: Alignment, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "translator"):
        Glosser(unranked).gloss(["un chien", "犬", "7", ""])
        assert not caplog.messages
        assert Glosser(unranked).gloss("собака").text == "собака"
    assert "texts are in cyrillic script, those of source in latin script" in caplog.text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"at_least": 0.5}, "the alignment has no ranker\nAlign again without rerank=False"),
        ({"at_least": 2}, "at_least=2: expected a probability from 0 to 1"),
        ({"keep": ("commas",)}, "expected some of numbers, unknown, case, punctuation"),
        ({"k": 0}, "k=0"),
    ],
)
def test_wrong_arguments(unranked: Alignment, arguments: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Glosser(unranked, **arguments)


@pytest.mark.parametrize("texts", [None, 3, [b"un"]])
def test_texts_of_the_wrong_kind(unranked: Alignment, texts: Any) -> None:
    with pytest.raises(DataError, match=r"^texts?\b.*expected a (text|string)"):
        Glosser(unranked).gloss(texts)


def test_letter_case_of_one_letter() -> None:
    assert in_case_of("À", "to", True) == "To"
    assert in_case_of("À", "to", False) == "to"
