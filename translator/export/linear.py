"""The map of one language as the weights of a linear layer; needs no torch."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from translator.alignment.affine import SideMap, compose
from translator.errors import DataError
from translator.export.onnx_graph import write_onnx
from translator.vectors import Floats, has_vector
from translator.vectors.normalize import unit_rows
from translator.writing import replacing

Space = Literal["shared", "target"]
End = Literal["target", "centred", "shared", "unknown"]


@dataclass(frozen=True, eq=False)
class LinearMap:
    """The affine map ``y = x @ weight.T + bias`` of raw word vectors, as in ``torch.nn.Linear``.

    :param weight: float32 [e, d].
    :param bias: float32 [e].
    :param unit_input: whether the rows ``x`` must be scaled to unit length first.
    :param ends: the space of ``y``: the ``target``'s raw vectors; these less their mean (``centred``, the
        shared space of a target whose own map only scales); a ``shared`` space that neither language's
        vectors lie in.
    """

    weight: Floats
    bias: Floats
    unit_input: bool = False
    ends: End = "unknown"

    @classmethod
    def between(cls, source: SideMap, target: SideMap, space: Space = "shared") -> LinearMap:
        """Return the map from the source's raw vectors into the shared or the target's raw space.

        :raises DataError: ``space`` is unknown, the normalisation is not affine, or the target's map has no
            inverse.
        """
        check_space(space)
        weight, bias = source.affine()
        if space == "target":
            weight, bias = compose(weight, bias, target)
            return cls(weight, bias, source.unit_input, "target")
        centred = target.only_scales and target.only_centres
        return cls(weight, bias, source.unit_input, "centred" if centred else "shared")

    def apply(self, rows: Floats) -> Floats:
        """Map raw vectors, float32 [n, d] -> [n, e]; a zero row, which is no vector, stays zero.

        >>> LinearMap(np.eye(2, dtype=np.float32), np.float32([1, 0])).apply(np.float32([[2, 3], [0, 0]]))
        array([[3., 3.],
               [0., 0.]], dtype=float32)
        """
        mapped = (unit_rows(rows) if self.unit_input else rows) @ self.weight.T + self.bias
        mapped[~has_vector(rows)] = 0
        return mapped

    def folded(self) -> tuple[Floats, Floats]:
        """Return ``(matrix, offset)``, [d, e] and [d]: ``(x - offset) @ matrix`` is the same map.

        :raises DataError: the map has no inverse, so that no offset has this effect.
        """
        try:
            offset = np.linalg.solve(self.weight.astype(np.float64), -self.bias.astype(np.float64))
        except np.linalg.LinAlgError:
            raise DataError(
                "the source's map has no inverse", "Export into the shared space instead."
            ) from None
        return self.weight.T, offset.astype(np.float32)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write ``.safetensors``, the state dict of a plain ``torch.nn.Linear``, or ``.onnx``.

        The ONNX model has the input ``vectors``, float32 [n, d], and the output ``mapped``, float32 [n, e].

        :raises DataError: the name ends in neither, or the file cannot be written.
        :raises MissingDependencyError: the extra ``onnx`` is needed and not installed.
        """
        suffix = Path(path).suffix
        if suffix == ".onnx":
            write_onnx(path, self.weight, self.bias, unit_input=self.unit_input)
        elif suffix == ".safetensors":
            self._save_safetensors(path)
        else:
            raise DataError(f"{path}: the name of a layer's file ends in .safetensors or .onnx")

    def _save_safetensors(self, path: str | os.PathLike[str]) -> None:
        from safetensors.numpy import save_file

        state = {"weight": np.ascontiguousarray(self.weight), "bias": np.ascontiguousarray(self.bias)}
        with replacing(path) as draft:
            unit_input = str(self.unit_input).lower()
            save_file(state, draft, metadata={"format": "pt", "unit_input": unit_input, "ends": self.ends})


def check_space(space: str) -> None:
    """Raise :class:`DataError` if a space is unknown."""
    if space not in get_args(Space):
        raise DataError(f"space {space!r}: expected one of {', '.join(get_args(Space))}")
