"""Induce the lexicon of a whole vocabulary, choose a precision, and write the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from listening import labels_of_bars
from toys import dictionary, rotated, slow_csls

from translator.alignment import Alignment
from translator.induction import Entry, induce_lexicon, lexicon_lines, write_lexicon
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


def test_the_file_of_a_lexicon(alignment: Alignment, tmp_path: Path) -> None:
    entries = induce_lexicon(alignment)
    write_lexicon(entries, tmp_path / "lexicon.tsv")
    lines = (tmp_path / "lexicon.tsv").read_text("utf-8").splitlines()
    assert lines[0] == "source\ttarget\tscore\trank\tmutual\tprobability" and len(lines) == 101
    assert lines[1].split("\t") == ["s0", entries[0].target, f"{entries[0].score:.4f}", "1", "yes", ""]
    assert "".join(lexicon_lines(entries)) == (tmp_path / "lexicon.tsv").read_text("utf-8")


def test_words_that_no_table_can_hold_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    pairs = ("a\tb", "x"), ("c d", "y"), ("e", "y\nz"), ("f", "\r")
    entries = [Entry(*pair, 1.0, 1, True) for pair in pairs]
    lines = lexicon_lines(entries)
    assert [line.split("\t")[0] for line in lines] == ["source", "c d"]
    assert "3 entries left out" in caplog.text
    assert lexicon_lines(entries[1:2]) == lines and caplog.text.count("left out") == 1


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
