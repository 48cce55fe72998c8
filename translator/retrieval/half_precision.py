"""Decide whether a search is faster by way of half precision, and how many candidates that takes.

Apart from ``scan_half``, so that the decision against it does not load torch.
"""

from __future__ import annotations

from dataclasses import replace

from translator.devices import multiplies_bfloat16
from translator.retrieval.problem import SearchProblem
from translator.retrieval.scan import RESULT

SPARE = 12  # candidates kept in addition to 1.5 k: farther down the list, scores lie closer together
LEAST = 5e11  # multiplications below which loading torch takes longer than half precision saves


def worthwhile(problem: SearchProblem) -> bool:
    """Return whether the search is large, has memory for longer lists, and the CPU multiplies bfloat16."""
    if len(problem.rows) * len(problem.columns) * problem.rows.shape[1] < LEAST:
        return False
    if problem.memory - widened(problem).memory > problem.memory // 2:
        return False
    return multiplies_bfloat16()  # last, because it loads torch


def widened(problem: SearchProblem) -> SearchProblem:
    """Return the search to do in half precision: longer lists, and the memory that they leave."""
    row_k, column_k = longer(problem.row_k), longer(problem.column_k)
    lists = RESULT * (len(problem.rows) * row_k + len(problem.columns) * column_k)
    return replace(problem, row_k=row_k, column_k=column_k, memory=problem.memory - lists)


def longer(k: int) -> int:
    """Return how many candidates half precision keeps where k are wanted."""
    return k + k // 2 + SPARE if k else 0
