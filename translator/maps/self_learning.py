"""Self-learning: let the map find more pairs, fit on them, repeat (Artetxe et al. 2017, 2018b).

Each round adds to the seed the words that are each other's best translation under CSLS. Mutual
neighbours are far more often right than one-way ones, and they come from the whole vocabulary where a
small seed covers a corner of it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from translator.maps.base import Maps, Spaces
from translator.normalize import unit_rows
from translator.progress import track
from translator.retrieval import NEIGHBOURHOOD, Neighbours, reciprocal, search_both
from translator.vectors import Floats, Indices

Fit = Callable[[Spaces, Indices], Maps]

VOCABULARY = 20_000  # words a side among which pairs are sought
ROUNDS = 10
SETTLED = 0.01  # stop when the number of mutual pairs grows by less than this share


def self_learning(
    spaces: Spaces,
    seed: Indices,
    fit: Fit,
    *,
    vocabulary: int = VOCABULARY,
    rounds: int = ROUNDS,
    keep_seed: bool = True,
    device: str = "cpu",
) -> Maps:
    """Fit, find mutual neighbours, fit again on seed and finds, until no more are found.

    :param seed: int64 [p, 2], pairs of the first round.
    :param keep_seed: whether they stay in every round's dictionary.
    :param fit: a closed-form method.
    :returns: the maps of the last round, with a record of each round.
    """
    frequent = Spaces(spaces.source[:vocabulary], spaces.target[:vocabulary])
    pairs, found_before = seed, 0
    kept = seed if keep_seed else seed[:0]
    history: list[dict[str, float | int | str]] = []
    for number in track(range(1, rounds + 1), "self-learning"):
        maps = fit(spaces, pairs)
        found = mutual_pairs(frequent, maps, device)
        history.append({"method": "self-learning", "step": number, "pairs": len(pairs), "mutual": len(found)})
        pairs = np.unique(np.concatenate([kept, found]), axis=0)
        if len(found) < found_before * (1 + SETTLED):
            break
        found_before = len(found)
    maps = fit(spaces, pairs)
    return Maps(maps.source, maps.target, (*history, *maps.history))


def mutual_pairs(spaces: Spaces, maps: Maps, device: str = "cpu") -> Indices:
    """Pairs that are each other's best under CSLS in the shared space, int64 [p, 2].

    The best is sought among the nearest by cosine whose mean CSLS needs anyway, so that one scan gives
    the neighbourhoods and the pairs.
    """
    source, target = unit_rows(spaces.source @ maps.source), unit_rows(spaces.target @ maps.target)
    forth, back = search_both(source, target, NEIGHBOURHOOD, device=device)
    best_target = _best(forth, back.scores.mean(axis=1, dtype=np.float32))
    best_source = _best(back, forth.scores.mean(axis=1, dtype=np.float32))
    return reciprocal(best_target, best_source)


def _best(found: Neighbours, means: Floats) -> Indices:
    """The candidate of the largest CSLS of each query, int64 [n]."""
    place = np.argmax(2 * found.scores - means[found.indices], axis=1)
    best: Indices = found.indices[np.arange(len(place)), place]
    return best
