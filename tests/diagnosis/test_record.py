"""The dictionary that an alignment's record names, and the shape of its maps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from toys import floats, rotated, rotation

from translator.alignment.affine import SideMap
from translator.alignment.record import DictionaryRecord
from translator.diagnosis.conditioning import conditioning
from translator.diagnosis.seed import recorded_dictionary, told
from translator.lexicon import Lexicon, load_lexicon
from translator.options import Options
from translator.pipeline import align
from translator.vectors.normalize import Normalizer


def test_the_dictionary_is_found_where_it_was_and_beside_the_folder(tmp_path: Path) -> None:
    file = tmp_path / "pairs.txt"
    file.write_text("s1\tt1\ns2\tt2\n", "utf-8")
    lexicon = load_lexicon(file)
    record = align(*rotated(), lexicon, Options(refine="none")).record
    assert recorded_dictionary(record.dictionary, tmp_path / "x") == (lexicon, "")
    (tmp_path / "new").mkdir()
    file.rename(tmp_path / "new" / "pairs.txt")
    assert recorded_dictionary(record.dictionary, tmp_path / "new" / "x") == (lexicon, "")
    found, why = recorded_dictionary(record.dictionary, tmp_path / "x")
    assert found is None and "pairs.txt, is gone" in why and "--dict" in why
    file.write_text("s1\tt1\ns2\tt3\n", "utf-8")
    found, why = recorded_dictionary(record.dictionary, tmp_path / "x")
    assert found is None and "has changed since" in why


def test_there_may_be_no_dictionary_to_find(tmp_path: Path) -> None:
    assert recorded_dictionary(None, tmp_path)[1] == "The alignment was made without a dictionary."
    assert "came from no file" in recorded_dictionary(DictionaryRecord(520), tmp_path)[1]


def side(matrix: np.ndarray) -> SideMap:
    return SideMap(Normalizer((), ()), matrix.astype(np.float32))


def test_the_shape_of_known_maps() -> None:
    stretched = np.diag([3.0, 1, 1, 1]) @ rotation(4)
    found = conditioning(side(stretched))
    assert found is not None and found.condition_number == pytest.approx(3, rel=1e-5)
    assert found.singular_values == pytest.approx(np.array([3, 1, 1, 1]) / np.sqrt(3), rel=1e-5)
    turned = conditioning(side(5 * rotation(6)))
    assert turned is not None and turned.singular_values == pytest.approx([1] * 6, rel=1e-5)
    assert conditioning(side(2.5 * np.eye(4))) is None


def test_a_map_without_an_inverse_has_no_condition_number() -> None:
    found = conditioning(side(floats([[1, 2], [2, 4]])))
    assert found is not None and found.condition_number is None


def test_the_dictionary_of_an_inverse_is_the_other_way_round(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("".join(f"s{number}\tt{number}\n" for number in range(80)))
    made = align(*rotated(120, 8), load_lexicon(tmp_path / "d.txt"))
    for alignment, first in ((made, ("s0", "t0")), (made.inverse(), ("t0", "s0"))):
        lexicon, _ = recorded_dictionary(alignment.record.dictionary, tmp_path)
        assert lexicon is not None and lexicon.pairs[0] == first


def test_the_share_of_a_test_that_was_told() -> None:
    test = Lexicon((("a", "x"), ("a", "y"), ("b", "x"), ("c", "z")))
    assert told(test, Lexicon((("a", "x"), ("c", "z"), ("d", "x")))) == 0.5
    assert told(test, Lexicon((("x", "a"),))) == 0
    assert told(Lexicon((("A", "X"), ("A", "Y"))), Lexicon((("a", "x"),))) == 0.5
