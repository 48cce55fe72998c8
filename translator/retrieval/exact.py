"""Exact search: the candidates with the largest inner products, by the scan that suits the machine.

``scan`` uses numpy, ``scan_half`` a CPU with bfloat16 products, and ``scan_torch`` any torch device.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from translator.devices import usable
from translator.retrieval import scan
from translator.retrieval.half_precision import worthwhile
from translator.retrieval.problem import MEMORY, SearchProblem
from translator.vectors import Floats, Indices


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The best candidates of each query, best first; equal scores by ascending row.

    :param indices: int64 [n, k], rows of the candidates.
    :param scores: float32 [n, k].
    """

    indices: Indices
    scores: Floats


def search(
    queries: Floats,
    candidates: Floats,
    k: int,
    *,
    bias: Floats | None = None,
    memory: int = MEMORY,
    device: str = "cpu",
) -> Neighbours:
    """Return the k candidates with the largest ``queries @ candidates.T + bias`` of each query, exactly.

    >>> import numpy as np
    >>> queries = np.array([[1, 0]], np.float32)
    >>> candidates = np.array([[0, 1], [1, 0], [0.5, 0.5]], np.float32)
    >>> found = search(queries, candidates, k=2)
    >>> found.indices, found.scores
    (array([[1, 2]]), array([[1. , 0.5]], dtype=float32))

    :param queries: float32 [n, d].
    :param candidates: float32 [m, d].
    :param k: number of candidates to return; limited to m.
    :param bias: float32 [m], added to every query's score of a candidate.
    :param memory: bytes for blocks and intermediate results, in addition to the input and the result.
    :param device: ``cpu`` uses numpy; any other name is a torch device.
    :raises DataError: queries and candidates differ in width, or the device cannot be used.
    :raises MissingDependencyError: the device needs torch, which is not installed.
    """
    problem = SearchProblem(queries, candidates, k, column_bias=bias, memory=memory)
    return _solve(problem, device)[0]


def search_both(
    source: Floats,
    target: Floats,
    k: int,
    *,
    source_bias: Floats | None = None,
    target_bias: Floats | None = None,
    memory: int = MEMORY,
    device: str = "cpu",
) -> tuple[Neighbours, Neighbours]:
    """Return the k best targets of each source and the k best sources of each target, exactly.

    Both come from one matrix product, which takes half the time of two searches.

    >>> import numpy as np
    >>> source = np.array([[1, 0], [0, 1]], np.float32)
    >>> target = np.array([[0, 1], [1, 0], [0.25, 0.5]], np.float32)
    >>> forward, backward = search_both(source, target, k=1)
    >>> forward.indices[:, 0], backward.indices[:, 0]
    (array([1, 0]), array([1, 0, 1]))

    :param source: float32 [n, d].
    :param target: float32 [m, d].
    :param source_bias: float32 [n], added to the scores when sources are ranked for a target.
    :param target_bias: float32 [m], added to the scores when targets are ranked for a source.
    :param memory: as in :func:`search`, as are ``device`` and the errors.
    """
    return _solve(SearchProblem(source, target, k, k, source_bias, target_bias, memory), device)


def _solve(problem: SearchProblem, device: str) -> tuple[Neighbours, Neighbours]:
    if device != "cpu":
        torch_device = usable(device)  # first, because it names the package to install if torch is missing
        from translator.retrieval import scan_torch

        best = scan_torch.scan(problem, torch_device)
    elif worthwhile(problem):
        from translator.retrieval import scan_half

        best = scan_half.scan(problem)
    else:
        best = scan.scan(problem)
    return Neighbours(*best[0]), Neighbours(*best[1])


def reciprocal(best_target: Indices, best_source: Indices) -> Indices:
    """Return the pairs of which each word is the best of the other, by ascending source row.

    >>> import numpy as np
    >>> reciprocal(np.array([1, 0]), np.array([1, 0, 1])).tolist()
    [[0, 1], [1, 0]]

    :param best_target: int64 [n], the best target of each source.
    :param best_source: int64 [m], the best source of each target.
    :returns: int64 [p, 2], rows of source and target.
    """
    rows = np.flatnonzero(best_source[best_target] == np.arange(len(best_target)))
    return np.column_stack([rows, best_target[rows]])
