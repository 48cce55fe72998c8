"""Induce the lexicon of a whole vocabulary, choose a precision, and write the file."""

from __future__ import annotations

import numpy as np
import pytest
from listening import labels_of_bars
from toys import dictionary, rotated, slow_csls

from translator.alignment import Alignment
from translator.errors import DataError
from translator.induction import Entry, at_least, induce_lexicon
from translator.options import Options
from translator.pipeline import align
from translator.translation import translate


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    """A source vocabulary of 100 words, and 300 target words."""
    source, target = rotated(noise=0.3)
    options = Options(refine="none", self_learn=False, rerank=False)
    return align(source.table(100), target, dictionary(range(80)), options)


def test_the_lexicon_of_the_vocabulary(alignment: Alignment) -> None:
    scores = slow_csls(alignment.source.mapped.matrix, alignment.target.mapped.matrix, 10)
    entries = induce_lexicon(alignment, 2)
    assert [(e.source, e.rank) for e in entries] == [(f"s{n}", rank) for n in range(100) for rank in (1, 2)]
    best, backward = np.argsort(-scores, axis=1)[:, :2], scores.argmax(axis=0)
    assert [e.target for e in entries] == [f"t{column}" for row in best for column in row]
    expected = [e.rank == 1 and backward[int(e.target[1:])] == int(e.source[1:]) for e in entries]
    assert [e.mutual for e in entries] == expected and 0 < sum(expected) <= 100


def test_the_lexicon_under_cosine(alignment: Alignment) -> None:
    cosines = alignment.source.mapped.matrix @ alignment.target.mapped.matrix.T
    entries = induce_lexicon(alignment, criterion="cosine")
    assert [e.target for e in entries] == [f"t{column}" for column in cosines.argmax(axis=1)]


@pytest.mark.parametrize("rerank", [True, False])
def test_a_word_without_a_vector_has_no_translation(rerank: bool) -> None:
    source, target = rotated(noise=0.3)
    source.matrix[7] = 0
    alignment = align(source, target, dictionary(range(10, 200)), Options(rerank=rerank))
    known, unknown = translate(alignment, ["s8", "s7"])
    assert known.candidates and (unknown.vector_origin, unknown.candidates) == ("unknown", ())
    entries = induce_lexicon(alignment)
    assert [entry.source for entry in entries] == [word for word in source.words if word != "s7"]
    assert [e.target for e in entries if e.source == "s8"] == [known.candidates[0].word]


def test_words_have_as_many_translations_as_are_probable() -> None:
    probabilities = {"a": (0.6, 0.3, 0.1), "b": (0.9, 0.05, 0.01), "c": (0.29, 0.28, 0.2)}
    entries = [
        Entry(word, f"{word}{rank}", 0.5, rank, False, value)
        for word, values in probabilities.items()
        for rank, value in enumerate(values, 1)
    ]
    assert [entry.target for entry in at_least(entries, 0.3)] == ["a1", "a2", "b1"]
    assert at_least(entries, 0.0) == entries and at_least([], 0.3) == []
    with pytest.raises(DataError, match="no probabilities"):
        at_least([Entry("a", "b", 0.5, 1, True)], 0.3)


def test_entries_are_shown_on_a_line() -> None:
    assert repr(Entry("s", "t", 0.12345, 2, False)) == "Entry('s' -> 't', score=0.123, rank=2)"
    assert repr(Entry("s", "t", 0.5, 1, True, 0.876)) == (
        "Entry('s' -> 't', score=0.500, rank=1, mutual, probability=0.88)"
    )


def test_a_lexicon_goes_into_a_data_frame(alignment: Alignment) -> None:
    pandas = pytest.importorskip("pandas")
    entries = induce_lexicon(alignment, 2)
    frame = pandas.DataFrame(entries)
    assert list(frame.columns) == ["source", "target", "score", "rank", "mutual", "probability"]
    assert [tuple(row) for row in frame[["source", "target", "rank"]].to_numpy()] == [
        (entry.source, entry.target, entry.rank) for entry in entries
    ]


def test_progress_is_drawn_where_it_is_wanted(alignment: Alignment, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = labels_of_bars(monkeypatch)
    induce_lexicon(alignment, show_progress=False)
    assert not labels
    induce_lexicon(alignment, show_progress=True)
    assert labels
