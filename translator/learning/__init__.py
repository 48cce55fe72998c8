"""Learning a map: fit it to weighted pairs, ask the ranker which pairs are probable, and repeat.

This is expectation maximisation with the ranker's calibrated probabilities as the posterior. The pairs of a
dictionary stay in every round with weight 1; all other pairs are found again in every round. The rounds end
when the expected number of right pairs no longer grows; after the start from a large dictionary one round is
enough. A last fit is refined by RCSLS on a fixed number of pairs: those of the dictionary, and as many
probable ones as it lacks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.random  # imported here because an import at first use would swallow an interruption

from translator.learning.seed_pairs import WORDS, SeedPairs
from translator.maps import CLOSED_FORM
from translator.maps.base import Maps, Spaces
from translator.maps.history import InductionRound, Step
from translator.maps.pairs import WeightedPairs
from translator.maps.rcsls import rcsls
from translator.options import Options
from translator.progress import track
from translator.vectors import Indices

logger = logging.getLogger(__name__)

# Measured by benchmarks/studies/learning.py: docs/results.md, "Constants of learning"
ENOUGH = 2000  # pairs that RCSLS learns from; more cost time and gain little
ROUNDS = 6  # the most rounds
SETTLED = 0.05  # relative growth of the expected number of right pairs below which the rounds end
PROBABLE = 0.2  # weight that a pair for RCSLS must have: its probability in the less probable direction

FindPairs = Callable[[Spaces], WeightedPairs]  # spaces mapped into the shared one -> probable pairs


@dataclass(frozen=True, eq=False)
class LearnedMaps:
    """Maps, and the pairs that they were learned from.

    :param induced: the probable pairs that the maps were fitted to.
    :param anchors: pairs around which the maps should be right, for the ranker, int64 [p, 2]: the given ones
        first, then probable ones, at most one of each kind for a word.
    """

    maps: Maps
    induced: WeightedPairs
    anchors: Indices


@dataclass(frozen=True, eq=False)
class MapLearner:
    """Learns the maps between two spaces.

    :param find_pairs: finds probable pairs in spaces that are mapped into the shared one.
    :param enough: number of pairs that RCSLS learns from; a dictionary of as many needs one round.
    :param rounds: the most rounds.
    :param settled: relative growth of the expected number of right pairs below which the rounds end.
    :param probable: probability that a pair for RCSLS must have in the less probable direction.
    :param words: number of frequent words a side among which probable pairs are sought.
    """

    spaces: Spaces
    options: Options
    find_pairs: FindPairs
    enough: int = ENOUGH
    rounds: int = ROUNDS
    settled: float = SETTLED
    probable: float = PROBABLE
    words: int = WORDS

    def learn(self, seed_pairs: SeedPairs) -> LearnedMaps:
        """Learn maps from seed pairs and, in rounds, from the pairs that are probable under the map."""
        logger.info("%s", seed_pairs.reason)
        given, kept = WeightedPairs.certain(seed_pairs.first), WeightedPairs.certain(seed_pairs.kept)
        induced = WeightedPairs.none()
        history: list[Step] = []
        rounds = self.rounds if self.options.self_learn else 0
        for number in track(range(1, rounds + 1), "learning"):
            before, maps = induced, self.fit(given + induced)
            found = self.find_pairs(self.spaces.frequent(self.words).mapped(maps))
            history.append(InductionRound(number, len(found), found.expected))
            logger.info("round %d: %.0f of %d pairs should be right", number, found.expected, len(found))
            if found.expected > before.expected:
                given, induced = kept, found
            if len(kept) >= self.enough or found.expected <= before.expected * (1 + self.settled):
                break
        return self._refined(given, induced, history)

    def refit(self, seed_pairs: SeedPairs, learned: LearnedMaps, pairs: Indices) -> LearnedMaps:
        """Fit with a subset of the dictionary and no pair of the other words, to adapt the ranker to these.

        :param pairs: the subset, int64 [p, 2].
        """
        left_out = [np.setdiff1d(seed_pairs.rows[:, side], pairs[:, side]) for side in (0, 1)]
        induced = learned.induced.within(self.spaces.sizes).without(left_out[0], left_out[1])
        return self._refined(WeightedPairs.certain(pairs), induced)

    def fit(self, pairs: WeightedPairs) -> Maps:
        """Return the closed-form maps of the pairs."""
        return CLOSED_FORM[self.options.start](self.spaces, pairs)

    def _refined(
        self, given: WeightedPairs, induced: WeightedPairs, history: Iterable[Step] = ()
    ) -> LearnedMaps:
        """Fit the maps to all pairs; refine them by RCSLS on the given ones, filled up to ``enough``."""
        maps = replace(self.fit(given + induced), history=tuple(history))
        probable = self._shuffled(induced)
        if self.options.refine != "none":
            maps = rcsls(
                self.spaces,
                given + probable[: max(0, self.enough - len(given))],
                maps,
                variant=self.options.refine,
                k=self.options.csls_k,
                steps=self.options.steps,
                step=self.options.step_size,
                device=self.options.device,
            )
        anchors = self._shuffled(given)[: self.enough]
        return LearnedMaps(maps, induced, (anchors + probable[: self.enough - len(anchors)]).rows)

    def _shuffled(self, pairs: WeightedPairs) -> WeightedPairs:
        """Return probable pairs in random order, at most one for each word."""
        probable = pairs.one_to_one(self.probable)
        return probable[np.random.default_rng(self.options.random_state).permutation(len(probable))]
