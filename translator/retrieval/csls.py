"""The mean cosines that CSLS subtracts to correct hubness (Lample et al. 2018, section 2.3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from translator.retrieval.exact import Neighbours, search, search_both
from translator.retrieval.problem import MEMORY
from translator.vectors import Floats

NEIGHBOURHOOD = 10  # k of CSLS in Lample et al. 2018


@dataclass(frozen=True, eq=False)
class Neighbourhoods:
    """Mean cosine of each word with its k nearest words of the other language.

    :param source: r_T, float32 [n], one for each source word.
    :param target: r_S, float32 [m], one for each target word.
    :param k: size of the neighbourhoods.
    :param sample: number of words of the other language that were searched; None for all.
    """

    source: Floats
    target: Floats
    k: int = NEIGHBOURHOOD
    sample: int | None = None

    def inverse(self) -> Neighbourhoods:
        """Return the same means with source and target exchanged."""
        return Neighbourhoods(self.target, self.source, self.k, self.sample)


def neighbourhoods(
    source: Floats,
    target: Floats,
    k: int = NEIGHBOURHOOD,
    *,
    sample: int | None = None,
    random_state: int = 0,
    memory: int = MEMORY,
    device: str = "cpu",
) -> Neighbourhoods:
    """Compute the mean cosine of each word with its k nearest words of the other language.

    >>> import numpy as np
    >>> source = np.array([[1, 0], [0, 1]], np.float32)
    >>> target = np.array([[1, 0], [0.6, 0.8], [0, -1]], np.float32)
    >>> means = neighbourhoods(source, target, k=1)
    >>> means.source, means.target
    (array([1. , 0.8], dtype=float32), array([1. , 0.8, 0. ], dtype=float32))

    :param source: rows of unit length, float32 [n, d].
    :param target: rows of unit length, float32 [m, d].
    :param k: size of the neighbourhoods.
    :param sample: search only this many words of the other language, drawn at random: the cost is then
        ``(n + m) * sample`` instead of ``n * m``. docs/results.md has the precision that is lost.
    :param random_state: seed of the draw.
    :param memory: as in :func:`translator.retrieval.search`, as are ``device`` and the errors.
    """
    if sample is None or sample >= max(len(source), len(target)):
        forward, backward = search_both(source, target, k, memory=memory, device=device)
        return Neighbourhoods(mean_scores(forward, k), mean_scores(backward, k), k)
    source_sample, target_sample = (_draw(side, sample, random_state) for side in (source, target))
    forward = search(source, target_sample, k, memory=memory, device=device)
    backward = search(target, source_sample, k, memory=memory, device=device)
    return Neighbourhoods(mean_scores(forward, k), mean_scores(backward, k), k, sample)


def csls_both(
    source: Floats,
    target: Floats,
    k: int,
    among: int,
    csls_k: int = NEIGHBOURHOOD,
    device: str = "cpu",
) -> tuple[Neighbourhoods, Neighbours, Neighbours]:
    """Return the CSLS means, and the best under CSLS of each source and of each target, by one scan.

    The means are exact. The best are chosen among the nearest by cosine: a search with the means as bias,
    which takes a second scan, finds the few that are farther away.

    :param source: rows of unit length, float32 [n, d]; ``target`` likewise.
    :param among: number of nearest by cosine to choose from.
    :returns: the means; the best targets of each source and the best sources of each target, with CSLS.
    """
    found = search_both(source, target, max(among, csls_k), device=device)
    means = Neighbourhoods(mean_scores(found[0], csls_k), mean_scores(found[1], csls_k), csls_k)
    return means, _by_csls(found[0], means, k), _by_csls(found[1], means.inverse(), k)


def _by_csls(found: Neighbours, means: Neighbourhoods, k: int) -> Neighbours:
    csls = 2 * found.scores - means.source[:, None] - means.target[found.indices]
    order = np.argsort(-csls, axis=1, kind="stable")[:, :k]
    return Neighbours(
        np.take_along_axis(found.indices, order, axis=1), np.take_along_axis(csls, order, axis=1)
    )


def _draw(rows: Floats, sample: int, random_state: int) -> Floats:
    chosen = np.sort(np.random.default_rng(random_state).permutation(len(rows))[:sample])
    return rows[chosen]


def mean_scores(neighbours: Neighbours, k: int) -> Floats:
    """Return the mean score of each query's k nearest neighbours, float32 [n]."""
    means: Floats = neighbours.scores[:, :k].mean(axis=1, dtype=np.float32)
    return means


def csls_bias(means: Floats) -> Floats:
    """Return the bias that makes an inner product rank as CSLS does, float32 [m].

    :param means: the neighbourhood means of the candidates, float32 [m].
    """
    bias: Floats = np.float32(-0.5) * means
    return bias
