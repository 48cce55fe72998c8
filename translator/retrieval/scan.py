"""The scan of the CPU: best k of rows and of columns out of one blocked matrix product.

A block of scores is compared with each row's k-th best so far. Nearly all scores lose, so beside the
product only one comparison is paid for them; the few winners are merged by a sort of numbers that hold
score and index, which keeps equal scores in ascending order of their index.

The rows are shared out among as many threads as the matrix product would have used, and each product keeps
to its own thread: selection then runs on all cores, too.

What a block is made of is left to :class:`Blocks`: float32 here, half precision in ``scan_half``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from threading import Event
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from translator.progress import track
from translator.threads import shared_out
from translator.vectors import Flags, Floats, Indices

COLUMNS = 1024  # columns a block: enough for a fast product, few enough for its scores to stay in a cache
WIDER = 16  # times k: columns where more are wanted, as merging takes longer then
MAX_ROWS = 4096
SINGLE = 16  # bytes for a score: itself, the same with a bias, a mark, and what merging winners takes
LEAST_ROWS = 256  # rows a thread below which one product on all threads is faster
LAST = 2**32 - 1  # index that a key can hold
GROUPS = 8  # times k: groups of a first block, from whose maxima the first threshold is taken

Codes = npt.NDArray[Any]
Best = tuple[Indices, Floats]  # int64 [n, k] and float32 [n, k], best first


class Blocks(Protocol):
    """The products of one thread, in numbers of any kind that can be compared (codes)."""

    def product(self, some_rows: slice, some_columns: slice) -> Codes:
        """Scores of rows with columns, [h, w], in room that the next product takes."""

    def for_rows(self, product: Codes, some_columns: slice) -> Codes:
        """The same as columns are ranked for a row."""

    def for_columns(self, product: Codes, some_rows: slice) -> Codes:
        """The same as rows are ranked for a column."""

    def values(self, codes: Codes) -> Floats:
        """The scores that codes stand for."""

    def codes(self, values: Floats) -> Codes:
        """The code of a score, or that of the least that counts."""

    def below(self, codes: Codes) -> Codes:
        """The next smaller code, or that of the least that counts."""


def scan(
    rows: Floats,
    columns: Floats,
    row_k: int,
    column_k: int,
    row_bias: Floats | None,
    column_bias: Floats | None,
    memory: int,
) -> tuple[Best, Best]:
    """Best ``row_k`` columns of each row and best ``column_k`` rows of each column, in float32.

    :param rows: float32 [n, d].
    :param columns: float32 [m, d].
    :param row_k: at most m; 0 when the rows' best are not wanted. ``column_k`` likewise.
    :param row_bias: float32 [n], added when rows are ranked for a column.
    :param column_bias: float32 [m], added when columns are ranked for a row.
    :param memory: bytes for the blocks and for the merging of their winners.
    """
    blocks = partial(_Singles, rows, columns, row_bias, column_bias)
    return scan_blocks(blocks, SINGLE, len(rows), len(columns), row_k, column_k, memory)


def scan_blocks(
    blocks: Callable[[int, int, int], Blocks],
    size: int,
    rows: int,
    columns: int,
    row_k: int,
    column_k: int,
    memory: int,
) -> tuple[Best, Best]:
    """As :func:`scan`, on blocks of any kind.

    :param blocks: makes those of one thread, given the largest height and width of a block, and how many
        threads there are.
    :param size: bytes for each score of a block.
    :param rows: how many there are, n. ``columns`` likewise, m.
    """
    stop = Event()
    bests = columns * column_k * 12  # bytes that each further thread keeps besides its blocks
    most = memory // (2 * bests) if bests else rows
    with shared_out(min(rows // LEAST_ROWS, most)) as threads, ThreadPoolExecutor(threads) as pool:
        bounds = [rows * place // threads for place in range(threads + 1)]
        part = (memory - (threads - 1) * bests) // threads
        job = _Job(blocks, size, columns, row_k, column_k, part, threads, stop)
        try:
            others = [pool.submit(job.share, *ends) for ends in pairwise(bounds[1:])]
            # The first share is the calling thread's: an interruption and the report of progress belong there
            parts = [job.share(bounds[0], bounds[1], "comparing"), *(other.result() for other in others)]
        except BaseException:
            stop.set()
            raise
    return _join_rows([part[0] for part in parts]), _join_columns([part[1] for part in parts], column_k)


@dataclass(frozen=True, eq=False)
class _Job:
    """What every thread is told; ``memory`` is that of one."""

    blocks: Callable[[int, int, int], Blocks]
    size: int
    columns: int
    row_k: int
    column_k: int
    memory: int
    threads: int
    stop: Event

    def share(self, start: int, end: int, label: str | None = None) -> tuple[Best, Best]:
        """The scan of rows ``start`` to ``end``, in one thread; with a label its progress is reported."""
        # Merging takes some hundred bytes for each of a column's bests: a small budget makes blocks narrower
        wide = min(max(COLUMNS, WIDER * self.row_k), 2**16)  # offer_columns tells columns by 16 bits
        width = max(1, min(wide, self.columns, self.memory // (256 * (16 + self.column_k))))
        height = max(1, min(MAX_ROWS, end - start, self.memory // (width * self.size)))
        blocks, beaten = self.blocks(height, width, self.threads), np.empty(height * width, bool)
        of_rows = _Running(end - start, self.row_k, 0, blocks)
        of_columns = _Running(self.columns, self.column_k, start, blocks)

        tops = range(start, end, height)
        steps: Iterable[int] = track(tops, label) if label else tops
        for top in steps:
            some_rows = slice(top, min(top + height, end))
            for left in range(0, self.columns, width):
                if self.stop.is_set():
                    break
                some_columns = slice(left, left + width)
                product = blocks.product(some_rows, some_columns)
                mask = beaten[: product.size].reshape(product.shape)
                if self.row_k:
                    of_rows.offer(blocks.for_rows(product, some_columns), top - start, left, mask)
                if self.column_k:
                    of_columns.offer_columns(blocks.for_columns(product, some_rows), left, top, mask)
        return of_rows.best(), of_columns.best()


class _Singles:
    """Blocks of float32, each its own code; a side's bias is added when it is ranked."""

    def __init__(
        self,
        rows: Floats,
        columns: Floats,
        row_bias: Floats | None,
        column_bias: Floats | None,
        height: int,
        width: int,
        threads: int,
    ) -> None:
        self.rows, self.columns, self.row_bias, self.column_bias = rows, columns, row_bias, column_bias
        self.block, self.biased = np.empty((2, height * width), np.float32)

    def product(self, some_rows: slice, some_columns: slice) -> Floats:
        left, right = self.rows[some_rows], self.columns[some_columns].T
        shape = len(left), right.shape[1]
        return np.matmul(left, right, out=self.block[: shape[0] * shape[1]].reshape(shape))

    def for_rows(self, product: Floats, some_columns: slice) -> Floats:
        if self.column_bias is None:
            return product
        return np.add(product, self.column_bias[some_columns], out=self._room(product))

    def for_columns(self, product: Floats, some_rows: slice) -> Floats:
        if self.row_bias is None:
            return product
        return np.add(product, self.row_bias[some_rows, None], out=self._room(product))

    def _room(self, product: Floats) -> Floats:
        return self.biased[: product.size].reshape(product.shape)

    def values(self, codes: Floats) -> Floats:
        return codes

    def codes(self, values: Floats) -> Floats:
        return values

    def below(self, codes: Floats) -> Floats:
        below: Floats = np.nextafter(codes, np.float32(-np.inf))
        return below


def _join_rows(parts: list[Best]) -> Best:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _join_columns(parts: list[Best], k: int) -> Best:
    """The best of all shares, in place of the first; those of the first rows come first among equals."""
    indices, scores = parts[0]
    step = max(1, COLUMNS // len(parts))
    for left in range(0, len(indices) if len(parts) > 1 and k else 0, step):
        some = slice(left, left + step)
        candidates, values = (
            np.concatenate([part[which][some] for part in parts], axis=1) for which in (0, 1)
        )
        order = np.argsort(-values, axis=1, kind="stable")[:, :k]
        indices[some] = np.take_along_axis(candidates, order, axis=1)
        scores[some] = np.take_along_axis(values, order, axis=1)
    return indices, scores


class _Running:
    """The best k candidates so far of each of n queries, best first; ``origin`` is the first candidate.

    They are kept as single numbers, which sort several times as fast as an order of scores is found.
    """

    def __init__(self, n: int, k: int, origin: int, blocks: Blocks) -> None:
        self.k, self.origin, self.blocks = k, origin, blocks
        self.keys = np.full((n, k), NOTHING)
        self.threshold = blocks.codes(np.full(n, -np.inf, np.float32))  # scores have to be above it

    def offer(self, scores: Codes, first: int, candidate: int, mask: Flags) -> None:
        """Scores [h, w] of queries ``first...`` with candidates ``candidate...``."""
        threshold = self.threshold[first : first + len(scores)]
        if candidate == self.origin and scores.shape[1] >= self.k:
            threshold[:] = self.blocks.below(_kth(scores, self.k))
        winners = np.flatnonzero(np.greater(scores, threshold[:, None], out=mask))
        query, column = np.divmod(winners, scores.shape[1])
        self._merge(first + query, candidate + column, self.blocks.values(scores.ravel()[winners]))

    def offer_columns(self, scores: Codes, first: int, candidate: int, mask: Flags) -> None:
        """The transpose: scores [h, w] of candidates ``candidate...`` with queries ``first...``."""
        threshold = self.threshold[first : first + scores.shape[1]]
        if candidate == self.origin and len(scores) >= self.k:
            threshold[:] = self.blocks.below(_kth(scores.T, self.k))
        winners = np.flatnonzero(np.greater(scores, threshold, out=mask))
        row, query = np.divmod(winners, scores.shape[1])
        order = np.argsort(query.astype(np.uint16), kind="stable")  # by digits, as they are so short
        values = self.blocks.values(scores.ravel()[winners[order]])
        self._merge(first + query[order], candidate + row[order], values)

    def _merge(self, query: Indices, candidate: Indices, score: Floats) -> None:
        """Winners sorted by query."""
        if not len(query):
            return
        start = np.flatnonzero(np.diff(query, prepend=-1))
        touched, count = query[start], np.diff(start, append=len(query))
        line = np.repeat(np.arange(len(touched)), count)
        place = self.k + np.arange(len(query)) - np.repeat(start, count)
        keys = np.full((len(touched), self.k + count.max()), NOTHING)
        keys[:, : self.k] = self.keys[touched]
        keys[line, place] = _keys(candidate, score)
        keys.sort(axis=1)
        self.keys[touched] = best = keys[:, : -self.k - 1 : -1]
        self.threshold[touched] = self.blocks.codes(_scores(best[:, -1]))

    def best(self) -> Best:
        """Indices, in the place of the keys, and scores."""
        scores = np.empty(self.keys.shape, np.float32)
        for top in range(0, len(scores), MAX_ROWS):
            scores[top : top + MAX_ROWS] = _scores(self.keys[top : top + MAX_ROWS])
        return _indices(self.keys), scores


def _keys(indices: Indices, scores: Floats) -> Indices:
    """One whole number for both, int64, larger for a better score, and for a smaller index among equals."""
    bits = (scores + np.float32(0)).view(np.int32)  # minus zero is zero
    return _rising(bits).astype(np.int64) << 32 | (LAST - indices)


def _scores(keys: Indices) -> Floats:
    return _rising((keys >> 32).astype(np.int32)).view(np.float32)


def _indices(keys: Indices) -> Indices:
    """In the place of the keys."""
    keys &= LAST
    return np.subtract(LAST, keys, out=keys)


def _rising(bits: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Bits of float32 as whole numbers that rise with it, and back."""
    return bits ^ (bits >> 31 & np.int32(2**31 - 1))


def _kth(scores: Codes, k: int) -> Codes:
    """A value that at least k scores of each row reach, [h, w] -> [h].

    The k-th best of the maxima of groups of columns: partitioning these few is cheap, and taking maxima is
    one pass at the speed of memory.
    """
    groups = min(GROUPS * k, scores.shape[1])
    maxima = scores[:, :groups].copy(order="K")
    for left in range(groups, scores.shape[1] - groups + 1, groups):
        np.maximum(maxima, scores[:, left : left + groups], out=maxima)
    kth: Codes = np.partition(maxima, groups - k, axis=1)[:, groups - k]
    return kth


NOTHING = _keys(np.zeros(1, np.int64), np.full(1, -np.inf, np.float32))[0]
