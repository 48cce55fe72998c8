"""A map without any seed pairs: similarity profiles, then stochastic self-learning (Artetxe et al. 2018b).

A word is first described by its sorted similarities to the frequent words of its own language, which
needs no common axes. It pairs only few words correctly. Self-learning adds more, and to keep it from
settling on a wrong map each round sees only a random share of the candidates; the share doubles
whenever the objective stops improving.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from translator.maps.base import Maps, Spaces
from translator.maps.history import StructureRound
from translator.maps.pairs import WeightedPairs
from translator.maps.procrustes import procrustes
from translator.progress import track
from translator.retrieval import NEIGHBOURHOOD
from translator.vectors import Floats, Indices
from translator.vectors.normalize import unit_rows

STRUCTURE_WORDS = 4000  # words a side; their similarity matrix is held whole, 64 MB
SHARE = 0.1  # of the candidates seen in the first rounds
INTERVAL = 10  # rounds without a better objective before the share doubles
ROUNDS = 400
BETTER = 1e-4  # relative gain that counts


def from_structure(spaces: Spaces, random_state: int = 0, words: int = STRUCTURE_WORDS) -> Maps:
    """Return a rotation as the source map, found from the two spaces alone.

    :param random_state: seed of the random candidates.
    :returns: the map with the best objective; the history holds every round.
    """
    rng = np.random.default_rng(random_state)
    size = min(words, len(spaces.source), len(spaces.target))
    frequent = spaces.frequent(size)
    profiles = Spaces(_profile(frequent.source), _profile(frequent.target))
    pairs = _best_pairs(_csls(profiles.source @ profiles.target.T), rng, 1.0)
    best, best_objective, stale, share = procrustes(frequent, WeightedPairs.certain(pairs)), -np.inf, 0, SHARE
    history: list[StructureRound] = []
    for number in track(range(1, ROUNDS + 1), "seeding from structure"):
        maps = procrustes(frequent, WeightedPairs.certain(pairs))
        scores = (frequent.source @ maps.source) @ frequent.target.T
        objective = float(scores.max(axis=1).mean() + scores.max(axis=0).mean()) / 2
        history.append(StructureRound(number, objective, share))
        stale += 1
        if objective > best_objective + BETTER * abs(objective):
            best, best_objective, stale = maps, objective, 0
        if stale >= INTERVAL and share >= 1:
            break
        if stale >= INTERVAL:
            share, stale = min(1.0, 2 * share), 0
        pairs = _best_pairs(_csls(scores), rng, share)
    return Maps(best.source, best.target, tuple(history))


def _profile(rows: Floats) -> Floats:
    """Sorted rows of the square root of the similarity matrix, scaled, centred, scaled; [n, n]."""
    left, singular, _ = np.linalg.svd(rows, full_matrices=False)
    profile = unit_rows(np.sort((left * singular) @ left.T, axis=1))
    return unit_rows(profile - profile.mean(axis=0))


def _csls(scores: npt.NDArray[Any]) -> Floats:
    """CSLS of every pair, float32 [n, m], from their cosines."""
    k = min(NEIGHBOURHOOD, *scores.shape)
    own = np.partition(scores, -k, axis=1)[:, -k:].mean(axis=1)
    others = np.partition(scores, -k, axis=0)[-k:].mean(axis=0)
    csls: Floats = 2 * scores - own[:, None] - others
    return csls


def _best_pairs(scores: Floats, rng: np.random.Generator, share: float) -> Indices:
    """The best target of each source and the best source of each target, among a random share."""
    if share < 1:
        scores = np.where(rng.random(scores.shape, np.float32) < share, scores, -np.inf)
    rows, columns = np.arange(len(scores)), np.arange(scores.shape[1])
    forth = np.column_stack([rows, scores.argmax(axis=1)])
    return np.concatenate([forth, np.column_stack([scores.argmax(axis=0), columns])])
