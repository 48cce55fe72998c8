"""RCSLS: train the map with the criterion that ranks translations (Joulin et al. 2018).

For pairs (x, z) the relaxed CSLS loss is, with W applied on the right,

    mean over pairs of  -2 xW.z  +  (1/k) sum_{z' in N_T(xW)} xW.z'  +  (1/k) sum_{x' in N_S(z)} x'W.z

where N_T and N_S are the k nearest neighbours in the whole vocabularies, and the mean is weighted as the
pairs are. For fixed neighbours the loss is linear in W, so its gradient is an average of outer products. It
is convex, but without a constraint it has no minimum (doubling W doubles it): ``free`` descent is regularised
by stopping early, ``spectral`` descent keeps every singular value at most 1 (the paper's convex relaxation).
Descent happens in the shared space: directions of a wider source that the first map drops stay dropped.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from translator.maps.base import Maps, Spaces
from translator.maps.history import RcslsStep
from translator.maps.pairs import WeightedPairs
from translator.progress import track
from translator.retrieval import NEIGHBOURHOOD
from translator.retrieval.shortlist import SLACK, Shortlist
from translator.vectors import Floats, Indices

Variant = Literal["free", "spectral"]

SMALLEST = 1e-3  # step size below which descent ends
STEPS = 5  # from a ridge map; with more, the map learns the pairs by heart (docs/results.md)


def default_step(pairs: int, dimensions: int) -> float:
    """Return the step size: the map learns few pairs, or a small map its pairs, by heart sooner.

    The best size grew like the square root of the number of pairs, up to a thousand, and like the number of
    dimensions, on held-out words of training dictionaries in 120 and 300 dimensions (by hand).
    """
    return min(10.0, 0.3 * math.sqrt(pairs)) * dimensions / 300


def rcsls(
    spaces: Spaces,
    pairs: WeightedPairs,
    start: Maps,
    *,
    variant: Variant = "free",
    k: int = NEIGHBOURHOOD,
    step: float | None = None,
    steps: int = STEPS,
    device: str = "cpu",
) -> Maps:
    """Refine the source map of ``start`` by descent on the RCSLS loss.

    A step that would raise the loss is repeated at half the size, so the loss never rises; after a success
    the size doubles again, up to ``step``.

    :param step: largest step size; None for :func:`default_step`.
    :returns: the maps; the history holds loss and step size of each step.
    """
    shared = spaces.mapped(start)
    W = np.eye(shared.source.shape[1], dtype=np.float32)
    rcsls_loss = RcslsLoss(shared, pairs, k, device)
    loss, gradient = rcsls_loss(W)
    largest = size = default_step(len(pairs), len(W)) if step is None else step
    history = [RcslsStep(0, loss, 0.0)]
    for number in track(range(1, steps + 1), "refining (RCSLS)"):
        W, loss, gradient, size = _descend(W, loss, gradient, size, variant, rcsls_loss)
        history.append(RcslsStep(number, loss, size))
        if size == 0:
            break
        size = min(2 * size, largest)
    return Maps(start.source @ W, start.target, (*start.history, *history))


def _descend(
    W: Floats, loss: float, gradient: Floats, size: float, variant: Variant, rcsls_loss: RcslsLoss
) -> tuple[Floats, float, Floats, float]:
    """Take one step, halving its size until the loss falls; size 0 if no size lowers it."""
    while size > SMALLEST:
        trial = _constrain(W - np.float32(size) * gradient, variant)
        trial_loss, trial_gradient = rcsls_loss(trial)
        if trial_loss < loss:
            return trial, trial_loss, trial_gradient, size
        size /= 2
    return W, loss, gradient, 0.0


class RcslsLoss:
    """The RCSLS loss and its gradient, fast for a sequence of maps that differ little from each other.

    Both sets of candidates are fixed: the targets, and the sources, because the inner product of a target z
    with a mapped source ``x'W`` is that of ``z W^T`` with ``x'``. So both are searched by shortlists.

    :param slack: of the shortlists; 1 makes every loss exact.
    """

    def __init__(
        self,
        spaces: Spaces,
        pairs: WeightedPairs,
        k: int = NEIGHBOURHOOD,
        device: str = "cpu",
        slack: float = SLACK,
    ) -> None:
        self.spaces, self.rows = spaces, pairs.rows
        self.weights = pairs.weights / np.float32(pairs.expected)
        self.targets = Shortlist(spaces.target, k, device, slack)
        self.sources = Shortlist(spaces.source, k, device, slack)

    def __call__(self, W: Floats) -> tuple[float, Floats]:
        """Return the loss of W and its gradient, float32 [d, d] (Joulin et al. 2018, equation 5)."""
        x, z = self.spaces.pairs(self.rows)
        mapped = x @ W
        forward, backward = self.targets.search(mapped), self.sources.search(z @ W.T)
        near_z = _mean_rows(self.spaces.target, forward.indices)
        near_x = _mean_rows(self.spaces.source, backward.indices)
        weighted_x, weighted_z = x * self.weights[:, None], z * self.weights[:, None]
        close = np.einsum("ij,ij->", mapped, weighted_z, dtype=np.float64)
        around = [
            np.dot(found.scores.mean(axis=1, dtype=np.float64), self.weights) for found in (forward, backward)
        ]
        gradient: Floats = weighted_x.T @ (near_z - 2 * z) + near_x.T @ weighted_z
        return float(sum(around) - 2 * close), gradient


def _mean_rows(matrix: Floats, indices: Indices) -> Floats:
    total = np.zeros((len(indices), matrix.shape[1]), np.float32)
    for column in indices.T:  # k small gathers instead of one array k times the size
        total += matrix[column]
    return total / np.float32(indices.shape[1])


def _constrain(W: Floats, variant: Variant) -> Floats:
    if variant == "free":
        return W
    left, singular, right = np.linalg.svd(W)
    clipped: Floats = (left * np.minimum(singular, 1)) @ right
    return clipped
