"""Self-learning: let the map find more pairs, fit on them, repeat (Artetxe et al. 2017, 2018b).

Each round adds to the seed pairs the words that are mutual nearest neighbours under CSLS. Mutual neighbours
are right far more often than one-way ones, and they come from the whole vocabulary, of which a small
dictionary covers a corner. The rounds end when words no longer come nearer to their best translations, on
average (the objective of Artetxe et al. 2018b).
"""

from __future__ import annotations

import numpy as np

from translator.maps import ClosedForm
from translator.maps.base import Maps, Spaces
from translator.maps.history import SelfLearningRound
from translator.options import SELF_LEARNING_ROUNDS, SELF_LEARNING_WORDS
from translator.progress import track
from translator.retrieval import NEIGHBOURHOOD, Neighbours, reciprocal, search_both
from translator.vectors import Floats, Indices

SETTLED = 1e-3  # relative gain in nearness below which the rounds end


def self_learning(
    spaces: Spaces,
    seed_pairs: Indices,
    fit: ClosedForm,
    *,
    words: int = SELF_LEARNING_WORDS,
    rounds: int = SELF_LEARNING_ROUNDS,
    kept: Indices | None = None,
    device: str = "cpu",
) -> Maps:
    """Fit maps and find mutual nearest neighbours in turns, until words come no nearer to each other.

    :param seed_pairs: int64 [p, 2], pairs of the first round.
    :param fit: a closed-form method.
    :param words: most frequent words of each side among which pairs are sought.
    :param kept: trusted pairs that every round is fitted to, int64 [q, 2]; None for the seed pairs.
    :returns: the maps of the last round; the history holds every round.
    """
    frequent = spaces.frequent(words)
    pairs, before = seed_pairs, 0.0
    kept = seed_pairs if kept is None else kept
    history: list[SelfLearningRound] = []
    for number in track(range(1, rounds + 1), "self-learning"):
        maps = fit(spaces, pairs)
        induced, nearness = induce(frequent, maps, device)
        history.append(SelfLearningRound(number, len(pairs), len(induced), nearness))
        pairs = np.unique(np.concatenate([kept, induced]), axis=0)
        if nearness < before * (1 + SETTLED):
            break
        before = nearness
    maps = fit(spaces, pairs)
    return Maps(maps.source, maps.target, (*history, *maps.history))


def mutual_pairs(spaces: Spaces, maps: Maps, device: str = "cpu") -> Indices:
    """Return the mutual nearest neighbours under CSLS in the shared space, int64 [p, 2]."""
    return induce(spaces, maps, device)[0]


def induce(spaces: Spaces, maps: Maps, device: str = "cpu") -> tuple[Indices, float]:
    """Return the mutual nearest neighbours, and the mean cosine of all words with their nearest translations.

    The best under CSLS is chosen among the nearest by cosine, which the CSLS means need anyway; so one scan
    gives the means and the pairs.
    """
    shared = spaces.mapped(maps)
    forward, backward = search_both(shared.source, shared.target, NEIGHBOURHOOD, device=device)
    best_target = _best(forward, backward.scores.mean(axis=1, dtype=np.float32))
    best_source = _best(backward, forward.scores.mean(axis=1, dtype=np.float32))
    nearness = np.mean([found.scores[:, 0].mean(dtype=np.float64) for found in (forward, backward)])
    return reciprocal(best_target, best_source), float(nearness)


def _best(found: Neighbours, means: Floats) -> Indices:
    """The candidate with the largest CSLS of each query, int64 [n]."""
    place = np.argmax(2 * found.scores - means[found.indices], axis=1)
    best: Indices = found.indices[np.arange(len(place)), place]
    return best
