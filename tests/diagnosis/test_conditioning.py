"""Singular values of known maps."""

from __future__ import annotations

import numpy as np
import pytest
from toys import floats, rotation

from translator.alignment.affine import SideMap
from translator.diagnosis.conditioning import conditioning
from translator.vectors.normalize import Normalizer


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
