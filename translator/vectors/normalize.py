"""Normalisation as data: fitted once to a space, stored, and applied before every map.

A map W is fitted on normalised rows, so a vector that is not normalised alike is silently mis-mapped.
The default, ``center`` then ``unit``, is affine up to a positive scalar per word: ``unit(x - mean)`` points
where ``x - mean`` points. So it folds into the weight and bias of one linear layer, and into the rows of a
fastText model, without any change to a cosine. With ``unit`` before ``center`` that holds for input rows of
unit length only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from translator.errors import DataError
from translator.vectors import Floats
from translator.vectors.matrices import ROWS, rowwise

NormalizationStep = Literal["unit", "center"]
DEFAULT_NORMALIZATION: tuple[NormalizationStep, ...] = ("center", "unit")


def unit_rows(matrix: Floats) -> Floats:
    """Scale rows to length 1, float32 [n, d]; zero rows stay zero.

    >>> unit_rows(np.array([[3, 4], [0, 0]], np.float32)).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))[:, None]
    lengths[lengths == 0] = 1
    unit: Floats = matrix / lengths
    return unit


def parse_normalization(text: str) -> tuple[NormalizationStep, ...]:
    """Parse normalisation steps written as ``center,unit``; ``none`` means no steps.

    :raises DataError: a step is unknown.

    >>> parse_normalization("center, unit")
    ('center', 'unit')
    """
    names = [name.strip() for name in text.split(",") if name.strip() not in ("", "none")]
    for name in names:
        if name not in get_args(NormalizationStep):
            raise DataError(
                f"unknown normalisation step {name!r}",
                f"Known steps: {', '.join(get_args(NormalizationStep))}.",
            )
    return tuple(names)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Normalizer:
    """Normalisation steps fitted to one space.

    :param steps: ``unit`` and ``center`` in the order they are applied.
    :param means: one vector, float32 [d], for each ``center`` among the steps.
    """

    steps: tuple[NormalizationStep, ...]
    means: tuple[Floats, ...]

    @classmethod
    def fit(cls, matrix: Floats, steps: Sequence[NormalizationStep] = DEFAULT_NORMALIZATION) -> Normalizer:
        """Fit the steps to a space, float32 [n, d]; each mean is taken after the steps before it.

        >>> space = np.array([[0, 2], [2, 2]], np.float32)
        >>> Normalizer.fit(space).apply(space).tolist()
        [[-1.0, 0.0], [1.0, 0.0]]
        """
        fitted = cls((), ())
        for step in steps:
            means = fitted.means if step == "unit" else (*fitted.means, _mean(fitted, matrix))
            fitted = cls((*fitted.steps, step), means)
        return fitted

    def apply(self, matrix: Floats) -> Floats:
        """Normalise rows of the space, seen in fitting or not, float32 [n, d] -> [n, d]."""
        means = iter(self.means)
        for step in self.steps:
            matrix = unit_rows(matrix) if step == "unit" else matrix - next(means)
        return matrix

    def space(self, matrix: Floats) -> Floats:
        """Normalise a whole vocabulary and scale its rows to length 1, float32 [n, d] -> [n, d]."""
        return rowwise(lambda rows: unit_rows(self.apply(rows)), matrix)

    @property
    def unit_input(self) -> bool:
        """Whether the steps are a shift for rows of unit length only, because ``unit`` comes first."""
        return self.steps[:1] == ("unit",) and "center" in self.steps

    @property
    def offset(self) -> Floats:
        """The vector m, float32 [d], such that the steps turn x into ``x - m`` up to a positive scalar a row.

        With :attr:`unit_input` that holds for rows x of unit length only. Without a ``center``, m is [0.0] of
        shape [1].

        :raises DataError: the steps scale rows between two shifts.
        """
        rest = self.steps[1:] if self.unit_input else self.steps
        last = max((place for place, step in enumerate(rest) if step == "center"), default=0)
        if "unit" in rest[:last]:
            raise DataError(
                f"normalisation {','.join(self.steps)} scales rows between two shifts: no affine map can",
                "Align again with normalization=center,unit.",
            )
        return sum(self.means[1:], self.means[0]) if self.means else np.zeros(1, np.float32)

    def tensors(self) -> dict[str, Floats]:
        """Return the means as named arrays to store; :meth:`restore` is the inverse."""
        return {f"mean.{place}": mean for place, mean in enumerate(self.means)}

    @classmethod
    def restore(cls, steps: Sequence[str], tensors: Mapping[str, Floats]) -> Normalizer:
        """Make a normalizer of stored steps and :meth:`tensors`.

        :raises DataError: a step is unknown, or a mean is missing.
        """
        parsed = parse_normalization(",".join(steps))
        try:
            return cls(parsed, tuple(tensors[f"mean.{place}"] for place in range(parsed.count("center"))))
        except KeyError as error:
            raise DataError(
                f"the stored normalisation {','.join(steps)} lacks its tensor {error.args[0]!r}"
            ) from None


def _mean(fitted: Normalizer, matrix: Floats) -> Floats:
    """Return the mean of the normalised rows, float32 [d], block by block to save memory."""
    total = np.zeros(matrix.shape[1], np.float64)
    for top in range(0, len(matrix), ROWS):
        total += fitted.apply(matrix[top : top + ROWS]).sum(axis=0, dtype=np.float64)
    mean: Floats = (total / len(matrix)).astype(np.float32)
    return mean
