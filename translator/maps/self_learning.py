"""Self-learning: let the map find more pairs, fit on them, repeat (Artetxe et al. 2017, 2018b).

Each round adds to the seed the words that are each other's best translation under CSLS. Mutual
neighbours are far more often right than one-way ones, and they come from the whole vocabulary where a
small seed covers a corner of it. How near words are to their best translation, on average, says when
the rounds have come to an end (the objective of Artetxe et al. 2018b).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from translator.maps.base import Maps, Spaces
from translator.progress import track
from translator.retrieval import NEIGHBOURHOOD, Neighbours, reciprocal, search_both
from translator.vectors import Floats, Indices

Fit = Callable[[Spaces, Indices], Maps]

VOCABULARY = 20_000  # words a side among which pairs are sought
ROUNDS = 20
SETTLED = 1e-3  # stop when words come nearer to their best translations by less than this share


def self_learning(
    spaces: Spaces,
    seed: Indices,
    fit: Fit,
    *,
    vocabulary: int = VOCABULARY,
    rounds: int = ROUNDS,
    kept: Indices | None = None,
    device: str = "cpu",
) -> Maps:
    """Fit, find mutual neighbours, fit again on seed and finds, until words come no nearer.

    :param seed: int64 [p, 2], pairs of the first round.
    :param kept: pairs that stay in every round's dictionary, as somebody vouches for them, int64 [q, 2]; None
        for the seed.
    :param fit: a closed-form method.
    :returns: the maps of the last round, with a record of each round.
    """
    frequent = spaces.frequent(vocabulary)
    pairs, before = seed, 0.0
    kept = seed if kept is None else kept
    history: list[dict[str, float | int | str]] = []
    for number in track(range(1, rounds + 1), "self-learning"):
        maps = fit(spaces, pairs)
        found, nearness = induce(frequent, maps, device)
        record = {"pairs": len(pairs), "mutual": len(found), "nearness": nearness}
        history.append({"method": "self-learning", "step": number, **record})
        pairs = np.unique(np.concatenate([kept, found]), axis=0)
        if nearness < before * (1 + SETTLED):
            break
        before = nearness
    maps = fit(spaces, pairs)
    return Maps(maps.source, maps.target, (*history, *maps.history))


def mutual_pairs(spaces: Spaces, maps: Maps, device: str = "cpu") -> Indices:
    """Pairs that are each other's best under CSLS in the shared space, int64 [p, 2]."""
    return induce(spaces, maps, device)[0]


def induce(spaces: Spaces, maps: Maps, device: str = "cpu") -> tuple[Indices, float]:
    """The mutual pairs of a map, and the mean cosine of all words with their nearest translation.

    The best is sought among the nearest by cosine whose mean CSLS needs anyway, so that one scan gives
    the neighbourhoods and the pairs.
    """
    shared = spaces.mapped(maps)
    forth, back = search_both(shared.source, shared.target, NEIGHBOURHOOD, device=device)
    best_target = _best(forth, back.scores.mean(axis=1, dtype=np.float32))
    best_source = _best(back, forth.scores.mean(axis=1, dtype=np.float32))
    nearness = np.mean([found.scores[:, 0].mean(dtype=np.float64) for found in (forth, back)])
    return reciprocal(best_target, best_source), float(nearness)


def _best(found: Neighbours, means: Floats) -> Indices:
    """The candidate of the largest CSLS of each query, int64 [n]."""
    place = np.argmax(2 * found.scores - means[found.indices], axis=1)
    best: Indices = found.indices[np.arange(len(place)), place]
    return best
