"""Re-rank an alignment's candidates by its ranker and its seed dictionary, and give each a probability.

The ranker does not know which words the seed dictionary lists. So its odds of a listed candidate are
multiplied by a constant, a Bayes factor. A listed translation that is not among the candidates is ignored:
there the dictionary is mostly wrong, or gives a rare meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from translator.alignment import Alignment
from translator.maps.pairs import among
from translator.progress import track
from translator.ranking.candidates import BLOCK, DEPTH, Candidates, describe, find
from translator.retrieval import Neighbours
from translator.vectors import Flags, Floats, Indices
from translator.vectors.rows import Rows

# By another dictionary, seed dictionaries list a right candidate 110 to 140 times as often as a wrong one.
# Probabilities agree best with it from 5 to 20, and 20 gives the best glosses (docs/results.md, "Words of the
# seed dictionary").
LISTED = 20.0


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
    """Order the best CSLS candidates of words by an alignment's ranker, which must exist, and dictionary.

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
        listed = among(alignment.dictionary, vocabulary_rows[block, None], described.indices)
        probabilities = with_dictionary(ranker.probabilities(described), listed)
        blocks.append(_by_probability(probabilities, described, k))
    ranked = RankedCandidates.joined(blocks)
    if k <= DEPTH:
        return ranked
    neighbours = alignment.index("csls", device).search(rows, k)
    return _followed(ranked, Neighbours(neighbours.indices[:, DEPTH:], neighbours.scores[:, DEPTH:]))


def with_dictionary(probabilities: Floats, listed: Flags, factor: float = LISTED) -> Floats:
    """Return the probabilities of candidates, some of which a dictionary lists, float32 [n, k].

    >>> import numpy as np
    >>> with_dictionary(np.array([[0.4, 0.1]], np.float32), np.array([[False, True]]), factor=5)
    array([[0.2857143 , 0.35714287]], dtype=float32)

    :param probabilities: without the dictionary, float32 [n, k]; the rest to 1 is that of no candidate.
    :param listed: bool [n, k].
    :param factor: by which the odds of a listed candidate are multiplied.
    """
    raised = np.where(listed, np.float32(factor) * probabilities, probabilities)
    shares: Floats = raised / (1 + (raised - probabilities).sum(axis=1, keepdims=True))
    return shares


def _by_probability(probabilities: Floats, candidates: Candidates, k: int) -> RankedCandidates:
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
