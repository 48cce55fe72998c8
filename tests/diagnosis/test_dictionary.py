"""The seed dictionary that a record names, and its overlap with a test dictionary."""

from __future__ import annotations

from pathlib import Path

import pytest
from toys import rotated

from translator.alignment.record import DictionaryRecord
from translator.diagnosis.dictionary import leakage, recorded_dictionary
from translator.lexicon import Lexicon, load_lexicon
from translator.options import Options
from translator.pipeline import align


def test_the_dictionary_is_found_at_its_path_and_next_to_the_folder(tmp_path: Path) -> None:
    file = tmp_path / "pairs.txt"
    file.write_text("s1\tt1\ns2\tt2\n", "utf-8")
    lexicon = load_lexicon(file)
    record = align(*rotated(), lexicon, Options(refine="none")).record
    assert recorded_dictionary(record.dictionary, tmp_path / "x") == (lexicon, "")
    (tmp_path / "new").mkdir()
    file.rename(tmp_path / "new" / "pairs.txt")
    assert recorded_dictionary(record.dictionary, tmp_path / "new" / "x") == (lexicon, "")
    found, why = recorded_dictionary(record.dictionary, tmp_path / "x")
    assert found is None and "pairs.txt, was not found" in why and "`seed_dictionary`" in why
    file.write_text("s1\tt1\ns2\tt3\n", "utf-8")
    found, why = recorded_dictionary(record.dictionary, tmp_path / "x")
    assert found is None and "has changed since" in why


def test_there_may_be_no_dictionary_to_find(tmp_path: Path) -> None:
    assert recorded_dictionary(None, tmp_path)[1] == "The alignment was made without a dictionary."
    assert "was not read from a file" in recorded_dictionary(DictionaryRecord(520), tmp_path)[1]


def test_the_dictionary_of_an_inverse_is_the_other_way_round(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("".join(f"s{number}\tt{number}\n" for number in range(80)))
    made = align(*rotated(120, 8), load_lexicon(tmp_path / "d.txt"))
    for alignment, first in ((made, ("s0", "t0")), (made.inverse(), ("t0", "s0"))):
        lexicon, _ = recorded_dictionary(alignment.record.dictionary, tmp_path)
        assert lexicon is not None and lexicon.pairs[0] == first


def test_the_share_of_test_pairs_that_are_training_pairs() -> None:
    """Pairs outside the vocabularies are not scored, and do not hide those that are."""
    trained = [(f"s{row}", f"t{row}") for row in range(40)]
    alignment = align(*rotated(80, 8), Lexicon(tuple(trained)))
    outside = [(f"x{row}", f"t{row}") for row in range(50)]
    test = Lexicon((*trained[:10], *((f"s{row}", f"t{row}") for row in range(40, 60)), *outside))
    assert leakage(alignment, test) == leakage(alignment.inverse(), test.inverse()) == pytest.approx(1 / 3)
    assert leakage(alignment, Lexicon((("S0", "T0"), ("s0", "t1")))) == 0.5
    assert leakage(alignment, Lexicon(tuple(outside))) is None
    assert leakage(align(*rotated(300, 8), seed_pairs="structure"), test) is None
