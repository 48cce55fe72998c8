"""Names of CLDR: what ships, the codes of languages, and when names are the seed pairs."""

from __future__ import annotations

import gzip
import json
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toys import gaussian, lettered, rotation

from translator import Alignment, Lexicon, WordVectors, align, cldr_lexicon
from translator.cldr import FILE, file_language, language_code
from translator.data import path
from translator.diagnosis.dictionary import recorded_dictionary
from translator.errors import DataError

CONTENT = json.loads(gzip.decompress(path(FILE).read_bytes()))


def distinct(lexicon: Lexicon, count: int) -> list[tuple[str, str]]:
    """The first pairs whose words are in no earlier pair, upper and lower case being the same."""
    kept: dict[str, str] = {}
    for left, right in ((left.lower(), right.lower()) for left, right in lexicon):
        if left not in kept and right not in kept.values():
            kept[left] = right
    return list(kept.items())[:count]


def named(source: Path | None, target: Path | None) -> tuple[WordVectors, WordVectors]:
    """Two spaces, one a rotation of the other, of 250 English and Georgian names and 50 other words."""
    pairs = distinct(cldr_lexicon("en", "ka"), 250)
    rows = gaussian(300, 20)
    english = [left for left, _ in pairs] + [f"word{number}" for number in range(50)]
    georgian = [right for _, right in pairs] + [f"სიტყვა{number}" for number in range(50)]
    return WordVectors(english, rows, source), WordVectors(georgian, rows @ rotation(20), target)


def right(alignment: Alignment) -> float:
    """Share of the words without a name whose nearest target is the right one."""
    mapped = (side.mapped.matrix[-50:] for side in (alignment.source, alignment.target))
    source, target = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in mapped)
    return float(((source @ target.T).argmax(axis=1) == np.arange(50)).mean())


def test_names_are_composed_words() -> None:
    cells = {cell for names in CONTENT["names"].values() for cell in names if cell}
    words = {word for cell in cells for word in cell.split("|")}
    assert len(words) > 50_000
    assert all(unicodedata.is_normalized("NFC", word) for word in words)
    assert not [word for word in words if not word or set(word) & set(" \t\n()0123456789/,")]
    assert {len(names) for names in CONTENT["names"].values()} == {len(CONTENT["keys"])}


def test_most_languages_have_hundreds_of_pairs_with_english() -> None:
    counts = [len(cldr_lexicon("en", language)) for language in CONTENT["names"]]
    assert len(counts) >= 140 and min(counts) > 300 and sum(count > 500 for count in counts) > 120


@pytest.mark.parametrize(
    ("source", "target", "pair"),
    [
        ("en", "ja", ("Russia", "ロシア")),
        ("en", "zh", ("Russia", "俄罗斯")),
        ("en", "zh", ("Russia", "俄羅斯")),
        ("en", "ar", ("Germany", "ألمانيا")),
        ("en", "hi", ("India", "भारत")),
        ("th", "ko", ("ญี่ปุ่น", "일본")),
        ("de", "ru", ("Montag", "понедельник")),
        ("en", "sr", ("Russia", "Rusija")),
        ("no", "fi", ("Tyskland", "Saksa")),
    ],
)
def test_names_are_translations(source: str, target: str, pair: tuple[str, str]) -> None:
    lexicon = cldr_lexicon(source, target)
    assert pair in set(lexicon) and lexicon.languages == (source, target)
    assert set(lexicon.inverse()) == set(cldr_lexicon(target, source))


def test_arabic_and_hebrew_names_have_no_vowel_signs() -> None:
    words = "".join(word for language in ("ar", "fa", "he", "ur") for word in CONTENT["names"][language])
    assert not set(words) & {*map(chr, range(0x05B0, 0x05BD)), *map(chr, range(0x064B, 0x0653)), "\u0640"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(("pt", "pt"), ("pt-BR", "pt"), ("pt_BR", "pt"), ("zh-Hant", "zh"), ("EN", "en"), ("no", "no")),
        *(("nb", "no"), ("fin", "fi"), ("ger", "de"), ("deu", "de"), ("iw", "he"), ("tl", "fil")),
        *(("sh", "sr"), ("Georgian", "ka"), ("cmn", "zh")),
    ],
)
def test_codes_of_a_language(name: str, code: str) -> None:
    assert language_code(name) == code


@pytest.mark.parametrize(("name", "hint"), [("germn", "german"), ("als", "Did you mean"), ("", "such as en")])
def test_an_unknown_code_is_answered_with_close_ones(name: str, hint: str) -> None:
    with pytest.raises(DataError, match="CLDR has no names") as caught:
        cldr_lexicon("en", name)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("file", "code"),
    [
        *(("cc.en.300.bin", "en"), ("cc.no.300.vec.gz", "no"), ("wiki.fi.vec", "fi"), ("en.vec", "en")),
        *(("fi-40000.vec", "fi"), ("pt_BR.vec", "pt"), ("vec.vec", "vec"), ("german.model", "de")),
        *(("en-de.txt", None), ("GoogleNews-vectors-negative300.bin", None), ("glove.6B.300d.txt", None)),
    ],
)
def test_the_language_of_a_file(file: str, code: str | None) -> None:
    assert file_language(Path("fr") / file) == code


def test_across_scripts_names_replace_a_dictionary() -> None:
    alignment = align(*named(Path("cc.en.300.vec"), Path("cc.ka.300.vec")))
    reason = alignment.record.seed_pairs.reason
    assert reason.startswith("no dictionary; the scripts differ (latin, georgian): 25")
    assert "names of CLDR found" in reason and alignment.record.method.startswith(reason)
    assert right(alignment) == 1
    assert recorded_dictionary(alignment.record.dictionary, Path("x")) == (cldr_lexicon("en", "ka"), "")
    inverse = recorded_dictionary(alignment.inverse().record.dictionary, Path("x"))
    assert inverse == (cldr_lexicon("en", "ka").inverse(), "")
    assert not [one for one in alignment.record.warnings if "are inside both vocabularies" in one]


@pytest.mark.parametrize(
    ("target", "count", "alike", "origin"),
    [
        *(("de", 150, 300, "names"), ("de", 60, 300, "identical"), ("en", 150, 300, "identical")),
        *(("de", 60, 100, "names"), ("de", 20, 100, "structure")),
    ],
)
def test_in_one_script_a_hundred_names_replace_a_dictionary(
    target: str, count: int, alike: int, origin: str
) -> None:
    pairs = distinct(Lexicon(tuple(p for p in cldr_lexicon("en", "de") if p[0] != p[1])), count)
    shared, rows = [f"same{lettered(number)}" for number in range(alike)], gaussian(alike + count, 20)
    english = WordVectors([*(left for left, _ in pairs), *shared], rows, Path("en.vec"))
    german = WordVectors(
        [*(right for _, right in pairs), *shared], rows @ rotation(20), Path(f"{target}.vec")
    )
    record = align(english, german, refine="none", rerank=False).record
    assert record.seed_pairs.origin == origin and record.seed_pairs.reason.startswith("no dictionary; ")


def test_languages_may_be_given_and_name_the_sides() -> None:
    alignment = align(*named(None, None), languages=("eng", "Georgian"), refine="none")
    assert "names of CLDR" in alignment.record.seed_pairs.reason
    assert (alignment.source.name, alignment.target.name) == ("eng", "Georgian")
    with pytest.raises(DataError, match="'xx': CLDR has no names"):
        align(*named(None, None), languages=("en", "xx"))


@pytest.mark.parametrize(
    ("files", "choice"),
    [((None, None), "auto"), (("en.vec", "a.vec"), "auto"), (("en.vec", "ka.vec"), "structure")],
)
def test_otherwise_they_are_left_out(files: tuple[str | None, str | None], choice: str) -> None:
    source, target = (Path(file) if file else None for file in files)
    record = align(*named(source, target), seed_pairs=choice, refine="none", rerank=False).record  # type: ignore[arg-type]
    assert record.seed_pairs.origin == "structure" and record.dictionary is None


def test_names_join_a_dictionary_and_its_file(tmp_path: Path) -> None:
    own = replace(
        Lexicon.of([("word0", "სიტყვა0"), ("Russia", "რუსეთი")]), path=tmp_path / "own.txt", sha256="1"
    )
    joined = own.joined(cldr_lexicon("en", "ka"))
    assert joined.pairs[:2] == own.pairs and set(joined) == {*own, *cldr_lexicon("en", "ka")}
    assert len(joined) == len(set(joined)) and (joined.path, joined.sha256) == (own.path, "1")
    assert joined.languages == ("en", "ka") and own.joined(own).path is None
    reason = align(*named(None, None), joined, refine="none").record.seed_pairs.reason
    assert "dictionary pairs and names of CLDR found" in reason
