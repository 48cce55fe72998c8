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
from translator.retrieval import Index, search
from translator.vectors import Flags, Indices
from translator.vectors.normalize import unit_rows

FEWEST_PAIRS = 100  # pairs below which their consistency is noise
# A rotation fitted to some pairs predicts another one if it ranks the target among this share of all targets,
# or among the nearest ten
NEAR, NEAREST = 0.005, 10
FOLDS, SAMPLE = 5, 1000  # of the cross-validation of pairs: parts, and the most pairs
FREQUENT = 2000  # most frequent words a side whose mutual nearest neighbours are tested
ROUNDS = 5  # of self-learning from the few pairs
# Maps that translate nothing scored 0.11 and less, useful ones 0.48 and more (docs/results.md)
INCONSISTENT = 0.3


def cross_validated(spaces: Spaces, pairs: Indices) -> float | None:
    """Return the share of pairs that a rotation fitted to the others predicts; None for too few pairs.

    :param pairs: int64 [p, 2], rows of the source and of the target; :data:`SAMPLE` of them are tested.
    """
    if len(pairs) < FEWEST_PAIRS:
        return None
    sample = pairs[np.linspace(0, len(pairs) - 1, min(len(pairs), SAMPLE)).astype(int)]
    fold_of = np.arange(len(sample)) % FOLDS
    folds = [predicted(spaces, sample[fold_of != fold], sample[fold_of == fold]) for fold in range(FOLDS)]
    return float(np.concatenate(folds).mean())


def predicted(spaces: Spaces, train: Indices, test: Indices) -> Flags:
    """Return which test pairs a rotation fitted to the training pairs predicts, bool [t].

    :param train: int64 [p, 2], rows of the source and of the target.
    :param test: int64 [t, 2].
    """
    rotation = procrustes(spaces, WeightedPairs.certain(train)).source
    k = max(NEAREST, round(NEAR * len(spaces.target)))
    nearest = search(unit_rows(spaces.source[test[:, 0]] @ rotation), spaces.target, k).indices
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


def agreement(shared: Spaces, random_state: int = 0, device: str = "cpu") -> Agreement:
    """Measure the agreement of two vocabularies in the shared space.

    :param shared: unit rows, the most frequent words first.
    :param random_state: seed of the few pairs.
    """
    spaces, dimension = shared.frequent(FREQUENT), shared.source.shape[1]
    identity = np.eye(dimension, dtype=np.float32)
    pairs = mutual_pairs(spaces, Maps(identity, identity), device)
    share = len(pairs) / len(spaces.source)
    if len(pairs) < FEWEST_PAIRS:
        return Agreement(share, None)
    # With as many pairs as dimensions meaningless maps scored high, too; with a quarter real ones scored low
    few = min(dimension // 2, len(pairs) // 3)
    first, second, others = np.split(np.random.default_rng(random_state).permutation(pairs), (few, 2 * few))
    translations = [_translations(spaces, start, others[:, 0], device) for start in (first, second)]
    return Agreement(share, float((translations[0] == translations[1]).mean()))


def _translations(spaces: Spaces, pairs: Indices, words: Indices, device: str) -> Indices:
    """Learn a rotation from the pairs and translate source words by it, rows of the target int64 [w]."""
    for _ in range(ROUNDS):
        pairs = mutual_pairs(spaces, procrustes(spaces, WeightedPairs.certain(pairs)), device)
    shared = spaces.mapped(procrustes(spaces, WeightedPairs.certain(pairs)))
    return Index(shared.target, shared.source, device=device).search(shared.source[words], 1).indices[:, 0]
