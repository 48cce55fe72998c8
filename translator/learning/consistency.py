"""Measure whether pairs follow from each other: translations do, chance correspondences do not.

Seed pairs are consistent if a rotation fitted to some of them ranks the targets of the others near. The
mutual nearest neighbours of a finished map were chosen by that map, and a rotation fitted to many of them
repeats it, right or wrong. So two maps are learned again, each from a few of these pairs. From a few right
pairs self-learning reaches the right map; from a few wrong ones it reaches another wrong map each time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from translator.learning.mutual_pairs import mutual_pairs
from translator.maps.base import Maps, Spaces
from translator.maps.pairs import WeightedPairs
from translator.maps.procrustes import procrustes
from translator.retrieval import Criterion, Index
from translator.vectors import Flags, Floats, Indices
from translator.vectors.normalize import unit_rows

FREQUENT = 2000  # most frequent words a side whose mutual nearest neighbours are tested
FEWEST_MUTUAL = 100  # mutual pairs below which the consistency is noise
# Half as many pairs as dimensions: as many as there are lead meaningless maps back, too; fewer lose real ones
ROUNDS = 5  # of self-learning from the few pairs
# Maps that translate nothing scored 0.16 and less, real ones 0.45 and more (docs/results.md)
INCONSISTENT = 0.3


def within_nearest(
    spaces: Spaces,
    train: Indices,
    test: Indices,
    k: int,
    criterion: Criterion = "cosine",
    device: str = "cpu",
) -> Flags:
    """Whether a rotation fitted to the training pairs ranks each test pair among the k nearest, bool [t].

    :param train: int64 [p, 2], rows of the source and of the target.
    :param test: int64 [t, 2].
    """
    rotation = procrustes(spaces, WeightedPairs.certain(train)).source
    sources = None if criterion == "cosine" else unit_rows(spaces.source @ rotation)
    index = Index(spaces.target, sources, criterion, device=device)
    nearest = index.search(unit_rows(spaces.source[test[:, 0]] @ rotation), k).indices
    near: Flags = (nearest == test[:, 1:]).any(axis=1)
    return near


@dataclass(frozen=True)
class Agreement:
    """How well two mapped vocabularies agree: two shares in [0, 1] over the frequent words.

    :param mutual_share: share of source words that have a mutual nearest neighbour. High for unrelated spaces
        too, since a map learned from its own neighbours agrees with itself.
    :param consistency: share of the mutual pairs whose source word is translated alike by two maps, each
        learned again from a few other pairs; None for too few pairs.
    """

    mutual_share: float
    consistency: float | None

    @property
    def warning(self) -> str | None:
        """One sentence if this is probably no translation map, or if there are too few pairs to tell."""
        if self.consistency is None:
            return "too few words are mutual nearest neighbours to tell whether this is a translation map"
        if self.consistency >= INCONSISTENT:
            return None
        return (
            "probably no translation map, and its probabilities mean nothing: two maps, each learned again "
            f"from a few of its pairs, translate only {self.consistency:.0%} of the words alike"
        )


def agreement(source: Floats, target: Floats, random_state: int = 0, device: str = "cpu") -> Agreement:
    """Measure the agreement of two vocabularies in the shared space.

    :param source: unit rows, float32 [n, e], the most frequent words first.
    :param target: unit rows, float32 [m, e], likewise.
    :param random_state: seed of the few pairs.
    """
    spaces = Spaces(source[:FREQUENT], target[:FREQUENT])
    identity = np.eye(source.shape[1], dtype=np.float32)
    pairs = mutual_pairs(spaces, Maps(identity, identity), device)
    share = len(pairs) / len(spaces.source)
    if len(pairs) < FEWEST_MUTUAL:
        return Agreement(share, None)
    few = min(source.shape[1] // 2, len(pairs) // 3)
    first, second, others = np.split(np.random.default_rng(random_state).permutation(pairs), (few, 2 * few))
    translations = [_translations(spaces, start, others[:, 0], device) for start in (first, second)]
    return Agreement(share, float((translations[0] == translations[1]).mean()))


def _translations(spaces: Spaces, pairs: Indices, words: Indices, device: str) -> Indices:
    """Learn a rotation from the pairs and translate source words by it, rows of the target int64 [w]."""
    for _ in range(ROUNDS):
        pairs = mutual_pairs(spaces, procrustes(spaces, WeightedPairs.certain(pairs)), device)
    shared = spaces.mapped(procrustes(spaces, WeightedPairs.certain(pairs)))
    return Index(shared.target, shared.source, device=device).search(shared.source[words], 1).indices[:, 0]
