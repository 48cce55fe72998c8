"""Blocks of scores: the products of some rows with some columns, in a number type that can be compared."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from translator.retrieval.problem import SearchProblem
from translator.vectors import Floats

Codes = npt.NDArray[Any]  # numbers that rise with the scores: the scores themselves, or bits of bfloat16


class Blocks(Protocol):
    """Compute the products of one thread as codes: numbers of any type that rise with the scores."""

    def product(self, rows: slice, columns: slice) -> Codes:
        """Return the scores of rows with columns, [h, w]; the next product overwrites them."""

    def for_rows(self, product: Codes, columns: slice) -> Codes:
        """Return the scores by which columns are ranked for a row."""

    def for_columns(self, product: Codes, rows: slice) -> Codes:
        """Return the scores by which rows are ranked for a column."""

    def values(self, codes: Codes) -> Floats:
        """Return the scores of codes."""

    def codes(self, values: Floats) -> Codes:
        """Return the code of each score; for scores below the range of codes, the smallest code."""

    def below(self, codes: Codes) -> Codes:
        """Return the next smaller code; for the smallest code, itself."""


class FloatBlocks:
    """Blocks of float32, where each score is its own code; a bias is added when its side is ranked."""

    def __init__(self, problem: SearchProblem, height: int, width: int, threads: int) -> None:
        self.problem = problem
        self.block, self.biased = np.empty((2, height * width), np.float32)

    def product(self, rows: slice, columns: slice) -> Floats:
        """Return the scores of rows with columns, float32 [h, w]."""
        left, right = self.problem.rows[rows], self.problem.columns[columns].T
        shape = len(left), right.shape[1]
        return np.matmul(left, right, out=self.block[: shape[0] * shape[1]].reshape(shape))

    def for_rows(self, product: Floats, columns: slice) -> Floats:
        """Add the bias of the columns."""
        bias = self.problem.column_bias
        return product if bias is None else np.add(product, bias[columns], out=self._room(product))

    def for_columns(self, product: Floats, rows: slice) -> Floats:
        """Add the bias of the rows."""
        bias = self.problem.row_bias
        return product if bias is None else np.add(product, bias[rows, None], out=self._room(product))

    def _room(self, product: Floats) -> Floats:
        return self.biased[: product.size].reshape(product.shape)

    def values(self, codes: Floats) -> Floats:
        """Return the codes, which are the scores."""
        return codes

    def codes(self, values: Floats) -> Floats:
        """Return the scores, which are the codes."""
        return values

    def below(self, codes: Floats) -> Floats:
        """Return the next smaller float32 of each code."""
        below: Floats = np.nextafter(codes, np.float32(-np.inf))
        return below
