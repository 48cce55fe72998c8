"""Precision and recall of lexicons with one translation a word, several, or all that are probable enough.

    python -m benchmarks.studies.translations --data DIR [--pairs en-fr fi-en ...] [--limit N]

DIR holds ``<lang>.vec`` and ``dictionaries/{xling,freedict}.<src>-<tgt>.{train,test}.txt``. The test words
and the seed dictionary are those of XLING; all translations that any dictionary of the pair lists for a test
word are right. Precision is the share of the answers that are listed, which is too low: dictionaries list few
of the right translations. Recall is the share of the listed translations in the vocabulary that are answered.
Results go to ``benchmarks/results/translations.json``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.studies.joined import run
from translator import Alignment, Lexicon
from translator.reranking import rerank_candidates
from translator.vectors import Flags, Floats

MOST = 10  # translations of a word
FIXED = (1, 2, 3)
PROBABLE = (0.5, 0.4, 0.3, 0.2, 0.1)


def main() -> None:
    """Measure each pair."""
    run(__doc__, "translations", measure)


def measure(alignment: Alignment, test: Lexicon, gold: Lexicon) -> dict[str, Any]:
    """Return precision and recall of each list, on all test words and on those with several translations."""
    right, probabilities, listed = candidates(alignment, gold)
    result: dict[str, Any] = {}
    for name, words in (("all", listed >= 1), ("several", listed >= 2)):
        kept = {f"best {k}": np.arange(MOST) < k for k in FIXED} | {
            f"at least {least}": probabilities[words] >= least for least in PROBABLE
        }
        lists = {
            label: scores(right[words], np.broadcast_to(keep, right[words].shape), int(listed[words].sum()))
            for label, keep in kept.items()
        }
        result[name] = {"words": int(words.sum()), "listed": float(listed[words].mean()), "lists": lists}
    return result


def candidates(alignment: Alignment, lexicon: Lexicon) -> tuple[Flags, Floats, Any]:
    """Return which candidates of each test word are right, their probabilities, and the number that could be.

    :returns: bool [n, :data:`MOST`], float32 [n, :data:`MOST`], int64 [n].
    """
    source, target = alignment.source.mapped, alignment.target.mapped
    gold: dict[str, set[int]] = {}
    for word, translation in lexicon:
        if source.row_of(word) >= 0 and (row := target.row_of(translation)) >= 0:
            gold.setdefault(word, set()).add(row)
    words: Sequence[str] = list(gold)
    rows = source.matrix[[source.row_of(word) for word in words]]
    ranked = rerank_candidates(alignment, words, rows, MOST)
    right = np.array(
        [
            [column in gold[word] for column in columns]
            for word, columns in zip(words, ranked.indices, strict=True)
        ]
    )
    return right, ranked.probabilities, np.array([len(gold[word]) for word in words])


def scores(right: Flags, kept: Flags, listed: int) -> dict[str, float]:
    """Return precision, recall, F1 and the mean number of translations of a list."""
    hits, size = int((right & kept).sum()), int(kept.sum())
    precision, recall = hits / max(1, size), hits / listed
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    covered = float(kept.any(axis=1).mean())
    return {"precision": precision, "recall": recall, "f1": f1, "size": size / len(right), "covered": covered}


if __name__ == "__main__":
    main()
