"""Translations of words seen and unseen, and the lexicon of a whole vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from toys import dictionary, gaussian, rotated, slow_csls

from translator.alignment import Alignment
from translator.errors import DataError
from translator.options import Options
from translator.pipeline import align
from translator.translation import Entry, induce_lexicon, lexicon_lines, translate, votes, write_lexicon
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
        assert translation.known == "vocabulary"
        assert [c.word for c in translation.candidates] == [f"t{column}" for column in order]
        assert [c.score for c in translation.candidates] == pytest.approx(
            scores[row, order].tolist(), abs=1e-4
        )


def test_unseen_unknown_and_capital_words_in_the_order_asked(alignment: Alignment) -> None:
    found = translate(alignment, ["S3", "s250", "???", "s3", "S250"], 1)
    assert [t.word for t in found] == ["S3", "s250", "???", "s3", "S250"]
    assert [t.known for t in found] == ["vocabulary", "subwords", "unknown", "vocabulary", "subwords"]
    assert [[c.word for c in t.candidates] for t in found] == [["t3"], ["t250"], [], ["t3"], ["t250"]]


def test_a_word_is_translated_alike_alone_and_among_others(alignment: Alignment) -> None:
    words = [f"s{number}" for number in range(50)]
    alone = [translate(alignment, [word], 2)[0] for word in words]
    for one, among in zip(alone, translate(alignment, words, 2), strict=True):
        assert [c.word for c in one.candidates] == [c.word for c in among.candidates]


def test_more_candidates_than_words(alignment: Alignment) -> None:
    assert len(translate(alignment, ["s1"], 1000)[0].candidates) == 300


def test_no_words(alignment: Alignment) -> None:
    with pytest.raises(DataError, match="no words to translate"):
        translate(alignment, [])
    with pytest.raises(DataError, match="None: expected a word"):
        translate(alignment, ["s1", None])  # type: ignore[list-item]
    assert [one.known for one in translate(alignment, iter(["s1", "  "]))] == ["vocabulary", "unknown"]


def test_which_language_words_belong_to(alignment: Alignment) -> None:
    words = ["s1", "S2", "t3", "nowhere"]
    assert votes(alignment, words) == (2, 1)


def test_the_lexicon_of_the_vocabulary(alignment: Alignment) -> None:
    scores = slow_csls(alignment.source.mapped.matrix, alignment.target.mapped.matrix, 10)
    entries = induce_lexicon(alignment, 2)
    assert [(e.source, e.rank) for e in entries] == [(f"s{n}", rank) for n in range(100) for rank in (1, 2)]
    best, back = np.argsort(-scores, axis=1)[:, :2], scores.argmax(axis=0)
    assert [e.target for e in entries] == [f"t{column}" for row in best for column in row]
    expected = [e.rank == 1 and back[int(e.target[1:])] == int(e.source[1:]) for e in entries]
    assert [e.mutual for e in entries] == expected and 0 < sum(expected) <= 100


def test_the_lexicon_under_cosine(alignment: Alignment) -> None:
    cosines = alignment.source.mapped.matrix @ alignment.target.mapped.matrix.T
    entries = induce_lexicon(alignment, criterion="cosine")
    assert [e.target for e in entries] == [f"t{column}" for column in cosines.argmax(axis=1)]


def test_the_file_of_a_lexicon(alignment: Alignment, tmp_path: Path) -> None:
    entries = induce_lexicon(alignment)
    write_lexicon(entries, tmp_path / "lexicon.tsv")
    lines = (tmp_path / "lexicon.tsv").read_text("utf-8").splitlines()
    assert lines[0] == "source\ttarget\tscore\trank\tmutual\tprobability" and len(lines) == 101
    assert lines[1].split("\t") == ["s0", entries[0].target, f"{entries[0].score:.4f}", "1", "yes", ""]
    assert "".join(lexicon_lines(entries)) == (tmp_path / "lexicon.tsv").read_text("utf-8")


@pytest.mark.parametrize("rerank", [True, False])
def test_a_word_without_a_vector_has_no_translation(rerank: bool) -> None:
    source, target = rotated(noise=0.3)
    source.matrix[7] = 0
    alignment = align(source, target, dictionary(range(10, 200)), Options(rerank=rerank))
    known, unknown = translate(alignment, ["s8", "s7"])
    assert known.candidates and (unknown.known, unknown.candidates) == ("unknown", ())
    entries = induce_lexicon(alignment)
    assert [entry.source for entry in entries] == [word for word in source.words if word != "s7"]
    assert [e.target for e in entries if e.source == "s8"] == [known.candidates[0].word]


@pytest.mark.parametrize("top", [0, -1])
def test_no_number_of_candidates(top: int, alignment: Alignment) -> None:
    for asked in (lambda: translate(alignment, ["s1"], top), lambda: induce_lexicon(alignment, top)):
        with pytest.raises(DataError, match=f"top={top}: expected 1 or more"):
            asked()


def test_words_that_no_table_can_hold_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    entries = [
        Entry(*pair, 1.0, 1, True) for pair in (("a\tb", "x"), ("c d", "y"), ("e", "y\nz"), ("f", "\r"))
    ]
    lines = lexicon_lines(entries)
    assert [line.split("\t")[0] for line in lines] == ["source", "c d"]
    assert "3 entries left out" in caplog.text
    assert lexicon_lines(entries[1:2]) == lines and caplog.text.count("left out") == 1


def test_one_string_is_no_list_of_words(alignment: Alignment) -> None:
    with pytest.raises(DataError, match="words='s1': one string, expected a list"):
        translate(alignment, "s1")
