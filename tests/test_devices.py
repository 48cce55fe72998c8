"""All functions that search give the same on every device; ``cpu:0`` runs the code for a GPU without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toys import dictionary, rotated

from translator import Alignment, Options, align, induce_lexicon
from translator.diagnosis.suspects import suspects
from translator.induction import Entry
from translator.retrieval import csls_bias, neighbourhoods, search_both

GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
DEVICES = pytest.mark.parametrize("device", ["cpu:0", pytest.param("cuda", marks=GPU)])


@pytest.fixture(scope="module")
def on_cpu() -> Alignment:
    """An alignment with held-out words, RCSLS, self-learning and a ranker: every step that searches."""
    return align(*rotated(700, 20, noise=0.5), dictionary(range(300)))


def word_pairs(entries: list[Entry]) -> list[tuple[str, str]]:
    return [(entry.source, entry.target) for entry in entries]


@DEVICES
def test_an_alignment_is_that_of_the_cpu(on_cpu: Alignment, device: str) -> None:
    found = align(*rotated(700, 20, noise=0.5), dictionary(range(300)), Options(device=device))
    for side, expected in ((found.source, on_cpu.source), (found.target, on_cpu.target)):
        np.testing.assert_allclose(side.mapped.matrix, expected.mapped.matrix, atol=1e-3)
    assert all(found.rankers) and all(on_cpu.rankers)


@DEVICES
@pytest.mark.parametrize("criterion", ["csls", "cosine", "inverted-softmax"])
def test_a_lexicon_is_that_of_the_cpu(on_cpu: Alignment, device: str, criterion: Any) -> None:
    entries = [
        induce_lexicon(on_cpu, criterion=criterion, rerank=False, device=where) for where in ("cpu", device)
    ]
    assert word_pairs(entries[0]) == word_pairs(entries[1])
    np.testing.assert_allclose(*([one.score for one in side] for side in entries), atol=1e-5)


@DEVICES
def test_a_reranked_lexicon_is_that_of_the_cpu(on_cpu: Alignment, device: str) -> None:
    entries = [induce_lexicon(on_cpu, device=where) for where in ("cpu", device)]
    assert word_pairs(entries[0]) == word_pairs(entries[1])
    np.testing.assert_allclose(*([one.probability for one in side] for side in entries), atol=1e-4)


@DEVICES
def test_memory_mapped_vectors_are_accepted(on_cpu: Alignment, device: str, tmp_path: Path) -> None:
    """torch would warn that they cannot be written to."""
    on_cpu.save_pretrained(tmp_path / "s-t")
    loaded = Alignment.from_pretrained(tmp_path / "s-t")
    seed = dictionary(range(100))
    assert suspects(loaded, seed, device) == suspects(loaded, seed)
    sides = loaded.source.mapped.matrix, loaded.target.mapped.matrix
    means, expected = neighbourhoods(*sides, device=device), neighbourhoods(*sides)
    np.testing.assert_allclose(means.source, expected.source, atol=1e-5)
    np.testing.assert_allclose(means.target, expected.target, atol=1e-5)
    biases: Any = {"source_bias": csls_bias(means.source), "target_bias": csls_bias(means.target)}
    best, expected_best = search_both(*sides, 1, **biases, device=device), search_both(*sides, 1, **biases)
    for nearest, expected_nearest in zip(best, expected_best, strict=True):
        assert np.array_equal(nearest.indices, expected_nearest.indices)
