"""Find the best CSLS candidates of each word and compute their features, the input of a ranker.

The features follow BLICEr (Li et al. 2022) and Kohli et al. 2024: geometry in both directions, frequencies,
and spelling; and the regions around both words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from translator.maps.base import Spaces
from translator.ranking.local_agreement import FEATURES as LOCAL
from translator.ranking.local_agreement import local_agreement
from translator.ranking.shared_space import SharedSpace
from translator.ranking.spelling import FEATURES as SPELLING
from translator.ranking.spelling import similarity
from translator.retrieval import NEIGHBOURHOOD, Neighbourhoods, csls_bias, csls_both, search
from translator.vectors import Flags, Floats, Indices
from translator.vectors.matrices import ROUNDING
from translator.vectors.rows import Rows

DEPTH = 30  # candidates per word that a ranker sees
SPARE = 1.5  # times as many nearest by cosine as candidates, in one scan for both directions
BLOCK = 4096  # words per call of `describe`, whose memory this limits: two kilobytes and more per word

GEOMETRY = (
    *("cosine", "csls", "margin", "rank", "backward rank", "backward margin", "hubness", "density"),
    *("frequency", "relative frequency"),
)
FEATURES = GEOMETRY + LOCAL + SPELLING
QUERY_FEATURES = ("frequency", "density", "best csls", "margin")


@dataclass(frozen=True, eq=False)
class Candidates(Rows):
    """The k best targets of n words under CSLS, the best first, with the features that a ranker needs.

    :param indices: int64 [n, k], rows of the target vocabulary.
    :param scores: float32 [n, k], CSLS.
    :param features: float32 [n, k, f], of each candidate: :data:`FEATURES`.
    :param queries: float32 [n, q], of each word: :data:`QUERY_FEATURES`.
    :param mutual: bool [n, k], whether no other source word is nearer to the candidate than the word.
    """

    indices: Indices
    scores: Floats
    features: Floats
    queries: Floats
    mutual: Flags


@dataclass(frozen=True, eq=False)
class FoundCandidates(Rows):
    """The k best targets of n words under CSLS, the best first, as a search in both directions finds them.

    :param indices: int64 [n, k], rows of the target vocabulary.
    :param scores: float32 [n, k], CSLS.
    :param density: float32 [n], mean cosine of each word with its nearest targets.
    :param lead: float32 [n, k], CSLS of the word minus that of the candidate's best source word.
    :param nearer: int64 [n, k], number of source words that are nearer to the candidate than the word.
    """

    indices: Indices
    scores: Floats
    density: Floats
    lead: Floats
    nearer: Indices


def find(
    vectors: Floats, space: SharedSpace, density: Floats | None = None, device: str = "cpu"
) -> FoundCandidates:
    """Find the candidates of words, and how the words rank among the best sources of each candidate.

    :param vectors: unit rows of n source words in the shared space, float32 [n, e].
    :param density: mean cosine of each word with its nearest targets, float32 [n]; None computes it.
    """
    target, means = space.target.matrix, space.means
    forward = search(vectors, target, DEPTH, bias=csls_bias(means.target), device=device)
    if density is None:
        density = search(vectors, target, means.k, device=device).scores.mean(axis=1)
    csls = 2 * forward.scores - density[:, None]
    distinct, row = np.unique(forward.indices, return_inverse=True)
    bias = csls_bias(means.source)
    backward = search(target[distinct], space.source.matrix, DEPTH, bias=bias, device=device)
    best = 2 * backward.scores - means.target[distinct][:, None]
    return FoundCandidates(forward.indices, csls, density, *_backward(csls, row.reshape(csls.shape), best))


def find_both(
    mapped: Spaces,
    csls_k: int = NEIGHBOURHOOD,
    device: str = "cpu",
    depth: int = DEPTH,
) -> tuple[Neighbourhoods, FoundCandidates, FoundCandidates]:
    """Find the CSLS means, and the candidates of all source words and of all target words, by one scan.

    The means are exact. The candidates are the best under CSLS among the nearest by cosine, :data:`SPARE`
    times as many; a second scan would improve them a little.

    :param mapped: unit rows in the shared space.
    :param depth: number of candidates of each word.
    """
    means, forward, backward = csls_both(
        mapped.source, mapped.target, depth, among=round(SPARE * depth), csls_k=csls_k, device=device
    )
    leads = (
        _backward(forward.scores, forward.indices, backward.scores),
        _backward(backward.scores, backward.indices, forward.scores),
    )
    return (
        means,
        FoundCandidates(forward.indices, forward.scores, means.source, *leads[0]),
        FoundCandidates(backward.indices, backward.scores, means.target, *leads[1]),
    )


def describe(
    words: Sequence[str], vectors: Floats, rows: Indices, found: FoundCandidates, space: SharedSpace
) -> Candidates:
    """Compute the ranker's features for each candidate translation.

    :param words: n source words, as they are spelled.
    :param vectors: their unit rows in the shared space, float32 [n, e].
    :param rows: their rows in the vocabulary, int64 [n]; its length for unseen words, which are rarer.
    :param found: the candidates of the n words.
    """
    csls, density = found.scores, found.density[:, None]
    margin = csls - _rival(csls)
    hubness = space.means.target[found.indices]
    rank = np.log1p(np.arange(csls.shape[1], dtype=np.float32))
    of_word, of_candidate = np.log1p(rows)[:, None], np.log1p(found.indices)
    cosine = (csls + density + hubness) / 2
    columns: list[npt.NDArray[Any]] = [cosine, csls, margin, rank, np.log1p(found.nearer), found.lead]
    columns += [hubness, density, of_candidate, of_candidate - of_word]
    geometry = np.stack([np.broadcast_to(column, csls.shape) for column in columns], axis=2)
    spelling = similarity(
        [word for word in words for _ in range(csls.shape[1])],
        [space.target.words[int(row)] for row in found.indices.ravel()],
    ).reshape(*csls.shape, len(SPELLING))
    local = local_agreement(space, vectors, rows, found.indices)
    features = np.concatenate([geometry, local, spelling], axis=2).astype(np.float32)
    queries = np.column_stack([of_word, density, csls[:, 0], margin[:, 0]]).astype(np.float32)
    return Candidates(found.indices, csls, features, queries, found.nearer == 0)


def _rival(scores: Floats) -> Floats:
    """Return the best score among the other candidates of each word, float32 [n, k]."""
    rival = np.repeat(scores[:, :1], scores.shape[1], axis=1)
    rival[:, 0] = scores[:, min(1, scores.shape[1] - 1)]
    return rival


def _backward(csls: Floats, row: Indices, best: Floats) -> tuple[Floats, Indices]:
    """Return ``lead`` and ``nearer`` of :class:`FoundCandidates`: how each word ranks for its candidates.

    :param csls: float32 [n, k], of each word and candidate.
    :param row: int64 [n, k], the candidate's row of ``best``.
    :param best: float32 [d, b], CSLS of d candidates with their b best source words, the best first.
    """
    lead: Floats = csls - best[:, 0][row]
    nearer = np.empty(row.shape, np.int64)
    for rank in range(row.shape[1]):  # all ranks at once would take k times the memory
        nearer[:, rank] = (best[row[:, rank]] > csls[:, rank, None] + ROUNDING).sum(axis=1)
    return lead, nearer
