"""The best candidates of each word under CSLS, and what is known of each: the input of a ranker.

Features after BLICEr (Li et al. 2022) and Kohli et al. 2024: the geometry in both directions, frequencies,
and spelling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from translator.ranking.rows import Rows
from translator.ranking.spelling import FEATURES as SPELLING
from translator.ranking.spelling import alikeness
from translator.retrieval import Neighbourhoods, csls_bias, search, search_both
from translator.vectors import Flags, Floats, Indices, WordVectors
from translator.vectors.matrices import ROUNDING

DEPTH = 30  # candidates a word that a ranker sees
BLOCK = 4096  # words that are best described at once: two kilobytes and more each

GEOMETRY = (
    *("cosine", "csls", "margin", "rank", "backward rank", "backward margin", "hubness", "density"),
    *("frequency", "relative frequency"),
)
FEATURES = GEOMETRY + SPELLING
QUERY_FEATURES = ("frequency", "density", "best csls", "margin")


@dataclass(frozen=True, eq=False)
class Candidates(Rows):
    """The best k targets of n words, best first under CSLS.

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
class Found(Rows):
    """The best k targets of n words, best first under CSLS, and where each stands among its rivals.

    :param indices: int64 [n, k], rows of the target vocabulary.
    :param scores: float32 [n, k], CSLS.
    :param density: float32 [n], mean cosine of each word with its nearest targets.
    :param lead: float32 [n, k], of the word over the candidate's best source.
    :param nearer: int64 [n, k], sources that are nearer to the candidate than the word.
    """

    indices: Indices
    scores: Floats
    density: Floats
    lead: Floats
    nearer: Indices


def find(
    rows: Floats,
    source: WordVectors,
    target: WordVectors,
    means: Neighbourhoods,
    density: Floats | None = None,
    device: str = "cpu",
) -> Found:
    """Search in both directions.

    :param rows: unit rows of n words in the shared space, float32 [n, e].
    :param source: the source vocabulary in the shared space; ``target`` the target's.
    :param means: CSLS neighbourhood means of both.
    :param density: mean cosine of each word with its nearest targets where it is known, float32 [n].
    """
    found = search(rows, target.matrix, DEPTH, bias=csls_bias(means.target), device=device)
    if density is None:
        density = search(rows, target.matrix, means.k, device=device).scores.mean(axis=1)
    csls = 2 * found.scores - density[:, None]
    distinct, place = np.unique(found.indices, return_inverse=True)
    back = search(target.matrix[distinct], source.matrix, DEPTH, bias=csls_bias(means.source), device=device)
    best = 2 * back.scores - means.target[distinct][:, None]
    return Found(found.indices, csls, density, *_backward(csls, place.reshape(csls.shape), best))


def find_both(
    source: WordVectors, target: WordVectors, means: Neighbourhoods, device: str = "cpu"
) -> tuple[Found, Found]:
    """Candidates of all source words and of all target words; each way is the other's way back."""
    forth, back = search_both(
        source.matrix,
        target.matrix,
        DEPTH,
        source_bias=csls_bias(means.source),
        target_bias=csls_bias(means.target),
        device=device,
    )
    csls, csls_back = 2 * forth.scores - means.source[:, None], 2 * back.scores - means.target[:, None]
    return (
        Found(forth.indices, csls, means.source, *_backward(csls, forth.indices, csls_back)),
        Found(back.indices, csls_back, means.target, *_backward(csls_back, back.indices, csls)),
    )


def describe(
    words: Sequence[str], frequency: Indices, found: Found, target: WordVectors, means: Neighbourhoods
) -> Candidates:
    """What a ranker is told of candidates that were found: some hundred numbers a word.

    :param words: n strings, as they are spelled.
    :param frequency: int64 [n], place of each among the source words by frequency.
    """
    csls, density = found.scores, found.density[:, None]
    margin = csls - _rival(csls)
    hubness = means.target[found.indices]
    place = np.log1p(np.arange(csls.shape[1], dtype=np.float32))
    asked, answered = np.log1p(frequency)[:, None], np.log1p(found.indices)
    cosine = (csls + density + hubness) / 2
    known: list[npt.NDArray[Any]] = [cosine, csls, margin, place, np.log1p(found.nearer), found.lead]
    known += [hubness, density, answered, answered - asked]
    described = np.stack([np.broadcast_to(part, csls.shape) for part in known], axis=2)
    spelled = alikeness(
        [word for word in words for _ in range(csls.shape[1])],
        [target.words[int(row)] for row in found.indices.ravel()],
    ).reshape(*csls.shape, len(SPELLING))
    features = np.concatenate([described, spelled], axis=2).astype(np.float32)
    queries = np.column_stack([asked, density, csls[:, 0], margin[:, 0]]).astype(np.float32)
    return Candidates(found.indices, csls, features, queries, found.nearer == 0)


def _rival(scores: Floats) -> Floats:
    """The best score among a word's other candidates, float32 [n, k]."""
    rival = np.repeat(scores[:, :1], scores.shape[1], axis=1)
    rival[:, 0] = scores[:, min(1, scores.shape[1] - 1)]
    return rival


def _backward(csls: Floats, place: Indices, best: Floats) -> tuple[Floats, Indices]:
    """How the candidates see the word: its lead over their best source, and how many sources are nearer.

    :param csls: float32 [n, k], of each word and candidate.
    :param place: int64 [n, k], the row of ``best`` that is the candidate's.
    :param best: float32 [d, DEPTH], CSLS of candidates and their best sources.
    """
    lead: Floats = csls - best[:, 0][place]
    nearer = np.empty(place.shape, np.int64)
    for rank in range(place.shape[1]):  # all ranks at once would take DEPTH times the memory
        nearer[:, rank] = (best[place[:, rank]] > csls[:, rank, None] + ROUNDING).sum(axis=1)
    return lead, nearer
