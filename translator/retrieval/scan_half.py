"""The exact scan by way of half precision, for processors that multiply bfloat16 faster than float32.

A scan of bfloat16 products keeps more candidates than are wanted, and their scores are computed again in
float32. An upper bound limits the score of every candidate that was not kept. If the k-th best score of a
query is above the bound, its k best are proved; the few other queries are scanned in float32.

The bound: let ``x = h_x + e_x``, a row as its rounding to bfloat16 and the error of it, which is known. Then

    ``x.y - h_x.h_y = e_x.y + h_x.e_y <= |e_x| |y| + |h_x| |e_y|``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import torch

from translator.retrieval.half_precision import widened
from translator.retrieval.listed import listed_scores
from translator.retrieval.problem import SearchProblem
from translator.retrieval.running_best import Best
from translator.retrieval.scan import scan as float_scan
from translator.retrieval.scan import scan_blocks
from translator.threads import BLAS_LOCK
from translator.vectors import Doubles, Floats, Indices
from translator.vectors.matrices import ROWS

HALF_SCORE = 8  # bytes for a score: bfloat16, a mark, and the merging of winners
OUTPUT = 2**-8  # of a score: more than rounding to bfloat16 takes from it
SUM = 2**-13  # of |x| |y|: more than the rounding error of sums in float32
TINY = 1e-35  # more than is lost where numbers become too small for float32

HalfCodes = npt.NDArray[np.int16]


def scan(problem: SearchProblem) -> tuple[Best, Best]:
    """Return the same as :func:`translator.retrieval.scan.scan`, up to the rounding of scores in float32."""
    rows = RoundedSide.of(problem.rows, problem.row_bias)
    columns = RoundedSide.of(problem.columns, problem.column_bias)
    wide = widened(problem)
    with BLAS_LOCK:
        threads = torch.get_num_threads()
        try:
            of_rows, of_columns = scan_blocks(wide, partial(HalfBlocks, rows, columns), HALF_SCORE)
        finally:
            torch.set_num_threads(threads)
    return (
        _proved(rows, columns, of_rows, problem.row_k, wide.memory),
        _proved(columns, rows, of_columns, problem.column_k, wide.memory),
    )


@dataclass(frozen=True, eq=False)
class RoundedSide:
    """Rows with their bias, and the errors of rounding them to bfloat16.

    :param least: the least bias or 0, whichever is less; it is subtracted from the bias, because negative
        scores do not count.
    :param lengths: of the rows, float64 [n].
    :param errors: lengths of the rounding errors of the rows, float64 [n].
    """

    rows: Floats
    bias: Floats | None
    least: np.float32
    lengths: Doubles
    errors: Doubles

    @classmethod
    def of(cls, rows: Floats, bias: Floats | None) -> RoundedSide:
        """Compute lengths and errors."""
        lengths, errors = np.empty((2, len(rows)))
        for top in range(0, len(rows), ROWS):
            block = rows[top : top + ROWS]
            lengths[top : top + ROWS] = np.linalg.norm(block.astype(np.float64), axis=1)
            errors[top : top + ROWS] = np.linalg.norm(block.astype(np.float64) - _rounded(block), axis=1)
        least = np.float32(0) if bias is None else bias.min(initial=0)
        return cls(rows, bias, least, lengths, errors)


def _rounded(values: Floats) -> Floats:
    """Return the nearest bfloat16 of each value, as float32."""
    rounded: Floats = torch.tensor(values).bfloat16().float().numpy()
    return rounded


class HalfBlocks:
    """Blocks of bfloat16. Their bits are the codes: whole numbers that rise with the scores above zero.

    Scores of zero and less do not count. A bias is part of the product, as two further coordinates: its
    rounding and the rounding of the remainder. So the bias of a query is added, too, which does not change
    its ranking.
    """

    def __init__(
        self, rows: RoundedSide, columns: RoundedSide, height: int, width: int, threads: int
    ) -> None:
        if threads > 1:
            torch.set_num_threads(1)  # of the current thread
        row_extra, column_extra = (2 * (side.bias is not None) for side in (rows, columns))
        d = rows.rows.shape[1]
        self.sides, self.bias_columns = (rows, columns), (d, d + row_extra)
        self.floats = [torch.ones((size, d + row_extra + column_extra)) for size in (height, width)]
        self.block = torch.empty(height * width, dtype=torch.bfloat16)
        self.top, self.left = -1, self.block

    def product(self, rows: slice, columns: slice) -> HalfCodes:
        """Return the bits of the scores of rows with columns, int16 [h, w]."""
        if rows.start != self.top:
            self.top, self.left = rows.start, self._halved(0, rows)
        right = self._halved(1, columns)
        scores = self.block[: len(self.left) * len(right)].view(len(self.left), len(right))
        torch.mm(self.left, right.T, out=scores)
        codes: HalfCodes = scores.view(torch.int16).numpy()
        return codes

    def _halved(self, number: int, part: slice) -> torch.Tensor:
        side, bias_column = self.sides[number], self.bias_columns[number]
        rows = side.rows[part]
        floats = self.floats[number][: len(rows)]
        array = floats.numpy()  # shares the memory
        array[:, : rows.shape[1]] = rows
        if side.bias is not None:
            raised = side.bias[part] - side.least
            array[:, bias_column] = _rounded(raised)
            array[:, bias_column + 1] = raised - array[:, bias_column]
        return floats.bfloat16()

    def for_rows(self, product: HalfCodes, columns: slice) -> HalfCodes:
        """Return the product, which holds the biases already."""
        return product

    def for_columns(self, product: HalfCodes, rows: slice) -> HalfCodes:
        """Return the product, which holds the biases already."""
        return product

    def values(self, codes: HalfCodes) -> Floats:
        """Return the scores of which codes are the bits."""
        return (codes.astype(np.uint32) << 16).view(np.float32)

    def codes(self, values: Floats) -> HalfCodes:
        """Return the bits of the scores as bfloat16; 0 for scores below zero."""
        return (np.maximum(values, 0).view(np.uint32) >> 16).astype(np.int16)

    def below(self, codes: HalfCodes) -> HalfCodes:
        """Return the next smaller code; 0 for 0."""
        return np.maximum(codes, 1) - np.int16(1)


def _proved(queries: RoundedSide, candidates: RoundedSide, kept: Best, k: int, memory: int) -> Best:
    """Return the k best of each query: those kept if that is proved, else by a scan in float32."""
    if not k:
        return kept
    bound = upper_bound(queries, candidates, kept[1])
    indices, scores = _best_kept(queries.rows, candidates, kept[0], k)
    doubtful = np.flatnonzero(~(scores[:, -1] > bound))
    if len(doubtful):
        again = SearchProblem(
            queries.rows[doubtful], candidates.rows, k, column_bias=candidates.bias, memory=memory
        )
        indices[doubtful], scores[doubtful] = float_scan(again)[0]
    return indices, scores


def upper_bound(queries: RoundedSide, candidates: RoundedSide, kept_scores: Floats) -> Doubles:
    """Return the highest score that a candidate which was not kept can have, float64 [n].

    :param kept_scores: bfloat16 scores of the candidates that were kept, best first, float32 [n, l].
        The bound is infinite if the last of them is not above zero.
    """
    last = kept_scores[:, -1].astype(np.float64)
    longest = candidates.lengths.max(initial=0)
    error = queries.errors * longest + (queries.lengths + queries.errors) * candidates.errors.max(initial=0)
    error += SUM * queries.lengths * longest + OUTPUT * last + TINY
    for side in (queries, candidates):
        if side.bias is not None:
            error += SUM * (side.bias.max(initial=0) - side.least)
    query_bias = np.float32(0) if queries.bias is None else queries.bias - queries.least
    bound: Doubles = np.where(last > 0, last - query_bias + candidates.least + error, np.inf)
    return bound


def _best_kept(queries: Floats, candidates: RoundedSide, lists: Indices, k: int) -> Best:
    """Return the k best of each query's list by scores in float32, equal ones by ascending index.

    :param lists: rows of candidates, int64 [n, l]; sorted in place.
    """
    indices, scores = np.empty((len(lists), k), np.int64), np.empty((len(lists), k), np.float32)
    for top in range(0, len(lists), ROWS):
        block = slice(top, top + ROWS)
        lists[block].sort(axis=1)
        values = listed_scores(queries[block], candidates.rows, lists[block])
        if candidates.bias is not None:
            values += candidates.bias[lists[block]]
        order = np.argsort(-values, axis=1, kind="stable")[:, :k]
        indices[block] = np.take_along_axis(lists[block], order, axis=1)
        scores[block] = np.take_along_axis(values, order, axis=1)
    return indices, scores
