"""Translate one word or several, seen and unseen; arguments of the wrong kind; what results look like."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import pytest
from toys import dictionary, gaussian, rotated, slow_csls

import translator
from translator.alignment import Alignment
from translator.errors import DataError
from translator.evaluation import evaluate
from translator.induction import induce_lexicon
from translator.options import Options
from translator.pipeline import align
from translator.translation import Candidate, Translation, count_votes, translate
from translator.vectors import Floats, WordVectors


class Subwords(WordVectors):
    """Knows a vector for any word ``s<number>``."""

    def embed(self, words: Sequence[str]) -> Floats:
        everything = gaussian(300, 20)
        rows = [everything[int(word[1:])] if word[1:].isdigit() else np.zeros(20) for word in words]
        return np.array(rows, np.float32).reshape(-1, 20)


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    """A source vocabulary of 100 words whose subwords reach the other 200."""
    source, target = rotated(noise=0.3)
    options = Options(refine="none", self_learn=False, rerank=False)
    return align(Subwords(source.words[:100], source.matrix[:100]), target, dictionary(range(80)), options)


def test_words_of_the_vocabulary(alignment: Alignment) -> None:
    scores = slow_csls(alignment.source.mapped.matrix, alignment.target.mapped.matrix, 10)
    for translation in translate(alignment, ["s7", "s91"], 4):
        row = alignment.source.mapped.index[translation.word]
        order = np.argsort(-scores[row])[:4]
        assert translation.vector_origin == "vocabulary"
        assert [c.word for c in translation.candidates] == [f"t{column}" for column in order]
        assert [c.score for c in translation.candidates] == pytest.approx(
            scores[row, order].tolist(), abs=1e-4
        )


def test_a_dictionary_and_words_in_lower_case_are_found_in_a_cased_vocabulary() -> None:
    source, target = rotated(noise=0.3)
    cased = WordVectors([word.upper() for word in source.words], source.matrix)
    options = Options(refine="none", self_learn=False, rerank=False)
    alignment = align(cased, target, dictionary(range(80)), options)
    assert "80 of 80 dictionary pairs found (100%, 80 in another letter case)" in alignment.record.method
    assert translate(alignment, "s7").candidates == translate(alignment, "S7").candidates != ()
    assert count_votes(alignment, ["s7", "T7"]) == (1, 1)


def test_unseen_unknown_and_capital_words_keep_their_order(alignment: Alignment) -> None:
    words = ["S3", "s250", "???", "s3", "S250"]
    translations = translate(alignment, words, 1)
    assert [one.word for one in translations] == words
    assert [one.vector_origin for one in translations] == [
        *("vocabulary", "subwords", "unknown", "vocabulary", "subwords")
    ]
    best = [[candidate.word for candidate in one.candidates] for one in translations]
    assert best == [["t3"], ["t250"], [], ["t3"], ["t250"]]


def test_a_word_is_translated_alike_alone_and_among_others(alignment: Alignment) -> None:
    words = [f"s{number}" for number in range(50)]
    for word, among_others in zip(words, translate(alignment, words, 2), strict=True):
        alone = translate(alignment, word, 2)
        assert [c.word for c in alone.candidates] == [c.word for c in among_others.candidates]


def test_one_string_gives_one_translation_and_any_iterable_a_list(alignment: Alignment) -> None:
    one = translate(alignment, "s7")
    assert isinstance(one, Translation)
    for words in (["s7"], ("s7",), iter(["s7"]), np.array(["s7"]), {"s7": 1}):
        assert translate(alignment, words) == [one]
    assert translate(alignment, "  ").vector_origin == "unknown"


def test_more_candidates_than_words(alignment: Alignment) -> None:
    assert len(translate(alignment, "s1", 1000).candidates) == 300


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "words: there are none"),
        (["s1", None], r"words\[1\]: a NoneType, expected a string"),
        ([["s1"]], r"words\[0\]: a list, expected a string"),
        (b"s1", r"words\[0\]: an int"),
        (None, "words: a NoneType, expected a string or a list of strings"),
        (7, "words: an int, expected"),
        (np.array("s1"), "words: a ndarray, expected"),
    ],
)
def test_words_of_the_wrong_kind(alignment: Alignment, words: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        translate(alignment, words)


@pytest.mark.parametrize("k", [0, -1, 2.5, "3", None])
def test_no_number_of_candidates(k: Any, alignment: Alignment) -> None:
    for call in (lambda: translate(alignment, ["s1"], k), lambda: induce_lexicon(alignment, k)):
        with pytest.raises(DataError, match=f"k={k!r}: expected 1 or more"):
            call()
    assert len(translate(alignment, "s1", np.int64(2)).candidates) == 2  # type: ignore[call-overload]


def test_a_folder_is_no_alignment() -> None:
    folder: Any = "en-de"
    for call in (
        lambda: translate(folder, "house"),
        lambda: induce_lexicon(folder),
        lambda: evaluate(folder, dictionary(range(9))),
    ):
        with pytest.raises(DataError, match="alignment: a str, expected an Alignment"):
            call()


def test_which_language_words_belong_to(alignment: Alignment) -> None:
    words = ["s1", "S2", "t3", "nowhere"]
    assert count_votes(alignment, words) == (2, 1)


def test_results_are_shown_on_a_line() -> None:
    candidates = tuple(Candidate(f"w{n}", 0.12345, 0.9 if n else None) for n in range(7))
    assert [repr(one) for one in candidates[:2]] == [
        "Candidate('w0', score=0.123)",
        "Candidate('w1', score=0.123, probability=0.90)",
    ]
    assert repr(Translation("s", "subwords", candidates)) == (
        "Translation('s' -> 'w0', 'w1', 'w2', 'w3', 'w4', ...)"
    )
    assert repr(Translation("s", "subwords", candidates[:1])) == "Translation('s' -> 'w0')"
    assert repr(Translation("s", "unknown", ())) == "Translation('s' -> unknown)"


def test_a_notebook_shows_a_table() -> None:
    shown = Translation(
        "<s>", "vocabulary", (Candidate("a&b", 0.5, 0.25), Candidate("c", 0.25))
    )._repr_html_()
    assert shown == (
        "<table><caption>&lt;s&gt; (vocabulary)</caption>"
        "<tr><th>translation</th><th>score</th><th>probability</th></tr>"
        "<tr><td>a&amp;b</td><td>0.500</td><td>25%</td></tr>"
        "<tr><td>c</td><td>0.250</td><td></td></tr></table>"
    )


def test_the_version_is_that_of_the_installed_package() -> None:
    assert translator.__version__ == version("bli-translator")
    assert "__version__" in dir(translator)
