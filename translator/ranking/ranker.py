"""A small model that ranks the candidates of a word and says how likely each is right.

The score of a candidate is a linear function of its features plus one hidden layer; "none of them" is one
more candidate, scored by the features of the word. A softmax over all makes probabilities, and the model is
fitted by the likelihood of the right answers, which is what calibrates them.

What makes a candidate right differs little from one pair of languages to the next, and no feature knows a
word. So a general ranker, learnt from dictionaries of several pairs, ships with the package; a dictionary
of one's own moves it as far as its size justifies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from translator import data
from translator.errors import FormatError
from translator.ranking.candidates import FEATURES, QUERY_FEATURES, Candidates
from translator.vectors import Doubles, Flags, Floats
from translator.vectors.matrices import ROUNDING

HIDDEN = 8
DECAY = 1e-3  # of the squared parameters of a ranker learnt from nothing
PULL = 20.0  # words that a prior's parameters weigh as much as
ITERATIONS = 400

_F, _Q = len(FEATURES), len(QUERY_FEATURES)
_SHAPES = ((_F, HIDDEN), (HIDDEN,), (HIDDEN,), (_F,), (_Q, HIDDEN), (HIDDEN,), (HIDDEN,), (_Q,), (1,))
_SIZES = [int(np.prod(shape)) for shape in _SHAPES]


@dataclass(frozen=True, eq=False)
class Ranker:
    """Ranks candidates; made by :meth:`fit`.

    :param scaling: float32 [2, f + q], mean and deviation of the features of candidates and words.
    :param parameters: float32, all layers one after the other.
    """

    scaling: Floats
    parameters: Floats

    @classmethod
    def fit(
        cls,
        seen: Candidates,
        right: Flags,
        prior: Ranker | None = None,
        seed: int = 0,
        pull: float = PULL,
    ) -> Ranker:
        """Learn from words whose right candidates are known.

        :param right: bool [n, k]; a word may have several right candidates, or none.
        :param prior: where to start and what to stay near, the nearer the fewer the words.
        :param seed: of the start where there is no prior.
        :param pull: words that the prior weighs as much as.
        """
        from scipy.optimize import minimize

        if prior is None:
            scaling, start = _scaling(seen), _random(seed)
            anchor, decay = np.zeros_like(start), DECAY
        else:
            scaling, start = prior.scaling.astype(np.float64), prior.parameters.astype(np.float64)
            anchor, decay = start, pull / len(right)
        features, queries = _scaled(seen, scaling)
        answer = np.column_stack([right, ~right.any(axis=1)]).astype(np.float64)
        loss = partial(_loss, features=features, queries=queries, answer=answer, anchor=anchor, decay=decay)
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS})
        return cls(scaling.astype(np.float32), found.x.astype(np.float32))

    @classmethod
    @cache
    def general(cls) -> Ranker:
        """The ranker that ships, for a pair of languages without a dictionary to learn from."""
        return cls.unpacked(np.load(data.path("ranker.npy"), allow_pickle=False))

    def probabilities(self, seen: Candidates) -> Floats:
        """Probability of each candidate, float32 [n, k]; what a row lacks to 1 is that of "none of them"."""
        features, queries = _scaled(seen, self.scaling.astype(np.float64))
        share = _forward(self.parameters.astype(np.float64), features, queries)[0]
        return share[:, :-1].astype(np.float32)

    def packed(self) -> Floats:
        """All of it as one float32 vector; :meth:`unpacked` is the way back."""
        return np.concatenate([self.scaling.ravel(), self.parameters])

    @classmethod
    def unpacked(cls, packed: Floats) -> Ranker:
        """The inverse of :meth:`packed`.

        :raises FormatError: the vector is not that of a ranker.
        """
        width = _F + _Q
        if packed.shape != (2 * width + sum(_SIZES),) or (packed[width : 2 * width] <= 0).any():
            raise FormatError(f"a ranker of {packed.size} numbers is not one of this version", "Align again.")
        return cls(packed[: 2 * width].reshape(2, width), packed[2 * width :])


def _scaling(seen: Candidates) -> Doubles:
    """Mean and deviation of each feature, [2, f + q]; deviation 1 where all are equal."""
    flat = seen.features.reshape(-1, _F).astype(np.float64), seen.queries.astype(np.float64)
    mean, deviation = (np.concatenate([f(part, axis=0) for part in flat]) for f in (np.mean, np.std))
    return np.stack([mean, np.where(deviation > ROUNDING * np.abs(mean), deviation, 1)])


def _random(seed: int) -> Doubles:
    rng = np.random.default_rng(seed)
    drawn = (rng.normal(0, 0.3 / np.sqrt(shape[0]), shape).ravel() for shape in _SHAPES)
    return np.concatenate(list(drawn))


def _scaled(seen: Candidates, scaling: Doubles) -> tuple[Doubles, Doubles]:
    mean, deviation = scaling
    return (seen.features - mean[:_F]) / deviation[:_F], (seen.queries - mean[_F:]) / deviation[_F:]


def _layers(parameters: Doubles) -> list[Doubles]:
    pieces = np.split(parameters, np.cumsum(_SIZES)[:-1])
    return [piece.reshape(shape) for piece, shape in zip(pieces, _SHAPES, strict=True)]


def _forward(parameters: Doubles, features: Doubles, queries: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Probabilities [n, k + 1], the last of them of none; states of both hidden layers."""
    W, b, v, w, Wq, bq, vq, wq, c = _layers(parameters)
    state, state_q = np.tanh(features @ W + b), np.tanh(queries @ Wq + bq)
    scores = np.column_stack([state @ v + features @ w, state_q @ vq + queries @ wq + c])
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True), state, state_q


def _loss(
    parameters: Doubles,
    features: Doubles,
    queries: Doubles,
    answer: Doubles,
    anchor: Doubles,
    decay: float,
) -> tuple[float, Doubles]:
    """Mean negative log-likelihood of the right answers plus decay towards the anchor, and its gradient."""
    _, _, v, _, _, _, vq, _, _ = _layers(parameters)
    share, state, state_q = _forward(parameters, features, queries)
    likelihood = (share * answer).sum(axis=1, keepdims=True) + 1e-12
    away = parameters - anchor
    loss = -np.log(likelihood).mean() + decay * (away**2).sum()
    of_scores = (share - share * answer / likelihood) / len(share)
    of, of_q = of_scores[:, :-1], of_scores[:, -1]
    of_state = of[:, :, None] * v * (1 - state**2)
    of_state_q = of_q[:, None] * vq * (1 - state_q**2)
    both = ((0, 1), (0, 1))
    gradients = [
        *(np.tensordot(features, of_state, both), of_state.sum(axis=(0, 1))),
        *(np.tensordot(state, of, both), np.tensordot(features, of, both)),
        *(queries.T @ of_state_q, of_state_q.sum(axis=0), state_q.T @ of_q, queries.T @ of_q),
        of_q.sum(keepdims=True),
    ]
    return float(loss), np.concatenate([g.ravel() for g in gradients]) + 2 * decay * away
