"""The exact scan on the CPU: best columns of rows and best rows of columns from one blocked matrix product.

The rows are divided among as many threads as the matrix product would have used, and each thread computes its
own products. In this way the selection of the best uses all cores, too.

:class:`~translator.retrieval.blocks.Blocks` computes a block: in float32 here, in bfloat16 for ``scan_half``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from threading import Event

import numpy as np

from translator.progress import track
from translator.retrieval.blocks import Blocks, FloatBlocks
from translator.retrieval.problem import SearchProblem
from translator.retrieval.running_best import Best, RunningBest
from translator.threads import divided

COLUMNS = 1024  # columns of a block: enough for a fast product, few enough for its scores to stay in a cache
WIDER = 16  # columns for each result wanted, where that is more: longer lists take longer to merge
MAX_COLUMNS = 2**16  # RunningBest.offer_columns sorts columns as 16-bit numbers
MAX_ROWS = 4096  # rows of a block
FLOAT_SCORE = 16  # bytes for a score: float32 without and with bias, a mark, and the merging of winners
LEAST_ROWS = 256  # rows of a thread below which one product on all threads is faster
RESULT = 12  # bytes for each result: int64 index and float32 score


def scan(problem: SearchProblem) -> tuple[Best, Best]:
    """Return the best columns of each row and the best rows of each column, computed in float32."""
    return scan_blocks(problem, partial(FloatBlocks, problem), FLOAT_SCORE)


def scan_blocks(
    problem: SearchProblem, blocks: Callable[[int, int, int], Blocks], score_bytes: int
) -> tuple[Best, Best]:
    """Do the same as :func:`scan` with blocks of any kind.

    :param blocks: makes the blocks of one thread, from their largest height and width and how many threads.
    :param score_bytes: memory that each score of a block takes.
    """
    rows, memory = len(problem.rows), problem.memory
    bests = len(problem.columns) * problem.column_k * RESULT  # bytes that each further thread keeps
    most = memory // (2 * bests) if bests else rows
    stop = Event()
    with divided(min(rows // LEAST_ROWS, most)) as threads, ThreadPoolExecutor(threads) as pool:
        bounds = [rows * place // threads for place in range(threads + 1)]
        thread_memory = (memory - (threads - 1) * bests) // threads
        job = _Job(problem, blocks, score_bytes, thread_memory, threads, stop)
        try:
            others = [pool.submit(job.scan, *ends) for ends in pairwise(bounds[1:])]
            # The calling thread scans first rows, since it alone can be interrupted and report progress
            parts = [job.scan(bounds[0], bounds[1], "comparing"), *(other.result() for other in others)]
        except BaseException:
            stop.set()
            raise
    of_rows, of_columns = ([part[side] for part in parts] for side in (0, 1))
    return _join_rows(of_rows), _join_columns(of_columns, problem.column_k)


@dataclass(frozen=True, eq=False)
class _Job:
    """A search that is divided among threads; ``memory`` is that of one thread."""

    problem: SearchProblem
    blocks: Callable[[int, int, int], Blocks]
    score_bytes: int
    memory: int
    threads: int
    stop: Event

    def scan(self, start: int, end: int, label: str | None = None) -> tuple[Best, Best]:
        """Scan rows ``start`` to ``end`` in the current thread; with a label, report progress."""
        columns, row_k, column_k = len(self.problem.columns), self.problem.row_k, self.problem.column_k
        # Merging takes some hundred bytes for each result of a column: little memory makes blocks narrower
        wide = min(max(COLUMNS, WIDER * row_k), MAX_COLUMNS)
        width = max(1, min(wide, columns, self.memory // (256 * (16 + column_k))))
        height = max(1, min(MAX_ROWS, end - start, self.memory // (width * self.score_bytes)))
        blocks, beaten = self.blocks(height, width, self.threads), np.empty(height * width, bool)
        of_rows = RunningBest(end - start, row_k, 0, blocks)
        of_columns = RunningBest(columns, column_k, start, blocks)

        tops = range(start, end, height)
        steps: Iterable[int] = track(tops, label) if label else tops
        for top in steps:
            block_rows = slice(top, min(top + height, end))
            for left in range(0, columns, width):
                if self.stop.is_set():
                    break
                block_columns = slice(left, left + width)
                product = blocks.product(block_rows, block_columns)
                mask = beaten[: product.size].reshape(product.shape)
                if row_k:
                    of_rows.offer(blocks.for_rows(product, block_columns), top - start, left, mask)
                if column_k:
                    of_columns.offer_columns(blocks.for_columns(product, block_rows), left, top, mask)
        return of_rows.best(), of_columns.best()


def _join_rows(parts: list[Best]) -> Best:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _join_columns(parts: list[Best], k: int) -> Best:
    """Merge the best rows of all threads into those of the first; equal scores by ascending row."""
    indices, scores = parts[0]
    step = max(1, COLUMNS // len(parts))
    for left in range(0, len(indices) if len(parts) > 1 and k else 0, step):
        columns = slice(left, left + step)
        candidates, values = (
            np.concatenate([part[field][columns] for part in parts], axis=1) for field in (0, 1)
        )
        order = np.argsort(-values, axis=1, kind="stable")[:, :k]
        indices[columns] = np.take_along_axis(candidates, order, axis=1)
        scores[columns] = np.take_along_axis(values, order, axis=1)
    return indices, scores
