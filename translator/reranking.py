"""Re-rank an alignment's candidates by its ranker, and give each a probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from translator.alignment import Alignment
from translator.progress import track
from translator.ranking.candidates import BLOCK, DEPTH, Candidates, describe, find
from translator.ranking.ranker import Ranker
from translator.retrieval import Neighbours
from translator.vectors import Flags, Floats, Indices
from translator.vectors.rows import Rows


@dataclass(frozen=True, eq=False)
class RankedCandidates(Rows):
    """Candidates of n words, the most probable first.

    :param indices: int64 [n, k], rows of the target vocabulary.
    :param scores: float32 [n, k], CSLS.
    :param probabilities: float32 [n, k], of being right; 1 minus a row's sum is the probability that none
        is right. NaN beyond the :data:`translator.ranking.candidates.DEPTH` that a ranker sees.
    :param mutual: bool [n, k], whether no other source word is nearer to the candidate than the word.
    """

    indices: Indices
    scores: Floats
    probabilities: Floats
    mutual: Flags


def rerank_candidates(
    alignment: Alignment, words: Sequence[str], rows: Floats, k: int = DEPTH, device: str = "cpu"
) -> RankedCandidates:
    """Order the best CSLS candidates of words by the alignment's ranker, which must exist.

    :param words: of the source language, seen or unseen.
    :param rows: their unit rows in the shared space, float32 [n, e].
    :param k: candidates per word; those the ranker does not see follow in the order of CSLS.
    """
    space, ranker = alignment.space, alignment.rankers[0]
    assert ranker is not None
    source, means = space.source, space.means
    vocabulary_rows = np.array([source.row_of(word) for word in words], np.int64)
    places = np.where(vocabulary_rows >= 0, vocabulary_rows, len(source))
    exact = means.sample is None and (vocabulary_rows >= 0).all()  # a ranker learns from exact densities
    density = means.source[vocabulary_rows] if exact else None
    found = find(rows, space, density, device)
    blocks = []
    for start in track(range(0, max(1, len(rows)), BLOCK), "re-ranking"):
        block = slice(start, start + BLOCK)
        described = describe(words[block], rows[block], places[block], found[block], space)
        blocks.append(_by_probability(ranker, described, k))
    ranked = RankedCandidates.joined(blocks)
    if k <= DEPTH:
        return ranked
    neighbours = alignment.index("csls", device).search(rows, k)
    return _followed(ranked, Neighbours(neighbours.indices[:, DEPTH:], neighbours.scores[:, DEPTH:]))


def _by_probability(ranker: Ranker, candidates: Candidates, k: int) -> RankedCandidates:
    probabilities = ranker.probabilities(candidates)
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    row = np.arange(len(order))[:, None]
    return RankedCandidates(
        candidates.indices[row, order],
        candidates.scores[row, order],
        probabilities[row, order],
        candidates.mutual[row, order],
    )


def _followed(ranked: RankedCandidates, further: Neighbours) -> RankedCandidates:
    """Append candidates that the ranker did not see."""
    shape = further.scores.shape
    unseen = np.full(shape, np.nan, np.float32), np.zeros(shape, bool)
    return RankedCandidates.joined(
        [ranked, RankedCandidates(further.indices, further.scores, *unseen)], axis=1
    )
