"""The exact scan on numpy: best k of rows and of columns out of one blocked matrix product.

A block of scores is compared with each row's k-th best so far. Nearly all scores lose, so beside the
product only one comparison is paid for them; the few winners are merged by a stable sort, which
keeps equal scores in ascending order of their index.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from translator.progress import track
from translator.vectors import Floats, Indices

COLUMNS = 8192  # columns a block: enough for the product to run at full speed
MAX_ROWS = 2048
SAMPLE = 1024  # scores of a first block from which the first threshold is taken

Best = tuple[Indices, Floats]  # int64 [n, k] and float32 [n, k], best first


def scan(
    rows: Floats,
    columns: Floats,
    row_k: int,
    column_k: int,
    row_bias: Floats | None,
    column_bias: Floats | None,
    memory: int,
) -> tuple[Best, Best]:
    """Best ``row_k`` columns of each row and best ``column_k`` rows of each column.

    :param rows: float32 [n, d].
    :param columns: float32 [m, d].
    :param row_k: at most m; 0 when the rows' best are not wanted. ``column_k`` likewise.
    :param row_bias: float32 [n], added when rows are ranked for a column.
    :param column_bias: float32 [m], added when columns are ranked for a row.
    :param memory: bytes for the blocks and for the merging of their winners.
    """
    # Merging takes some hundred bytes for each of a column's bests: under a small budget blocks are narrower
    width = max(1, min(COLUMNS, len(columns), memory // (256 * (16 + column_k))))
    height = max(1, min(MAX_ROWS, len(rows), memory // (width * 16)))
    block = np.empty(height * width, np.float32)
    shifted = np.empty(height * width, np.float32)
    beaten = np.empty(height * width, bool)
    of_rows, of_columns = _Running(len(rows), row_k), _Running(len(columns), column_k)

    for top in track(range(0, len(rows), height), "comparing"):
        some_rows = rows[top : top + height]
        for left in range(0, len(columns), width):
            some_columns = columns[left : left + width]
            shape = len(some_rows), len(some_columns)
            size = shape[0] * shape[1]
            scores = np.matmul(some_rows, some_columns.T, out=block[:size].reshape(shape))
            spare, mask = shifted[:size].reshape(shape), beaten[:size].reshape(shape)
            if row_k:
                biased = _add(scores, column_bias, left, spare)
                of_rows.offer(biased, top, left, mask)
            if column_k:
                biased = (
                    scores if row_bias is None else np.add(scores, row_bias[top : top + height, None], spare)
                )
                of_columns.offer_columns(biased, left, top, mask)
    return of_rows.best(), of_columns.best()


def _add(scores: Floats, bias: Floats | None, start: int, out: Floats) -> Floats:
    return scores if bias is None else np.add(scores, bias[start : start + scores.shape[1]], out=out)


class _Running:
    """The best k candidates so far of each of n queries, best first."""

    def __init__(self, n: int, k: int) -> None:
        self.k = k
        self.indices = np.zeros((n, k), np.int64)
        self.scores = np.full((n, k), -np.inf, np.float32)
        self.threshold = np.full(n, -np.inf, np.float32)

    def offer(self, scores: Floats, first: int, candidate: int, mask: npt.NDArray[np.bool_]) -> None:
        """Scores [h, w] of queries ``first...`` with candidates ``candidate...``."""
        threshold = self.threshold[first : first + len(scores)]
        if candidate == 0 and scores.shape[1] >= self.k:
            sample = scores[:, :SAMPLE] if self.k <= SAMPLE else scores
            threshold[:] = _below_kth(sample.copy(), self.k)
        winners = np.flatnonzero(np.greater(scores, threshold[:, None], out=mask))
        query, column = np.divmod(winners, scores.shape[1])
        self._merge(first + query, candidate + column, scores.ravel()[winners])

    def offer_columns(self, scores: Floats, first: int, candidate: int, mask: npt.NDArray[np.bool_]) -> None:
        """The transpose: scores [h, w] of candidates ``candidate...`` with queries ``first...``."""
        threshold = self.threshold[first : first + scores.shape[1]]
        if candidate == 0 and len(scores) >= self.k:
            sample = scores[:SAMPLE] if self.k <= SAMPLE else scores
            threshold[:] = _below_kth(sample.T.copy(), self.k)
        winners = np.flatnonzero(np.greater(scores, threshold, out=mask))
        row, query = np.divmod(winners, scores.shape[1])
        order = np.argsort(query, kind="stable")
        self._merge(first + query[order], candidate + row[order], scores.ravel()[winners[order]])

    def _merge(self, query: Indices, candidate: Indices, score: Floats) -> None:
        """Winners sorted by query, and within a query by candidate."""
        if not len(query):
            return
        touched, start, count = np.unique(query, return_index=True, return_counts=True)
        line = np.repeat(np.arange(len(touched)), count)
        place = self.k + np.arange(len(query)) - np.repeat(start, count)
        indices = np.zeros((len(touched), self.k + count.max()), np.int64)
        scores = np.full(indices.shape, -np.inf, np.float32)
        indices[:, : self.k], scores[:, : self.k] = self.indices[touched], self.scores[touched]
        indices[line, place], scores[line, place] = candidate, score
        order = np.argsort(-scores, axis=1, kind="stable")[:, : self.k]
        self.indices[touched] = np.take_along_axis(indices, order, axis=1)
        self.scores[touched] = np.take_along_axis(scores, order, axis=1)
        self.threshold[touched] = self.scores[touched, -1]

    def best(self) -> Best:
        return self.indices, self.scores


def _below_kth(scores: Floats, k: int) -> Floats:
    """A value just below each row's k-th largest: at least k scores of the row exceed it; reorders rows."""
    place = scores.shape[1] - k
    scores.partition(place, axis=1)
    below: Floats = np.nextafter(scores[:, place], np.float32(-np.inf))
    return below
