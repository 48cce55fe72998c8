"""The names that the package promises are there; ruff sees that what is public has a docstring."""

from __future__ import annotations

import pytest

import translator


def test_the_public_names_are_there() -> None:
    pytest.importorskip("torch")
    assert all(getattr(translator, name) is not None for name in translator.__all__)
    assert translator.__all__[-1] == "Translator" and translator.__all__[:-1] == sorted(
        translator.__all__[:-1]
    )
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = translator.nonsense
