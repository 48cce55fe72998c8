"""Suspects: pairs of the seed dictionary that the map contradicts although it was fitted on them.

A map has far fewer parameters than a dictionary has pairs, so one wrong pair among many correct ones does not
change it: the words of the wrong pair stay far apart. Rare senses and words with poor vectors look the same,
so a person should check the pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from translator.alignment import Alignment
from translator.lexicon import Lexicon
from translator.retrieval import csls_bias, search
from translator.vectors import Flags, Floats, Indices
from translator.vectors.matrices import ROUNDING

DEPTH = 10  # a pair among this many best translations in either direction is not suspected
FAR = 0.5  # least gap, relative to typical minus random CSLS: benchmarks/studies/diagnosis.py


@dataclass(frozen=True)
class Suspect:
    """A pair of the dictionary, and the translations that the map prefers.

    :param score: CSLS of the pair.
    :param best_target: best translation of the source word; ``best_source`` that of the target word.
    :param gap: CSLS of the worse of these two preferred pairs, minus ``score``.
    """

    source: str
    target: str
    score: float
    best_target: str
    best_source: str
    gap: float


def suspects(alignment: Alignment, lexicon: Lexicon, device: str = "cpu") -> list[Suspect]:
    """Find pairs of the dictionary that the map contradicts, those with the largest gap first.

    A pair is suspected if neither word is among the :data:`DEPTH` best translations of the other, and if its
    gap is large: at least :data:`FAR` times the difference between the median CSLS of the dictionary's
    pairs and that of its words paired at random. Pairs with a word outside the vocabularies are skipped.
    """
    source, target = alignment.source.mapped, alignment.target.mapped
    pairs = lexicon.match(source, target).rows
    if not len(pairs):
        return []
    score = _csls(alignment, pairs)
    random = _csls(alignment, np.column_stack([pairs[:, 0], np.roll(pairs[:, 1], len(pairs) // 2)]))
    typical = float(np.median(score) - np.median(random))
    best_target, forward, near = _preferred(alignment, pairs, device)
    best_source, backward, near_backward = _preferred(alignment.inverse(), pairs[:, ::-1], device)
    gap = np.minimum(forward, backward) - score
    rows = np.flatnonzero(~near & ~near_backward & (typical > ROUNDING) & (gap >= FAR * typical))
    return [
        Suspect(
            source.words[pairs[row, 0]],
            target.words[pairs[row, 1]],
            float(score[row]),
            target.words[best_target[row]],
            source.words[best_source[row]],
            float(gap[row]),
        )
        for row in rows[np.argsort(-gap[rows], kind="stable")]
    ]


def _csls(alignment: Alignment, pairs: Indices) -> Floats:
    """Return the CSLS of pairs of rows, int64 [p, 2] -> float32 [p]."""
    left, right = pairs.T
    rows = alignment.source.mapped.matrix[left], alignment.target.mapped.matrix[right]
    cosine = np.einsum("ij,ij->i", *rows)
    csls: Floats = 2 * cosine - alignment.means.source[left] - alignment.means.target[right]
    return csls


def _preferred(alignment: Alignment, pairs: Indices, device: str) -> tuple[Indices, Floats, Flags]:
    """Return for each pair the best target of its source, their CSLS, and whether its own target is near.

    :returns: int64 [p], float32 [p], bool [p].
    """
    sources, query = np.unique(pairs[:, 0], return_inverse=True)
    bias = csls_bias(alignment.means.target)
    rows = alignment.source.mapped.matrix[sources]
    nearest = search(rows, alignment.target.mapped.matrix, DEPTH, bias=bias, device=device)
    best = 2 * nearest.scores[:, 0] - alignment.means.source[sources]
    near = (nearest.indices[query] == pairs[:, 1:]).any(axis=1)
    return nearest.indices[query, 0], best[query], near
