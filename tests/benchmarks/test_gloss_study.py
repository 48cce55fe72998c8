"""The measures of the study of glosses, against slow twins."""

from __future__ import annotations

import numpy as np
import pytest
from toys import gaussian

from benchmarks.studies.gloss import averaged, in_context, probable, retrieval, rewritten
from benchmarks.tables import gloss as tables
from translator.glossing import Gloss, GlossedWord
from translator.tokens import tokenize
from translator.translation import Candidate
from translator.vectors import WordVectors
from translator.vectors.normalize import unit_rows


def glossed(word: str, *candidates: tuple[str, float]) -> GlossedWord:
    found = tuple(Candidate(other, 0.0, probability) for other, probability in candidates)
    return GlossedWord(word, candidates[0][0] if candidates else word, "vocabulary", found)


def test_recall_counts_the_gallery_that_is_nearer() -> None:
    queries, gallery = unit_rows(gaussian(30, 4)), unit_rows(gaussian(50, 4)[::-1].copy())
    found = retrieval(queries, gallery)
    for name, left, right in (
        ("plain", queries, gallery),
        ("centred", unit_rows(queries - queries.mean(0)), unit_rows(gallery - gallery.mean(0))),
    ):
        order = [np.argsort(-(right @ query)).tolist() for query in left]
        for k in (1, 5, 10):
            hits = [row in order[row][:k] for row in range(len(queries))]
            assert found[name][f"R@{k}"] == pytest.approx(100 * np.mean(hits))


def test_unknown_words_weigh_nothing() -> None:
    vectors = WordVectors(["dog", "cat", "sun"], gaussian(3, 5))
    encode = averaged(vectors)
    assert np.allclose(encode(["a dog"]), encode(["Dog!"]))
    assert not encode(["nothing", ""]).any()
    centred = unit_rows(vectors.matrix - vectors.matrix.mean(0))
    assert np.allclose(encode(["dog cat"])[0], unit_rows(centred[None, :2].sum(1))[0], atol=1e-6)
    assert tokenize("") == []


def test_senses_and_words_without_candidates() -> None:
    word = glossed("banc", ("bench", 0.5), ("shoal", 0.2), ("seat", 0.01))
    assert probable(word) == "bench shoal"
    assert rewritten(Gloss("", "", (glossed("7"), word, glossed("x"))), ["bench"]) == "7 bench x"


def test_the_other_words_decide_between_equal_candidates() -> None:
    vectors = WordVectors(
        ["bench", "shoal", "park", "sea"], np.array([[1, 0.1], [-1, 0.1], [1, 0], [-1, 0]], np.float32)
    )
    bank = glossed("banc", ("shoal", 0.4), ("bench", 0.4))
    texts = [Gloss("", "", (bank, glossed("y", (other, 0.9)))) for other in ("park", "sea")]
    assert in_context(texts, vectors) == ["bench park", "shoal sea"]


def test_the_table_has_a_line_a_reading() -> None:
    recall = {"R@1": 1.0, "R@5": 2.0, "R@10": 3.0}
    rows = [
        {"encoder": "e", "reading": "r", "plain": recall, "centred": recall},
        {"encoder": "e", "reading": "s", "plain": recall, "centred": recall, "BLEU": 4.0, "chrF": 5.0},
    ]
    lines = tables.gloss({"rows": {"fr all": {"language": "fr", "pairs": "all", "queries": 9, "rows": rows}}})
    assert lines[-1].splitlines()[2:] == [
        "| fr | all | e | r | 1.0 | 2.0 | 3.0 | 1.0 | - | - |",
        "| fr | all | e | s | 1.0 | 2.0 | 3.0 | 1.0 | 4.0 | 5.0 |",
    ]
