"""Whether two spaces agree enough for a translation map: warnings, and their absence."""

from __future__ import annotations

import pytest
from toys import dictionary, gaussian, names, rotated

from translator.learning.consistency import INCONSISTENT, agreement
from translator.maps.base import Spaces
from translator.maps.structure import from_structure
from translator.pipeline import align
from translator.vectors import WordVectors
from translator.vectors.normalize import unit_rows


def test_too_few_mutual_words_bring_a_warning() -> None:
    message = "too few words are mutual nearest neighbours to tell"
    for count, pairs, warned in ((60, None, True), (60, dictionary(range(50)), True), (300, None, False)):
        warnings = align(*rotated(count, 8), pairs).record.warnings
        assert any(message in warning for warning in warnings) == warned, (count, warnings)


def test_a_good_map_brings_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert align(*rotated(300, 40)).record.warnings == () and not caplog.records


@pytest.mark.parametrize("dimension", [20, 40])
def test_unrelated_spaces_bring_a_warning(dimension: int, caplog: pytest.LogCaptureFixture) -> None:
    unrelated = WordVectors(names(400, "t"), gaussian(400, dimension, 99))
    record = align(rotated(400, dimension)[0], unrelated).record
    assert len(record.warnings) == 1 and "probably no translation map" in record.warnings[0]
    assert "a hundred dictionary pairs" in record.warnings[0] and record.warnings[0] in caplog.text


@pytest.mark.parametrize("draw", range(3))
@pytest.mark.parametrize("dimension", [20, 40])
def test_consistency_is_high_only_if_few_pairs_lead_to_the_others(dimension: int, draw: int) -> None:
    space, others = (unit_rows(gaussian(400, dimension, 10 * draw + seed)) for seed in (1, 2))
    noisy = unit_rows(space + unit_rows(others) / 2)
    unrelated = Spaces(space, others)
    meaningless = unrelated.mapped(from_structure(unrelated))
    agreed, by_itself = agreement(Spaces(space, noisy)), agreement(meaningless)
    assert agreed.consistency is not None and agreed.consistency > 0.9 and agreed.warning is None
    assert by_itself.mutual_share > 0.3  # it agrees with itself
    assert by_itself.consistency is not None and by_itself.consistency < INCONSISTENT and by_itself.warning


def test_a_dictionary_that_can_be_tested_needs_no_agreement() -> None:
    unrelated = WordVectors(names(400, "t"), gaussian(400, 40, 99))
    warnings = align(rotated(400, 40)[0], unrelated, dictionary(range(300)), rerank=False).record.warnings
    assert len(warnings) == 1 and "of the dictionary pairs follow" in warnings[0]
