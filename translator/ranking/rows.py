"""Arrays whose rows belong together: some of the rows, and several such together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from translator.vectors import Indices


@dataclass(frozen=True, eq=False)
class Rows:
    """A base for classes whose fields are arrays [n, ...] of the same n words."""

    def __getitem__(self, some: slice | Indices) -> Self:
        """Those of some of the words."""
        return type(self)(*(getattr(self, field.name)[some] for field in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence[Self], axis: int = 0) -> Self:
        """Several one after the other; along axis 1, more candidates of the same words."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts], axis=axis) for name in names))
