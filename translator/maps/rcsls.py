"""RCSLS: train the map with the criterion that ranks translations (Joulin et al. 2018).

For pairs (x, z) the relaxed CSLS loss is, with W applied on the right,

    mean over pairs of  -2 xW.z  +  (1/k) sum_{z' in N_T(xW)} xW.z'  +  (1/k) sum_{x' in N_S(z)} x'W.z

where N_T and N_S are the k nearest neighbours in the whole vocabularies. For fixed neighbours it is
linear in W, so its gradient is an average of outer products. It is convex, but without a constraint it
has no minimum (doubling W doubles it): ``free`` descent is regularised by stopping early, ``spectral``
descent keeps every singular value at most 1 (the paper's convex relaxation).
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from translator.maps.base import Maps, Spaces
from translator.maps.held_out import held_out_mrr
from translator.maps.history import RcslsStep
from translator.progress import track
from translator.retrieval import NEIGHBOURHOOD
from translator.retrieval.shortlist import SLACK, Shortlist
from translator.vectors import Floats, Indices

Variant = Literal["free", "spectral"]

SMALLEST = 1e-3  # step size below which descent ends
PATIENCE = 4  # steps without a better held-out score before stopping


def default_step(pairs: int) -> float:
    """Return the step size for a number of pairs: with fewer pairs, large steps over-fit sooner.

    Measured on held-out pairs (docs/methods.md): the best size grows like the square root of their number.
    """
    return min(10.0, 0.3 * math.sqrt(pairs))


def rcsls(
    spaces: Spaces,
    pairs: Indices,
    start: Maps,
    *,
    validation: Indices | None = None,
    variant: Variant = "free",
    k: int = NEIGHBOURHOOD,
    step: float | None = None,
    steps: int = 10,
    device: str = "cpu",
) -> Maps:
    """Refine the source map of ``start`` by descent on the RCSLS loss.

    A step that would raise the loss is repeated at half the size, so the loss never rises; after a success
    the size doubles again, up to ``step``. With ``validation`` the map with the best held-out score is
    returned, and descent ends when the score has not improved for a few steps.

    :param pairs: int64 [p, 2], rows of the source and of the target.
    :param validation: int64 [v, 2], held-out pairs, or None to take all the steps.
    :returns: the maps; the history holds loss, step size and held-out score of each step.
    """
    shared = spaces.mapped(start)
    W = np.eye(shared.source.shape[1], dtype=np.float32)
    rcsls_loss = RcslsLoss(shared, pairs, k, device)
    loss, gradient = rcsls_loss(W)
    largest = size = default_step(len(pairs)) if step is None else step
    score = _score(W, shared, validation, k, device)
    best, best_score, stale = W, score, 0
    history = [RcslsStep(0, loss, 0.0, score)]
    for number in track(range(1, steps + 1), "refining (RCSLS)"):
        W, loss, gradient, size = _descend(W, loss, gradient, size, variant, rcsls_loss)
        score = _score(W, shared, validation, k, device)
        history.append(RcslsStep(number, loss, size, score))
        if score is None or best_score is None or score > best_score:
            best, best_score, stale = W, score, 0
        else:
            stale += 1
        if stale >= PATIENCE or size == 0:
            break
        size = min(2 * size, largest)
    return Maps(start.source @ best, start.target, (*start.history, *history))


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
        pairs: Indices,
        k: int = NEIGHBOURHOOD,
        device: str = "cpu",
        slack: float = SLACK,
    ) -> None:
        self.spaces, self.pairs = spaces, pairs
        self.targets = Shortlist(spaces.target, k, device, slack)
        self.sources = Shortlist(spaces.source, k, device, slack)

    def __call__(self, W: Floats) -> tuple[float, Floats]:
        """Return the loss of W and its gradient, float32 [d, d] (Joulin et al. 2018, equation 5)."""
        x, z = self.spaces.pairs(self.pairs)
        mapped = x @ W
        forth, back = self.targets.search(mapped), self.sources.search(z @ W.T)
        near_z = _mean_rows(self.spaces.target, forth.indices)
        near_x = _mean_rows(self.spaces.source, back.indices)
        close = np.einsum("ij,ij->", mapped, z, dtype=np.float64)
        around = [found.scores.mean(axis=1).sum(dtype=np.float64) for found in (forth, back)]
        gradient: Floats = (x.T @ (near_z - 2 * z) + near_x.T @ z) / np.float32(len(self.pairs))
        return float(sum(around) - 2 * close) / len(self.pairs), gradient


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


def _score(W: Floats, spaces: Spaces, validation: Indices | None, k: int, device: str) -> float | None:
    return held_out_mrr(W, spaces, validation, k, device) if validation is not None else None
