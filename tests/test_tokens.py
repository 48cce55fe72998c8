"""The tokeniser against a twin that goes by the names of characters; its laws; one example a rule."""

from __future__ import annotations

import sys
import unicodedata
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.tokens import is_cased, tokenize

UNSPACED = (
    "CJK UNIFIED IDEOGRAPH",
    "CJK COMPATIBILITY IDEOGRAPH",
    "IDEOGRAPHIC",
    "VERTICAL IDEOGRAPHIC",
    "VERTICAL KANA",
    "MASU MARK",
    "HIRAGANA",
    "HENTAIGANA",
    "THAI",
    "LAO",
    "KHMER",
    "MYANMAR",
)


@cache
def is_selector(character: str) -> bool:
    return "VARIATION SELECTOR-" in unicodedata.name(character, "")


@cache
def kind(character: str) -> str:
    """``L``, ``M`` or ``N``; ``K`` is Katakana, ``U`` a letter of another script without spaces."""
    first = unicodedata.category(character)[0]
    if first == "L":
        name = unicodedata.name(character, "")  # Tangut has none
        return "K" if name.startswith("KATAKANA") else "U" if name.startswith(UNSPACED) else "L"
    return first if first in "MN" else "J" if character in "\u200c\u200d" else " "


def folded(text: str) -> str:
    """What a text shows: presentation forms as letters, nothing invisible."""
    shown = [unicodedata.normalize("NFKC", c) if "\ufb00" <= c <= "\uffef" else c for c in text]
    kept = "".join(shown).replace("\u00ad", "").replace("\u0640", "").replace("ʼ", "'")
    return unicodedata.normalize("NFC", "".join(c for c in kept if not is_selector(c)))


def slow_tokenize(text: str, lowercase: bool) -> list[str]:
    """One character at a time."""
    text = folded(text)
    if lowercase:
        text = unicodedata.normalize("NFC", text.lower().replace("i\u0307", "i"))
    tokens: list[str] = []
    open_token = " "  # the kind of the token that the next character may go on with
    joiners = ""
    for character in text:
        this = kind(character)
        if this == "J" and open_token == "L":
            joiners += character
            continue
        if (open_token + this in ("LL", "NN", "KK")) or (this == "M" and open_token in ("L", "K", "U")):
            tokens[-1] += joiners + character
        elif this in ("L", "N", "K", "U"):
            tokens.append(character)
            open_token = this
        else:
            open_token = " "
        joiners = ""
    return tokens


SCRIPTS = (
    "aZéßİIıſﬁ ĳǅ'ʼ’-_ 09½²٣ \u0301\u0307\u0323\u00ad\u200b\u200c\u200d\ufe0f\U000e0100"
    "яΣς हि्मक़ ښـﻣﷺي ฉ้ำๆ๕ ລາວ ខ្ម ြန်မ 漢𠮷々〇豈 らーん゛\u3099 カヷｶﾞｰー・ㇰ 한글ㅋ Ａ１　。𝐀𞤀😀👩🏽1\u20e3\n\t"
)
texts = st.text(st.sampled_from(SCRIPTS) | st.characters(exclude_categories=["Cs", "Cn", "Co"]), max_size=30)


@given(texts, st.booleans())
def test_against_one_character_at_a_time(text: str, lowercase: bool) -> None:
    assert tokenize(text, lowercase=lowercase) == slow_tokenize(text, lowercase)


def test_every_character_there_is() -> None:
    everything = map(chr, range(sys.maxunicode + 1))
    assigned = [character for character in everything if unicodedata.category(character)[0] != "C"]
    assert len(assigned) > 130_000
    text = " ".join(f"z{character}カ{character}" for character in assigned)  # whom does it go together with?
    assert tokenize(text, lowercase=False) == slow_tokenize(text, lowercase=False)


@given(texts)
def test_tokens_stay_what_they_are(text: str) -> None:
    tokens = tokenize(text)
    assert tokenize(" ".join(tokens)) == tokens


@given(texts)
def test_how_a_text_is_composed_makes_no_difference(text: str) -> None:
    assert tokenize(unicodedata.normalize("NFD", text)) == tokenize(text)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A dog's ball -- a red one, 3.5 m!", "a dog s ball a red one 3 5 m"),
        ("l'homme d’en ʼface", "l homme d en face"),
        ("Ein T-Shirt für 20€ (Größe_M)", "ein t shirt für 20 größe m"),
        ("room2b", "room 2 b"),
        ("हिन्दी में", "हिन्दी में"),
        ("Cafe\u0301 CAFÉ café", "café café café"),
        ("A型血液", "a 型 血 液"),
        ("人々は２０２４年", "人 々 は 2024 年"),
        ("Tシャツとラーメン・ｺｰﾋｰ", "t シャツ と ラーメン コーヒー"),
        ("น้ำแข็ง", "น้ ำ แ ข็ ง"),
        ("한국어 단어", "한국어 단어"),
        ("ＡＢＣ ﬁne", "abc fine"),
        ("ﻣﺮﺣﺒﺎ مــرحبا مﹱ", "مرحبا مرحبا م\u064b"),
        ("می\u200cروم ශ්\u200dරී", "می\u200cروم ශ්\u200dරී"),
        ("dog\u200d\U0001f415 x\u200c.", "dog x"),
        ("Wander\u00adweg", "wanderweg"),
        ("İki IŞIK İ\u0301", "iki işik í"),
        ("½ m²", "½ m ²"),
        ("👩‍👩‍👧 ❤️ 1️⃣", "1"),
        ("\u0301 -- !?", ""),
        ("", ""),
    ],
)
def test_examples(text: str, tokens: str) -> None:
    assert tokenize(text) == tokens.split(" ") * bool(tokens)


def test_capitals_stay_when_asked() -> None:
    assert tokenize("İki Hunde in Köln", lowercase=False) == ["İki", "Hunde", "in", "Köln"]


def test_lone_surrogates_separate() -> None:
    assert tokenize("a\ud800b") == ["a", "b"]


def test_a_long_text_takes_no_longer_than_its_length() -> None:
    assert len(tokenize("a\u200c" * 100_000)) == 1
    assert len(tokenize("\u200c\u0301" * 100_000 + "ก\u200d" * 50_000)) == 50_000


def test_which_vocabularies_are_cased() -> None:
    lower = ["ein", "hund", "3", "中"] * 2500
    assert not is_cased(lower) and not is_cased([]) and is_cased(["the", "The"])
    assert not is_cased(["USA"] * 100 + lower), "one per cent may be an accident"
    assert is_cased(["USA"] * 101 + lower)
    assert not is_cased(lower + ["USA"] * 10_000), "only the most frequent words count"
    assert is_cased(["İstanbul", "Élan", "Дом"])
