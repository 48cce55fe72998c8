"""The names that the package promises are there; ruff sees that what is public has a docstring."""

from __future__ import annotations

import pytest

import translator


def test_the_public_names_are_there() -> None:
    pytest.importorskip("torch")
    assert all(getattr(translator, name) is not None for name in translator.__all__)
    of_torch, others = translator.__all__[-2:], translator.__all__[:-2]
    assert of_torch == ["LexiconAttention", "Translator"] and others == sorted(others)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = translator.nonsense
