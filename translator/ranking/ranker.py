"""A small model that re-ranks the candidates of a word and gives each a calibrated probability.

The score of a candidate is a linear function of its features plus one hidden layer. "None of them" is one
more candidate, scored by the features of the word. A softmax over all scores gives probabilities. The model
maximises the likelihood of the right candidates, which calibrates the probabilities.

Right candidates have similar features in all pairs of languages, and no feature identifies a word. So the
package contains a general ranker, trained on dictionaries of several pairs. A user's dictionary adapts it:
the larger the dictionary, the more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from translator import data
from translator.errors import FormatError
from translator.ranking.candidates import FEATURES, QUERY_FEATURES, Candidates
from translator.vectors import Doubles, Flags, Floats
from translator.vectors.matrices import ROUNDING

HIDDEN = 8
DECAY = 1e-3  # weight of the squared parameters of a ranker without a prior
PULL = 20.0  # the prior has the weight of this many words
ITERATIONS = 400

Numbers = npt.NDArray[Any]  # float32 or float64

_F, _Q = len(FEATURES), len(QUERY_FEATURES)
_SHAPES = ((_F, HIDDEN), (HIDDEN,), (HIDDEN,), (_F,), (_Q, HIDDEN), (HIDDEN,), (HIDDEN,), (_Q,), (1,))
_SIZES = [int(np.prod(shape)) for shape in _SHAPES]


@dataclass(frozen=True, eq=False)
class Ranker:
    """Re-ranks candidates; made by :meth:`fit`.

    :param scaling: float32 [2, f + q], mean and standard deviation of the features of candidates and words.
    :param parameters: float32 [p], the parameters of all layers, concatenated.
    """

    scaling: Floats
    parameters: Floats

    @classmethod
    def fit(
        cls,
        candidates: Candidates,
        right: Flags,
        prior: Ranker | None = None,
        random_state: int = 0,
        pull: float = PULL,
        iterations: int = ITERATIONS,
    ) -> Ranker:
        """Fit a ranker to words whose right candidates are known.

        :param candidates: k candidates of each of n words.
        :param right: bool [n, k]; a word may have several right candidates, or none.
        :param prior: a ranker to start from; the fewer the words, the nearer the result stays to it.
        :param random_state: seed of the random initial parameters if there is no prior.
        :param pull: the prior has the weight of this many words.
        :param iterations: the most iterations of L-BFGS.
        """
        from scipy.optimize import minimize

        if prior is None:
            scaling, start = _scaling(candidates), _random_parameters(random_state)
            anchor, decay = np.zeros_like(start), DECAY
        else:
            scaling, start = prior.scaling.astype(np.float64), prior.parameters.astype(np.float64)
            anchor, decay = start, pull / len(right)
        precision = np.float64 if prior is None else np.float32  # a long descent needs double precision
        features, queries = _scaled(candidates, scaling.astype(precision))
        answer = np.column_stack([right, ~right.any(axis=1)]).astype(precision)
        loss = partial(_loss, features=features, queries=queries, answer=answer, anchor=anchor, decay=decay)
        optimum = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": iterations})
        return cls(scaling.astype(np.float32), optimum.x.astype(np.float32))

    @classmethod
    @cache
    def general(cls) -> Ranker:
        """Return the general ranker of the package, for pairs of languages without a dictionary.

        >>> general = Ranker.general()
        >>> np.array_equal(Ranker.unpacked(general.packed()).parameters, general.parameters)
        True
        """
        return cls.unpacked(np.load(data.path("ranker.npy"), allow_pickle=False))

    def probabilities(self, candidates: Candidates) -> Floats:
        """Return the probability that each candidate is right, float32 [n, k].

        The probability that none of a word's candidates is right is 1 minus the sum of its row.
        """
        features, queries = _scaled(candidates, self.scaling)
        return _forward(self.parameters, features, queries)[0][:, :-1]

    def packed(self) -> Floats:
        """Return the ranker as one float32 vector, from which :meth:`unpacked` restores it."""
        return np.concatenate([self.scaling.ravel(), self.parameters])

    @classmethod
    def unpacked(cls, packed: Floats) -> Ranker:
        """Restore a ranker from the vector of :meth:`packed`.

        :raises FormatError: the vector is not that of a ranker of this version.
        """
        width = _F + _Q
        if packed.shape != (2 * width + sum(_SIZES),) or (packed[width : 2 * width] <= 0).any():
            raise FormatError(
                f"a ranker of {packed.size} numbers is not valid in this version", "Make the alignment again."
            )
        return cls(packed[: 2 * width].reshape(2, width), packed[2 * width :])


def _scaling(candidates: Candidates) -> Doubles:
    """Return mean and standard deviation of each feature, [2, f + q]; deviation 1 if all values are equal."""
    known = np.nan_to_num(candidates.features)
    flat = known.reshape(-1, _F).astype(np.float64), candidates.queries.astype(np.float64)
    mean, deviation = (np.concatenate([f(rows, axis=0) for rows in flat]) for f in (np.mean, np.std))
    return np.stack([mean, np.where(deviation > ROUNDING * np.abs(mean), deviation, 1)])


def _random_parameters(random_state: int) -> Doubles:
    rng = np.random.default_rng(random_state)
    drawn = (rng.normal(0, 0.3 / np.sqrt(shape[0]), shape).ravel() for shape in _SHAPES)
    return np.concatenate(list(drawn))


def _scaled(candidates: Candidates, scaling: Numbers) -> tuple[Numbers, Numbers]:
    """Scale the features of candidates and words; one that is not known gets its mean."""
    mean, deviation = scaling
    features = (candidates.features - mean[:_F]) / deviation[:_F]
    np.nan_to_num(features, copy=False)
    return features, (candidates.queries - mean[_F:]) / deviation[_F:]


def _layers(parameters: Numbers) -> list[Numbers]:
    pieces = np.split(parameters, np.cumsum(_SIZES)[:-1])
    return [piece.reshape(shape) for piece, shape in zip(pieces, _SHAPES, strict=True)]


def _forward(parameters: Numbers, features: Numbers, queries: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return probabilities [n, k + 1], the last that of "none of them", and both hidden layers' states.

    All are computed in the precision of the arguments, which is the same for all.
    """
    W, b, v, w, Wq, bq, vq, wq, c = _layers(parameters)
    state, state_q = np.tanh(features @ W + b), np.tanh(queries @ Wq + bq)
    scores = np.column_stack([state @ v + features @ w, state_q @ vq + queries @ wq + c])
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True), state, state_q


def _loss(
    parameters: Doubles,
    features: Numbers,
    queries: Numbers,
    answer: Numbers,
    anchor: Doubles,
    decay: float,
) -> tuple[float, Doubles]:
    """Return the mean negative log-likelihood of the right answers plus decay, and its gradient.

    :param answer: [n, k + 1], 1 for right candidates; the last column is 1 if none is right.
    :param anchor: the parameters from which the squared distance is penalised, with weight ``decay``.
    """
    rounded = parameters.astype(features.dtype)
    _, _, v, _, _, _, vq, _, _ = _layers(rounded)
    probability, state, state_q = _forward(rounded, features, queries)
    likelihood = (probability * answer).sum(axis=1, keepdims=True) + 1e-12
    difference = parameters - anchor
    loss = -np.log(likelihood).mean() + decay * (difference**2).sum()
    of_scores = (probability - probability * answer / likelihood) / len(probability)
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
    return float(loss), np.concatenate([g.ravel() for g in gradients]) + 2 * decay * difference
