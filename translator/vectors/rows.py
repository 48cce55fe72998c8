"""A base class for groups of arrays with the same rows, which are indexed and joined together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from translator.vectors import Indices


@dataclass(frozen=True, eq=False)
class Rows:
    """A base class for dataclasses whose fields are arrays [n, ...] of the same n words."""

    def __getitem__(self, rows: slice | Indices) -> Self:
        """Return the arrays of some of the words."""
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence[Self], axis: int = 0) -> Self:
        """Concatenate: along axis 0 the words, along axis 1 the candidates of the same words."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts], axis=axis) for name in names))
