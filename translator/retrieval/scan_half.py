"""The exact scan by way of half precision, where the processor multiplies bfloat16 faster than float32.

A scan of bfloat16 products keeps some more candidates than are wanted; their scores are made again in
float32. A bound says what a candidate that was not kept can score at most. Where the k-th best is above it,
the k best are found, by proof; the few queries of which this is not so are scanned in float32.

With ``x = h + e``, a row as its half and the error of rounding it, which is known,

    ``x.y - h_x.h_y = e_x.y + h_x.e_y <= |e_x| |y| + |h_x| |e_y|``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from translator.devices import multiplies_bfloat16
from translator.retrieval.listed import listed_scores
from translator.retrieval.scan import Best, scan_blocks
from translator.retrieval.scan import scan as scan_singles
from translator.threads import TURN
from translator.vectors import Doubles, Floats, Indices
from translator.vectors.matrices import ROWS

if TYPE_CHECKING:
    import torch

SPARE = 12  # candidates kept beyond those wanted and half as many: the further down, the closer they lie
LEAST = 5e11  # multiplications below which loading torch takes longer than is won
HALF = 8  # bytes for a score: itself, a mark, and what merging winners takes
OUTPUT = 2**-8  # of a score: more than rounding it to bfloat16 takes from it
SUM = 2**-13  # of |x| |y|: more than sums in float32 are rounded by
TINY = 1e-35  # more than is lost where numbers become too small for float32

Codes = npt.NDArray[np.int16]


def worthwhile(rows: Floats, columns: Floats, row_k: int, column_k: int, memory: int) -> bool:
    """Whether there is much to multiply, room for longer lists, and a processor made for bfloat16."""
    if len(rows) * len(columns) * rows.shape[1] < LEAST:
        return False
    if _room(len(rows), row_k) + _room(len(columns), column_k) > memory // 2:
        return False
    return multiplies_bfloat16()


def _more(k: int) -> int:
    """How many candidates are kept where k are wanted."""
    return k + k // 2 + SPARE if k else 0


def _room(queries: int, k: int) -> int:
    """Bytes of the lists that are kept."""
    return 12 * queries * _more(k)


def scan(
    rows: Floats,
    columns: Floats,
    row_k: int,
    column_k: int,
    row_bias: Floats | None,
    column_bias: Floats | None,
    memory: int,
) -> tuple[Best, Best]:
    """As :func:`translator.retrieval.scan.scan`; scores differ by the rounding of float32."""
    import torch

    left, right = _Side.of(rows, row_bias), _Side.of(columns, column_bias)
    more = min(_more(row_k), len(columns)), min(_more(column_k), len(rows))
    room = memory - _room(len(rows), row_k) - _room(len(columns), column_k)
    blocks = partial(_Halves, left, right)
    with TURN:
        threads = torch.get_num_threads()
        try:
            kept = scan_blocks(blocks, HALF, len(rows), len(columns), *more, room)
        finally:
            torch.set_num_threads(threads)
    return _proved(left, right, kept[0], row_k, room), _proved(right, left, kept[1], column_k, room)


@dataclass(frozen=True, eq=False)
class _Side:
    """Rows with their bias, and what halving does to them.

    :param least: of the bias; it is raised by that much, so as not to make scores negative.
    :param lengths: of the rows, float64 [n].
    :param errors: lengths of what rounding takes from them, float64 [n].
    """

    rows: Floats
    bias: Floats | None
    least: np.float32
    lengths: Doubles
    errors: Doubles

    @classmethod
    def of(cls, rows: Floats, bias: Floats | None) -> _Side:
        lengths, errors = np.empty((2, len(rows)))
        for top in range(0, len(rows), ROWS):
            some = rows[top : top + ROWS]
            lengths[top : top + ROWS] = np.linalg.norm(some.astype(np.float64), axis=1)
            errors[top : top + ROWS] = np.linalg.norm(some.astype(np.float64) - _rounded(some), axis=1)
        least = np.float32(0) if bias is None else bias.min(initial=0)
        return cls(rows, bias, least, lengths, errors)


def _rounded(values: Floats) -> Floats:
    """The nearest bfloat16 of each, as float32."""
    import torch

    rounded: Floats = torch.tensor(values).bfloat16().float().numpy()
    return rounded


class _Halves:
    """Blocks of bfloat16. Their bits are the codes: whole numbers that rise with the scores above zero.

    Scores of zero and less do not count. A bias is part of the product, as two further coordinates: its half
    and the half of what is left. So a side's own bias is added, too, which does not change its ranking.
    """

    def __init__(self, rows: _Side, columns: _Side, height: int, width: int, threads: int) -> None:
        import torch

        if threads > 1:
            torch.set_num_threads(1)  # for this thread
        of_rows, of_columns = (2 * (side.bias is not None) for side in (rows, columns))
        d = rows.rows.shape[1]
        self.sides, self.places = (rows, columns), (d, d + of_rows)
        self.singles = [torch.ones((size, d + of_rows + of_columns)) for size in (height, width)]
        self.block = torch.empty(height * width, dtype=torch.bfloat16)
        self.top, self.left = -1, self.block

    def product(self, some_rows: slice, some_columns: slice) -> Codes:
        import torch

        if some_rows.start != self.top:
            self.top, self.left = some_rows.start, self._halved(0, some_rows)
        right = self._halved(1, some_columns)
        scores = self.block[: len(self.left) * len(right)].view(len(self.left), len(right))
        torch.mm(self.left, right.T, out=scores)
        codes: Codes = scores.view(torch.int16).numpy()
        return codes

    def _halved(self, which: int, some: slice) -> torch.Tensor:
        side, place = self.sides[which], self.places[which]
        rows = side.rows[some]
        singles = self.singles[which][: len(rows)]
        room = singles.numpy()
        room[:, : rows.shape[1]] = rows
        if side.bias is not None:
            raised = side.bias[some] - side.least
            room[:, place] = _rounded(raised)
            room[:, place + 1] = raised - room[:, place]
        return singles.bfloat16()

    def for_rows(self, product: Codes, some_columns: slice) -> Codes:
        return product

    def for_columns(self, product: Codes, some_rows: slice) -> Codes:
        return product

    def values(self, codes: Codes) -> Floats:
        return (codes.astype(np.uint32) << 16).view(np.float32)

    def codes(self, values: Floats) -> Codes:
        return (np.maximum(values, 0).view(np.uint32) >> 16).astype(np.int16)

    def below(self, codes: Codes) -> Codes:
        return np.maximum(codes, 1) - np.int16(1)


def _proved(queries: _Side, candidates: _Side, kept: Best, k: int, memory: int) -> Best:
    """The k best of each query out of those kept, or else by a scan in float32."""
    if not k:
        return kept
    limit = _limit(queries, candidates, kept[1])
    found, scores = _best_of(queries.rows, candidates, kept[0], k)
    doubtful = np.flatnonzero(~(scores[:, -1] > limit))
    if len(doubtful):
        rows = queries.rows[doubtful]
        found[doubtful], scores[doubtful] = scan_singles(
            rows, candidates.rows, k, 0, None, candidates.bias, memory
        )[0]
    return found, scores


def _limit(queries: _Side, candidates: _Side, approximate: Floats) -> Doubles:
    """What a candidate that was not kept can score at most, float64 [n]; infinity where too few were kept."""
    last = approximate[:, -1].astype(np.float64)
    longest = candidates.lengths.max(initial=0)
    error = queries.errors * longest + (queries.lengths + queries.errors) * candidates.errors.max(initial=0)
    error += SUM * queries.lengths * longest + OUTPUT * last + TINY
    for side in (queries, candidates):
        if side.bias is not None:
            error += SUM * (side.bias.max(initial=0) - side.least)
    own = np.float32(0) if queries.bias is None else queries.bias - queries.least
    limit: Doubles = np.where(last > 0, last - own + candidates.least + error, np.inf)
    return limit


def _best_of(queries: Floats, candidates: _Side, lists: Indices, k: int) -> Best:
    """The k best of a list of candidates of each query, equal ones by ascending index.

    :param lists: int64 [n, l], sorted in place.
    """
    indices, scores = np.empty((len(lists), k), np.int64), np.empty((len(lists), k), np.float32)
    for top in range(0, len(lists), ROWS):
        some = slice(top, top + ROWS)
        lists[some].sort(axis=1)
        values = listed_scores(queries[some], candidates.rows, lists[some])
        if candidates.bias is not None:
            values += candidates.bias[lists[some]]
        order = np.argsort(-values, axis=1, kind="stable")[:, :k]
        indices[some] = np.take_along_axis(lists[some], order, axis=1)
        scores[some] = np.take_along_axis(values, order, axis=1)
    return indices, scores
