"""Whether two spaces agree enough for a translation map: warnings, and their absence."""

from __future__ import annotations

import pytest
from toys import dictionary, gaussian, names, rotated

from translator.pipeline import align
from translator.vectors import WordVectors


def test_too_few_mutual_words_bring_a_warning() -> None:
    message = "too few words are mutual nearest neighbours to tell"
    for count, pairs, warned in ((60, None, True), (60, dictionary(range(50)), False), (300, None, False)):
        warnings = align(*rotated(count, 8), pairs).record.warnings
        assert any(message in warning for warning in warnings) == warned, (count, warnings)


def test_a_good_map_brings_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert align(*rotated(300, 40)).record.warnings == () and not caplog.records


def test_unrelated_spaces_bring_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    unrelated = WordVectors(names(300, "t"), gaussian(300, 120, 99))
    record = align(rotated(300, 120)[0], unrelated).record
    assert len(record.warnings) == 1 and "probably no translation map" in record.warnings[0]
    assert record.warnings[0] in caplog.text
