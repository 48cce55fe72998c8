"""Candidates in both directions by one scan: those of two searches each, if the scan keeps enough."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from toys import rotated, slow_csls

from translator.maps.base import Spaces
from translator.ranking import candidates
from translator.ranking.candidates import DEPTH, SPARE, find, find_both
from translator.ranking.shared_space import SharedSpace
from translator.retrieval import neighbourhoods
from translator.vectors import WordVectors
from translator.vectors.normalize import unit_rows

K = 7


@pytest.fixture(scope="module")
def sides() -> tuple[WordVectors, WordVectors]:
    """Unit vectors of two vocabularies of unequal size in one space."""
    source = rotated(200, 8)[0]
    noise = np.random.default_rng(1).standard_normal((200, 8)).astype(np.float32)
    return (
        WordVectors(source.words, unit_rows(source.matrix)),
        WordVectors(source.words[:150], unit_rows(source.matrix + noise)[:150]),
    )


def test_with_a_scan_of_all_words_it_equals_two_searches_each(
    sides: tuple[WordVectors, WordVectors], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "SPARE", 200 / DEPTH)
    source, target = sides
    means, forward, backward = find_both(Spaces(source.matrix, target.matrix), K)
    expected = neighbourhoods(source.matrix, target.matrix, K)
    np.testing.assert_allclose(means.source, expected.source, atol=1e-6)
    np.testing.assert_allclose(means.target, expected.target, atol=1e-6)
    space = SharedSpace(source, target, means, np.empty((0, 2), np.int64))
    for found, one in ((forward, space), (backward, space.inverse())):
        searched = find(one.source.matrix, one)
        for field in fields(found):
            assert getattr(found, field.name) == pytest.approx(getattr(searched, field.name), abs=1e-5)


def test_the_scan_keeps_nearly_all_candidates(sides: tuple[WordVectors, WordVectors]) -> None:
    source, target = sides
    assert len(target) > 2 * SPARE * DEPTH
    _, forward, backward = find_both(Spaces(source.matrix, target.matrix), K)
    csls = slow_csls(source.matrix, target.matrix, K)
    for found, scores in ((forward, csls), (backward, csls.T)):
        np.testing.assert_allclose(found.scores, np.take_along_axis(scores, found.indices, 1), atol=1e-5)
        assert (found.scores[:, :-1] >= found.scores[:, 1:]).all()
        best = np.argsort(-scores, axis=1)[:, :DEPTH]
        kept = [len(set(one) & set(other)) for one, other in zip(found.indices, best, strict=True)]
        assert np.mean(kept) > 0.95 * DEPTH
