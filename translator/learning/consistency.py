"""Do pairs follow from each other? Translations do, chance correspondences do not.

A rotation is fitted to some pairs and asked for the others. If it ranks their targets near, the pairs are
consistent: they are translations. The same question is asked of the seed pairs before learning, and of the
mutual nearest neighbours of the finished map.
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

FREQUENT = 5000  # most frequent words a side whose mutual nearest neighbours are tested
FEWEST_MUTUAL = 100  # mutual pairs below which the consistency is noise
INCONSISTENT = 0.3  # real translation maps scored 0.47 and more, unrelated and failed ones 0.21 and less


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
    :param consistency: share of the mutual pairs that a rotation fitted to *other* mutual pairs ranks first;
        None for too few pairs.
    """

    mutual_share: float
    consistency: float | None

    @property
    def warning(self) -> str | None:
        """One sentence if this is probably no translation map, else None."""
        if self.consistency is None or self.consistency >= INCONSISTENT:
            return None
        return (
            f"probably no translation map: only {self.consistency:.0%} of the mutual nearest neighbours "
            "follow from the others (real maps: about half or more); "
            "a dictionary of a hundred pairs would help most"
        )


def agreement(source: Floats, target: Floats, random_state: int = 0, device: str = "cpu") -> Agreement:
    """Measure the agreement of two vocabularies in the shared space.

    :param source: unit rows, float32 [n, e], the most frequent words first.
    :param target: unit rows, float32 [m, e], likewise.
    :param random_state: seed of the random halves.
    """
    spaces = Spaces(source[:FREQUENT], target[:FREQUENT])
    identity = np.eye(source.shape[1], dtype=np.float32)
    pairs = mutual_pairs(spaces, Maps(identity, identity), device)
    share = len(pairs) / len(spaces.source)
    if len(pairs) < FEWEST_MUTUAL:
        return Agreement(share, None)
    train = np.random.default_rng(random_state).permutation(len(pairs)) < len(pairs) // 2
    first = within_nearest(spaces, pairs[train], pairs[~train], 1, "csls", device)
    return Agreement(share, float(first.mean()))
