"""The choice of methods by the seed pairs, and by the user."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from translator.learning.plan import REFINABLE, plan

from translator.learning.seed_pairs import SeedPairs
from translator.options import Options


@pytest.mark.parametrize(
    ("origin", "size", "refine"),
    [
        ("dictionary", REFINABLE - 1, "none"),
        ("dictionary", REFINABLE, "free"),
        ("identical", 5000, "free"),
        ("structure", 5000, "free"),
    ],
)
def test_plan_by_the_seed(origin: Any, size: int, refine: str) -> None:
    chosen = plan(Options(), SeedPairs(np.zeros((size, 2), np.int64), origin, "why"))
    assert chosen.refine == refine and chosen.reason.startswith(f"why: {chosen.start}")
    assert ("self-learning" in chosen.reason) == chosen.self_learn
    assert (f"RCSLS ({refine})" in chosen.reason) == (refine != "none")
    if origin != "dictionary":
        assert chosen.self_learn, "seeds that were guessed need it"


@pytest.mark.parametrize("size", [5, 5000])
def test_the_user_overrides_the_plan(size: int) -> None:
    options = Options(start="whitening", self_learn=True, refine="spectral")
    chosen = plan(options, SeedPairs(np.zeros((size, 2), np.int64), "dictionary", "why"))
    assert (chosen.start, chosen.self_learn, chosen.refine) == ("whitening", True, "spectral")
    options = Options(start="procrustes", self_learn=False, refine="none")
    chosen = plan(options, SeedPairs(np.zeros((size, 2), np.int64), "structure", "why"))
    assert (chosen.start, chosen.self_learn, chosen.refine) == ("procrustes", False, "none")
