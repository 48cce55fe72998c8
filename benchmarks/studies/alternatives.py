"""Alternatives to the default methods on held-out training pairs; docs/methods.md discusses the results.

    python -m benchmarks.studies.alternatives --data DIR [--pairs en-fr fi-en] [--sizes 1000 all] [--limit N]

One sixth of the source words of the *training* dictionary is held out; the test dictionary is not touched.
Each row is P@1 (CSLS) among all targets of one method: the default, the same without RCSLS, on iteratively
normalised spaces (Zhang et al. 2019), with contrastive tuning (Li et al. 2022, stage C1) instead of RCSLS and
after it, and on dictionaries with wrong lines, as given and cleaned.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.special import softmax

from benchmarks.command_line import study_parser
from benchmarks.held_out import Task, precision, read
from benchmarks.records import save
from translator.learning import MapLearner
from translator.learning.probable_pairs import probable_pairs
from translator.learning.seed_pairs import SeedPairs
from translator.maps.base import Spaces
from translator.options import Options, Refine
from translator.retrieval import NEIGHBOURHOOD, csls_bias, search
from translator.vectors import Flags, Floats, Indices
from translator.vectors.normalize import NormalizationStep, Normalizer, unit_rows

NORMALISATIONS = 5  # rounds of scaling to unit length and centring
NEGATIVES, TEMPERATURE, PULL = 60, 0.1, 1.0
TUNING_STEPS, TUNING_RATE = 30, 2.0
NOISE = (0.0, 0.1, 0.3)  # shares of wrong lines in the dictionary


def main() -> None:
    """Run the study and write ``results/alternatives.json``."""
    parser = study_parser(__doc__, "--data")
    parser.add_argument("--pairs", nargs="+", default=["en-fr", "fi-en"])
    parser.add_argument("--sizes", nargs="+", default=["1000", "all"])
    parser.add_argument("--limit", type=int, help="read only the most frequent words of each side")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for pair in options.pairs:
        for size in options.sizes:
            task = read(options.data, pair, size, options.limit)
            for name, method in METHODS.items():
                rows.append({"pair": pair, "size": size, "method": name, "p_at_1": method(task)})
                print(rows[-1], flush=True)
    save("alternatives", limit=options.limit, rows=rows)


def learn(task: Task, spaces: Spaces, pairs: Indices, refine: Refine = "free") -> Floats:
    """Return the source map that the default learns from some pairs, with RCSLS or without."""
    find_pairs = partial(probable_pairs, task.tables, csls_k=NEIGHBOURHOOD)
    learner = MapLearner(spaces, Options(refine=refine), find_pairs)
    return learner.learn(SeedPairs(pairs, "dictionary", "")).maps.source


def default(task: Task, refine: Refine = "free") -> float:
    """Return P@1 of the default, with RCSLS or without."""
    spaces = task.spaces()
    return precision(learn(task, spaces, task.train, refine), spaces, task.held)


def iterative_normalisation(task: Task) -> float:
    """Return P@1 of the default on iteratively normalised rows (Zhang et al. 2019)."""
    steps: tuple[NormalizationStep, ...] = ("unit", "center") * NORMALISATIONS
    matrices = [table.matrix for table in task.tables]
    spaces = Spaces(*(Normalizer.fit(matrix, steps).space(matrix) for matrix in matrices))
    return precision(learn(task, spaces, task.train), spaces, task.held)


def tuned(task: Task, refine: Refine = "free") -> float:
    """Return P@1 with contrastive tuning after RCSLS or, if there is none, instead of it."""
    spaces = task.spaces()
    W = contrastive(spaces, task.train, learn(task, spaces, task.train, refine))
    return precision(W, spaces, task.held)


def contrastive(spaces: Spaces, pairs: Indices, W: Floats) -> Floats:
    """Tune a map by gradient descent on InfoNCE in both directions, with hard negatives by CSLS.

    A quadratic penalty pulls the map towards its start.
    """
    x, z = spaces.pairs(pairs)
    first = W / np.linalg.norm(W, axis=0).mean()
    W = first.copy()
    negatives = hard_negatives(spaces, pairs, W)
    for step in range(TUNING_STEPS):
        if step % 10 == 0:
            negatives = hard_negatives(spaces, pairs, W)
        gradient = np.zeros_like(W)
        for among, forward in zip(negatives, (True, False), strict=True):
            gradient += info_nce(W, spaces, x, z, among, forward)
        W = W - np.float32(TUNING_RATE) * (gradient + np.float32(PULL / len(W)) * (W - first))
    return W


def hard_negatives(spaces: Spaces, pairs: Indices, W: Floats) -> tuple[Indices, Indices]:
    """Return the best wrong targets of each source and vice versa, under CSLS; int64 [p, n] each."""
    mapped = unit_rows(spaces.source @ W)
    negatives = []
    for queries, candidates, right in (
        (mapped[pairs[:, 0]], spaces.target, pairs[:, 1]),
        (spaces.target[pairs[:, 1]], mapped, pairs[:, 0]),
    ):
        others = spaces.target if candidates is mapped else mapped
        means = search(candidates, others[:5000], 10).scores.mean(axis=1)
        rows = search(queries, candidates, NEGATIVES + 1, bias=csls_bias(means)).indices
        wrong = rows != right[:, None]
        wrong[wrong.all(axis=1), -1] = False
        negatives.append(rows[wrong].reshape(len(rows), NEGATIVES))
    return negatives[0], negatives[1]


def info_nce(W: Floats, spaces: Spaces, x: Floats, z: Floats, among: Indices, forward: bool) -> Floats:
    """Return the gradient of the mean loss in one direction; a score is the product of ``x W`` and ``z``."""
    gradient = np.zeros_like(W)
    for top in range(0, len(x), 256):
        batch = slice(top, top + 256)
        negatives = (spaces.target if forward else spaces.source)[among[batch]]
        anchor = x[batch] @ W if forward else z[batch] @ W.T
        right = z[batch] if forward else x[batch]
        near = np.sum(anchor * right, axis=1, keepdims=True)
        far = np.matmul(negatives, anchor[:, :, None])[:, :, 0]
        scores = np.concatenate([near, far], axis=1) / TEMPERATURE
        share = softmax(scores, axis=1)
        pull = (share[:, :1] - 1) * right + np.einsum("pn,pnd->pd", share[:, 1:], negatives)
        gradient += x[batch].T @ pull if forward else pull.T @ z[batch]
    scaled: Floats = (gradient / np.float32(TEMPERATURE * len(x))).astype(np.float32)
    return scaled


def noisy(share: float, clean: bool) -> Callable[[Task], float]:
    """Return the default on a dictionary with a share of wrong lines, as given or cleaned first."""

    def method(task: Task) -> float:
        spaces, pairs = task.spaces(), spoilt(task.train, share)
        if clean:
            pairs = pairs[~doubtful(spaces, pairs, learn(task, spaces, pairs, "none"))]
        return precision(learn(task, spaces, pairs), spaces, task.held)

    return method


def spoilt(pairs: Indices, share: float) -> Indices:
    """Exchange the targets of a share of the pairs."""
    rng, wrong = np.random.default_rng(3), pairs.copy()
    chosen = rng.permutation(len(pairs))[: int(share * len(pairs))]
    wrong[chosen, 1] = wrong[np.roll(chosen, 1), 1]
    return wrong


def doubtful(spaces: Spaces, pairs: Indices, W: Floats) -> Flags:
    """Flag pairs in which neither word is among the 50 nearest of the other."""
    mapped = unit_rows(spaces.source @ W)
    forward = search(mapped[pairs[:, 0]], spaces.target, 50).indices
    backward = search(spaces.target[pairs[:, 1]], mapped, 50).indices
    near: Flags = (forward == pairs[:, 1:]).any(axis=1) | (backward == pairs[:, :1]).any(axis=1)
    return ~near


METHODS: dict[str, Callable[[Task], float]] = {
    "without RCSLS": partial(default, refine="none"),
    "default": default,
    "iterative normalisation": iterative_normalisation,
    "contrastive tuning instead of RCSLS": partial(tuned, refine="none"),
    "contrastive tuning after RCSLS": tuned,
    **{
        f"{share:.0%} wrong lines{', cleaned' * clean}": noisy(share, clean)
        for share in NOISE
        for clean in (False, True)
        if share or clean
    },
}

if __name__ == "__main__":
    main()
