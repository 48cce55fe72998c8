"""The input of an exact scan: two matrices, the biases of their rows, and how many results are wanted."""

from __future__ import annotations

from dataclasses import dataclass

from translator.errors import DataError
from translator.vectors import Floats

MEMORY = 512 * 2**20  # bytes that a scan may use in addition to its input and its result


@dataclass(frozen=True, eq=False)
class SearchProblem:
    """Find the best columns of each row, and the best rows of each column, of ``rows @ columns.T``.

    :param rows: float32 [n, d].
    :param columns: float32 [m, d].
    :param row_k: number of columns wanted for each row; limited to m. 0 if none are wanted.
    :param column_k: number of rows wanted for each column; limited to n. 0 if none are wanted.
    :param row_bias: float32 [n], added to the scores when rows are ranked for a column.
    :param column_bias: float32 [m], added to the scores when columns are ranked for a row.
    :param memory: bytes for blocks and intermediate results, in addition to the input and the result.
    :raises DataError: the rows and the columns differ in length.
    """

    rows: Floats
    columns: Floats
    row_k: int
    column_k: int = 0
    row_bias: Floats | None = None
    column_bias: Floats | None = None
    memory: int = MEMORY

    def __post_init__(self) -> None:
        shapes = self.rows.shape, self.columns.shape
        if [len(shape) for shape in shapes] != [2, 2] or shapes[0][1] != shapes[1][1]:
            raise DataError(
                f"cannot compare vectors of shapes {list(shapes[0])} and {list(shapes[1])}: "
                "expected two matrices of the same width"
            )
        object.__setattr__(self, "row_k", min(self.row_k, len(self.columns)))
        object.__setattr__(self, "column_k", min(self.column_k, len(self.rows)))
