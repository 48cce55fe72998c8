"""CSLS means and best words by one scan, against all scores in double precision."""

from __future__ import annotations

import numpy as np
import pytest
from toys import Doubles, assert_same_order, gaussian, slow_best, slow_csls

from translator.retrieval import csls_both, neighbourhoods
from translator.vectors import Floats
from translator.vectors.normalize import unit_rows

K = 4
SOURCE, TARGET = unit_rows(gaussian(90, 8)), unit_rows(gaussian(70, 8, 1))
COSINES: Doubles = SOURCE.astype(np.float64) @ TARGET.astype(np.float64).T
CSLS = slow_csls(SOURCE, TARGET, K)


@pytest.mark.parametrize("among", [1, 20, 90])
def test_the_means_are_those_of_neighbourhoods(among: int) -> None:
    means, _, _ = csls_both(SOURCE, TARGET, 3, among, csls_k=K)
    expected = neighbourhoods(SOURCE, TARGET, K)
    np.testing.assert_allclose(means.source, expected.source, atol=1e-6)
    np.testing.assert_allclose(means.target, expected.target, atol=1e-6)
    assert (means.k, means.sample) == (K, None)


@pytest.mark.parametrize(("k", "among"), [(1, 90), (5, 90), (5, 6), (4, K)])
def test_the_best_are_those_among_the_nearest_by_cosine(k: int, among: int) -> None:
    """If these are the whole vocabulary, they are the best of all."""
    _, forward, backward = csls_both(SOURCE, TARGET, k, among, csls_k=K)
    for found, cosines, csls in ((forward, COSINES, CSLS), (backward, COSINES.T, CSLS.T)):
        near = np.zeros(cosines.shape, bool)
        np.put_along_axis(near, slow_best(cosines, among)[0], True, axis=1)
        indices, scores = slow_best(np.where(near, csls, -np.inf), k)
        assert_same_order(found.indices, indices, csls)
        np.testing.assert_allclose(found.scores, scores, atol=1e-5)
        everywhere: Floats = slow_best(csls, k)[0]
        assert np.array_equal(indices, everywhere) == (among == 90), "the scan matters"
