"""An alignment's candidates in the order of its ranker, each with its probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from translator.alignment import Alignment
from translator.progress import track
from translator.ranking.candidates import BLOCK, DEPTH, Candidates, describe, find
from translator.ranking.ranker import Ranker
from translator.ranking.rows import Rows
from translator.retrieval import Neighbours
from translator.vectors import Flags, Floats, Indices


@dataclass(frozen=True, eq=False)
class Ranked(Rows):
    """Candidates of n words, the likeliest first.

    :param indices: int64 [n, k], rows of the target vocabulary.
    :param scores: float32 [n, k], CSLS.
    :param probabilities: float32 [n, k], of being right; what a row lacks to 1 is that of none being right.
        NaN beyond the :data:`translator.ranking.candidates.DEPTH` that a ranker sees.
    :param mutual: bool [n, k], whether no other source word is nearer to the candidate than the word.
    """

    indices: Indices
    scores: Floats
    probabilities: Floats
    mutual: Flags


def reranked(
    alignment: Alignment, words: Sequence[str], rows: Floats, top: int = DEPTH, device: str = "cpu"
) -> Ranked:
    """Rank the best candidates of words by the alignment's ranker, which must be there.

    :param words: of the source language, seen or unseen.
    :param rows: their unit rows in the shared space, float32 [n, e].
    :param top: candidates a word; those the ranker does not see follow in the order of CSLS.
    """
    source, ranker = alignment.source.mapped, alignment.rankers[0]
    assert ranker is not None
    place = np.array([source.row_of(word) for word in words], np.int64)
    frequency = np.where(place >= 0, place, len(source))  # a word never seen is rarer than all
    target, means = alignment.target.mapped, alignment.means
    exact = means.sample is None and (place >= 0).all()  # a ranker learns from exact densities
    density = means.source[place] if exact else None
    found = find(rows, source, target, means, density, device)
    parts = []
    for start in track(range(0, max(1, len(rows)), BLOCK), "re-ranking"):
        some = slice(start, start + BLOCK)
        parts.append(_ranked(ranker, describe(words[some], frequency[some], found[some], target, means), top))
    ranked = Ranked.joined(parts)
    if top <= DEPTH:
        return ranked
    further = alignment.index("csls", device).search(rows, top)
    return _followed(ranked, Neighbours(further.indices[:, DEPTH:], further.scores[:, DEPTH:]))


def _ranked(ranker: Ranker, seen: Candidates, top: int) -> Ranked:
    likely = ranker.probabilities(seen)
    order = np.argsort(-likely, axis=1, kind="stable")[:, :top]
    row = np.arange(len(order))[:, None]
    return Ranked(
        seen.indices[row, order], seen.scores[row, order], likely[row, order], seen.mutual[row, order]
    )


def _followed(ranked: Ranked, further: Neighbours) -> Ranked:
    """Ranked candidates, and after them others that no ranker has seen."""
    shape = further.scores.shape
    unseen = np.full(shape, np.nan, np.float32), np.zeros(shape, bool)
    return Ranked.joined([ranked, Ranked(further.indices, further.scores, *unseen)], axis=1)
