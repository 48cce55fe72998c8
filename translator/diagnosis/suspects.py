"""Dictionary pairs that the geometry contradicts although the map was fitted on them.

A map has far fewer parameters than a dictionary has pairs, so a wrong pair among many right ones does not
bend it: its words stay apart. Rare senses and words with poor vectors look the same; the pairs are for a
person to check.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from translator.alignment import Alignment
from translator.lexicon import Lexicon
from translator.retrieval import csls_bias, search
from translator.vectors import Flags, Floats, Indices
from translator.vectors.matrices import ROUNDING

DEPTH = 10  # a pair that is among so many best in either direction is not suspected
# Of the distance of a typical pair from two words at random: measured in benchmarks/studies/diagnosis.py
FAR = 0.5


@dataclass(frozen=True)
class Suspect:
    """A pair of the dictionary, and what the map prefers to it.

    :param score: CSLS of the pair.
    :param best_target: best translation of the source word; ``best_source`` that of the target word.
    :param gap: how far the score lies below that of the nearer of these two.
    """

    source: str
    target: str
    score: float
    best_target: str
    best_source: str
    gap: float


def suspects(alignment: Alignment, lexicon: Lexicon, device: str = "cpu") -> list[Suspect]:
    """Pairs of the dictionary that are far from being translations of each other, the farthest first.

    A pair is suspected whose target is not among the 10 best translations of its source, nor its source
    among those of its target, and whose CSLS lies far below the best of both: by :data:`FAR` of the
    distance from the median of the dictionary's pairs to that of its words paired at random. Pairs with a
    word outside the vocabularies are not judged.
    """
    source, target = alignment.source.mapped, alignment.target.mapped
    pairs = lexicon.match(source, target).rows
    if not len(pairs):
        return []
    score = _csls(alignment, pairs)
    chance = _csls(alignment, np.column_stack([pairs[:, 0], np.roll(pairs[:, 1], len(pairs) // 2)]))
    apart = float(np.median(score) - np.median(chance))
    best_target, forth, near = _preferred(alignment, pairs, device)
    best_source, back, near_back = _preferred(alignment.inverse(), pairs[:, ::-1], device)
    gap = np.minimum(forth, back) - score
    rows = np.flatnonzero(~near & ~near_back & (apart > ROUNDING) & (gap >= FAR * apart))
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
    """CSLS of pairs of rows, int64 [p, 2] -> float32 [p]."""
    left, right = pairs.T
    rows = alignment.source.mapped.matrix[left], alignment.target.mapped.matrix[right]
    cosine = np.einsum("ij,ij->i", *rows)
    csls: Floats = 2 * cosine - alignment.means.source[left] - alignment.means.target[right]
    return csls


def _preferred(alignment: Alignment, pairs: Indices, device: str) -> tuple[Indices, Floats, Flags]:
    """Of each pair: the best target of its source, the CSLS of these two, and whether its own is near.

    :returns: int64 [p], float32 [p], bool [p].
    """
    asked, query = np.unique(pairs[:, 0], return_inverse=True)
    bias = csls_bias(alignment.means.target)
    rows = alignment.source.mapped.matrix[asked]
    found = search(rows, alignment.target.mapped.matrix, DEPTH, bias=bias, device=device)
    best = 2 * found.scores[:, 0] - alignment.means.source[asked]
    near = (found.indices[query] == pairs[:, 1:]).any(axis=1)
    return found.indices[query, 0], best[query], near
