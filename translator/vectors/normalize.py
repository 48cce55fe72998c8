"""The normalisation recipe as data: fitted once, stored, and carried by every map.

A map W is fitted on normalised rows, so a vector that skips the recipe is silently mis-mapped.
The default recipe, ``center`` then ``unit``, is affine up to a positive scalar per word:
``unit(x - mean)`` points where ``x - mean`` points. So it folds into the weight and bias of one
linear layer, and into the rows of a fastText model, with cosines left exactly as they are.
With ``unit`` before ``center`` that holds for input rows of unit length only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from translator.errors import DataError
from translator.vectors import Floats
from translator.vectors.matrices import ROWS, rowwise

Step = Literal["unit", "center"]
DEFAULT_RECIPE: tuple[Step, ...] = ("center", "unit")


def unit_rows(matrix: Floats) -> Floats:
    """Rows scaled to length 1, float32 [n, d]; zero rows stay zero."""
    lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))[:, None]
    lengths[lengths == 0] = 1
    unit: Floats = matrix / lengths
    return unit


def parse_recipe(text: str) -> tuple[Step, ...]:
    """Steps of a recipe written as ``center,unit``; ``none`` is the empty recipe.

    :raises DataError: a step is unknown.
    """
    names = [name.strip() for name in text.split(",") if name.strip() not in ("", "none")]
    for name in names:
        if name not in get_args(Step):
            raise DataError(
                f"unknown normalisation step {name!r}", f"Known steps: {', '.join(get_args(Step))}."
            )
    return tuple(names)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Normalizer:
    """A recipe fitted to one space.

    :param steps: ``unit`` and ``center`` in the order they are applied.
    :param means: one vector, float32 [d], for each ``center`` among the steps.
    """

    steps: tuple[Step, ...]
    means: tuple[Floats, ...]

    @classmethod
    def fit(cls, matrix: Floats, steps: Sequence[Step] = DEFAULT_RECIPE) -> Normalizer:
        """Fit the recipe to a space, float32 [n, d]: each mean is that of the rows after the steps before."""
        fitted = cls((), ())
        for step in steps:
            means = fitted.means if step == "unit" else (*fitted.means, _mean(fitted, matrix))
            fitted = cls((*fitted.steps, step), means)
        return fitted

    def apply(self, matrix: Floats) -> Floats:
        """Normalise rows of the same space, float32 [n, d] -> [n, d]; words unseen in fitting too."""
        means = iter(self.means)
        for step in self.steps:
            matrix = unit_rows(matrix) if step == "unit" else matrix - next(means)
        return matrix

    def space(self, matrix: Floats) -> Floats:
        """A whole vocabulary after the recipe, its rows scaled to length 1, float32 [n, d] -> [n, d]."""
        return rowwise(lambda rows: unit_rows(self.apply(rows)), matrix)

    @property
    def unit_input(self) -> bool:
        """Whether rows must have unit length before the recipe acts as a shift: ``unit`` comes first."""
        return self.steps[:1] == ("unit",) and "center" in self.steps

    @property
    def offset(self) -> Floats:
        """The vector m, float32 [d], such that the recipe is ``x - m`` up to a positive scalar a row.

        With :attr:`unit_input` that holds for rows x of unit length only.

        :raises DataError: the recipe scales rows between two shifts, or is empty of width.
        """
        rest = self.steps[1:] if self.unit_input else self.steps
        last = max((place for place, step in enumerate(rest) if step == "center"), default=0)
        if "unit" in rest[:last]:
            raise DataError(
                f"the recipe {','.join(self.steps)} scales rows between two shifts: no affine map can",
                "Align again with --recipe center,unit.",
            )
        return sum(self.means[1:], self.means[0]) if self.means else np.zeros(1, np.float32)

    def tensors(self) -> dict[str, Floats]:
        """Named arrays to store; :meth:`restore` is the way back."""
        return {f"mean.{place}": mean for place, mean in enumerate(self.means)}

    @classmethod
    def restore(cls, steps: Sequence[str], tensors: Mapping[str, Floats]) -> Normalizer:
        """The inverse of :meth:`tensors`.

        :raises DataError: a step is unknown, or a mean is missing.
        """
        recipe = parse_recipe(",".join(steps))
        try:
            return cls(recipe, tuple(tensors[f"mean.{place}"] for place in range(recipe.count("center"))))
        except KeyError as error:
            raise DataError(
                f"the stored recipe {','.join(steps)} lacks its tensor {error.args[0]!r}"
            ) from None


def _mean(fitted: Normalizer, matrix: Floats) -> Floats:
    """Mean of the rows after a recipe, float32 [d], without a second matrix of their number."""
    total = np.zeros(matrix.shape[1], np.float64)
    for top in range(0, len(matrix), ROWS):
        total += fitted.apply(matrix[top : top + ROWS]).sum(axis=0, dtype=np.float64)
    mean: Floats = (total / len(matrix)).astype(np.float32)
    return mean
