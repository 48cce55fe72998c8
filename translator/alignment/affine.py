"""One language's way into the shared space: its normalisation recipe, then its linear map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from translator.errors import DataError
from translator.vectors import Floats, WordVectors, has_vector
from translator.vectors.matrices import ROUNDING, rowwise
from translator.vectors.normalize import Normalizer, unit_rows


@dataclass(frozen=True, eq=False)
class SideMap:
    """Recipe and map of one language.

    :param normalizer: the recipe fitted to the language's space.
    :param matrix: float32 [d, e], applied on the right of a normalised row.
    """

    normalizer: Normalizer
    matrix: Floats

    def __post_init__(self) -> None:
        widths = {len(mean) for mean in self.normalizer.means} | {len(self.matrix)}
        if self.matrix.ndim != 2 or len(widths) != 1:
            raise DataError(
                f"a map of shape {self.matrix.shape} does not fit a recipe of widths {sorted(widths)}"
            )

    def apply(self, rows: Floats) -> Floats:
        """Raw vectors to unit rows of the shared space, float32 [n, d] -> [n, e]; no vector stays none."""
        mapped = unit_rows(self.normalizer.apply(rows) @ self.matrix)
        mapped[~has_vector(rows)] = 0  # it would come to lie where the mean does
        return mapped

    def apply_to(self, vectors: WordVectors) -> WordVectors:
        """A whole vocabulary in the shared space, unit rows."""
        return WordVectors(vectors.words, rowwise(self.apply, vectors.matrix))

    def of_typical_length_one(self, rows: Floats) -> SideMap:
        """The same map, scaled so that :meth:`affine` gives ``rows``, raw [n, d], length 1 on average.

        Both sides then share lengths, whatever lengths their raw vectors have.
        """
        try:
            weight, bias = self.affine()
        except DataError:  # no affine form, whose lengths could matter
            return self

        def lengths(some: Floats) -> Floats:
            raw = unit_rows(some) if self.unit_input else some
            mapped = np.linalg.norm(raw @ weight.T + bias, axis=1)
            return np.column_stack([mapped, np.linalg.norm(raw, axis=1)])

        typical, raw = (column.mean(dtype=np.float32) for column in rowwise(lengths, rows).T)
        summed = raw * np.linalg.norm(weight) + np.linalg.norm(bias)
        return SideMap(self.normalizer, self.matrix / typical) if typical > ROUNDING * summed else self

    @property
    def only_scales(self) -> bool:
        """Whether the matrix is a multiple of the identity: beyond its recipe the language stays as it is."""
        matrix = self.matrix
        if matrix.shape[0] != matrix.shape[1]:
            return False
        return bool(np.array_equal(matrix, np.diag(np.full(len(matrix), matrix[0, 0]))))

    @property
    def only_centres(self) -> bool:
        """Whether the recipe takes off the mean of the raw vectors, and beyond that changes lengths alone."""
        return "center" in self.normalizer.steps and not self.normalizer.unit_input

    @property
    def unit_input(self) -> bool:
        """Whether :meth:`folded` and :meth:`affine` hold only for raw rows scaled to unit length."""
        return self.normalizer.unit_input

    def folded(self) -> tuple[Floats, Floats]:
        """``(matrix, offset)``, [d, e] and [d]: ``(x - offset) @ matrix`` points where :meth:`apply` does.

        Exact up to a positive scalar per row, so cosines are those of :meth:`apply`.

        :raises DataError: the recipe is not a shift, even up to scale.
        """
        return self.matrix, np.zeros(len(self.matrix), np.float32) + self.normalizer.offset

    def affine(self) -> tuple[Floats, Floats]:
        """``(weight, bias)`` of the equal ``torch.nn.Linear``, [e, d] and [e]: ``x @ weight.T + bias``."""
        matrix, offset = self.folded()
        return np.ascontiguousarray(matrix.T), -(offset @ matrix)


def compose(weight: Floats, bias: Floats, into: SideMap) -> tuple[Floats, Floats]:
    """Follow an affine map into the shared space by the way out into the raw space of ``into``.

    Both maps are affine up to a scalar a row; the result lands in the raw space, mean included. Where that
    space is wider than the shared one, it is the shortest vector that ``into`` maps to the given point.

    :param weight: float32 [e, d].
    :param bias: float32 [e].
    :returns: weight [d', d] and bias [d'].
    :raises DataError: ``into`` does not reach every point of the shared space: its space is narrower, or its
        map was learned from fewer pairs than dimensions.
    """
    matrix, offset = into.folded()
    d, e = matrix.shape
    if np.linalg.matrix_rank(matrix) < e:
        raise DataError("the target's map has no inverse", "Export into the shared space instead.")
    out = (np.linalg.inv if d == e else np.linalg.pinv)(matrix.astype(np.float64))
    return (out.T @ weight).astype(np.float32), (bias @ out + offset).astype(np.float32)
