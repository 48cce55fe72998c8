"""The Translator: a linear layer that carries one language's word vectors into another's space.

The one file of this package that needs torch.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from translator.alignment import Alignment
from translator.alignment.affine import SideMap, compose
from translator.alignment.artefact import CONFIG, TENSORS, read_config, read_tensors, restore_map
from translator.errors import DataError, FormatError, MissingDependencyError
from translator.files import existing, json_of, read_json, read_safetensors
from translator.onnx_graph import write_onnx
from translator.vectors import Floats
from translator.writing import Kind, replacing

try:
    import torch
    from torch import nn
except ImportError:
    raise MissingDependencyError("torch", "torch", "the Translator layer") from None

FOLDER = Kind(
    "a Translator", lambda folder: json_of(folder / CONFIG).get("kind") == "translator", (TENSORS, CONFIG)
)

Space = Literal["shared", "target"]
End = Literal["target", "centred", "shared", "unknown"]


class Translator(nn.Linear):
    """``torch.nn.Linear`` initialised with an alignment: ``y = x @ weight.T + bias``.

    Input are *raw* word vectors of the source language, float32 [..., d]: the centring of the recipe is
    folded into the bias. Output, float32 [..., e], points exactly where the alignment maps the word; its
    length is not 1 (mapped words have length 1 on average), because scaling a row to unit length is no
    linear map. Cosines are therefore those of the alignment, and ``unit_rows`` gives its rows.

    A recipe that scales rows before it centres them (``unit,center``) folds only for input rows of unit
    length; :attr:`unit_input` is then true and :meth:`forward` scales them itself. A plain ``nn.Linear``
    with the same weights then needs unit rows as its input.

    :param in_features: d, width of the source vectors.
    :param out_features: e, width of the space mapped into.
    :param ends: where it ends: among the ``target``'s raw vectors, among them once their mean is taken off
        (``centred``: the shared space where the target's own map does nothing more), or in a ``shared``
        space that neither language's vectors lie in.
    """

    def __init__(
        self, in_features: int, out_features: int, *, unit_input: bool = False, ends: End = "unknown"
    ) -> None:
        super().__init__(in_features, out_features)
        self.unit_input, self.ends = unit_input, ends

    @classmethod
    def from_affine(
        cls, weight: Floats, bias: Floats, *, unit_input: bool = False, ends: End = "unknown"
    ) -> Translator:
        """A layer of weight [e, d] and bias [e]."""
        layer = cls(weight.shape[1], weight.shape[0], unit_input=unit_input, ends=ends)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(weight)))
            layer.bias.copy_(torch.from_numpy(np.ascontiguousarray(bias)))
        return layer

    @classmethod
    def from_maps(cls, source: SideMap, target: SideMap, space: Space = "shared") -> Translator:
        """The source's way into the shared space, or on into the target's own raw space."""
        weight, bias = source.affine()
        ends: End = "centred" if target.only_scales and target.only_centres else "shared"
        if space == "target":
            weight, bias = compose(weight, bias, target)
            ends = "target"
        return cls.from_affine(weight, bias, unit_input=source.unit_input, ends=ends)

    @classmethod
    def from_alignment(cls, alignment: Alignment, space: Space = "shared") -> Translator:
        """The source side of an alignment; ``space="target"`` ends in the raw space of the target vectors."""
        return cls.from_maps(alignment.source.to_shared, alignment.target.to_shared, space)

    @classmethod
    def from_pretrained(cls, path: str | os.PathLike[str], space: Space = "shared") -> Translator:
        """Read an alignment folder, a folder of :meth:`save_pretrained`, or a ``.safetensors`` file.

        :param space: for an alignment folder, as in :meth:`from_alignment`; the vectors are not needed.
        :raises DataError: nothing of the kind is there, or ``space`` is settled already in the file.
        """
        place = Path(path)
        if space not in get_args(Space):
            raise DataError(f"space {space!r}: expected one of {', '.join(get_args(Space))}")
        if not place.is_dir():
            return cls._from_file(existing(place), space)
        if (place / CONFIG).is_file() and read_json(place / CONFIG).get("kind") == "translator":
            return cls._from_file(place / TENSORS, space)
        config, tensors = read_config(place), read_tensors(place)
        source = restore_map(config.source, "source", tensors)
        return cls.from_maps(source, restore_map(config.target, "target", tensors), space)

    @classmethod
    def _from_file(cls, file: Path, space: Space) -> Translator:
        hint = "Make one with: translator export FOLDER --torch"
        tensors, metadata = read_safetensors(file, framework="pt", hint=hint)
        if not {"weight", "bias"} <= tensors.keys():
            raise FormatError(f"{file}: not an exported Translator (no tensors 'weight' and 'bias')", hint)
        weight, bias = (tensors[name].float().numpy() for name in ("weight", "bias"))
        if weight.ndim != 2 or bias.shape != weight.shape[:1]:
            raise FormatError(
                f"{file}: not an exported Translator (weight {weight.shape}, bias {bias.shape})", hint
            )
        if space != "shared":
            raise DataError(f"{file}: an exported Translator ends where it was exported to, not in {space!r}")
        known: dict[str, End] = {name: name for name in get_args(End)}
        ends = known.get(metadata.get("ends", ""), "unknown")
        return cls.from_affine(weight, bias, unit_input=metadata.get("unit_input") == "true", ends=ends)

    def save_pretrained(self, folder: str | os.PathLike[str]) -> None:
        """Write ``model.safetensors`` and ``config.json``; the folder appears whole or not at all.

        :raises DataError: the folder cannot be written, or holds anything but a Translator.
        """
        FOLDER.check_replaceable(folder)
        with replacing(folder) as draft:
            draft.mkdir()
            self.save_weights(draft / TENSORS)
            config = {
                "kind": "translator",
                "in_features": self.in_features,
                "out_features": self.out_features,
                "unit_input": self.unit_input,
            }
            (draft / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")

    def save_weights(self, path: str | os.PathLike[str]) -> None:
        """Write one ``.safetensors`` file that is the state dict of a plain ``nn.Linear``."""
        from safetensors.torch import save_file

        state = {name: tensor.detach().cpu().contiguous() for name, tensor in self.state_dict().items()}
        with replacing(path) as draft:
            unit_input = str(self.unit_input).lower()
            save_file(state, draft, metadata={"format": "pt", "unit_input": unit_input, "ends": self.ends})

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002 - the name nn.Linear gives it
        """Map raw word vectors.

        *Shape:* input ``[..., d]``, output ``[..., e]``.
        """
        return super().forward(nn.functional.normalize(input, dim=-1) if self.unit_input else input)

    def inverse(self) -> Translator:
        """The layer of the way back: ``inverse()(self(x)) == x`` (of unit length with ``unit_input``).

        :raises DataError: the weight is not square or has no inverse.
        """
        weight = self.weight.detach().cpu()
        if weight.shape[0] != weight.shape[1] or int(torch.linalg.matrix_rank(weight)) < len(weight):
            raise DataError(
                f"a Translator of shape {tuple(weight.shape)} has no inverse",
                "Align the other way round instead.",
            )
        inverse = torch.linalg.inv(weight.double())
        bias = -inverse @ self.bias.detach().double().cpu()
        return Translator.from_affine(inverse.float().numpy(), bias.float().numpy())

    def then(self, following: Translator) -> Translator:
        """One layer that does this and then ``following``: en -> de and de -> fr make en -> fr.

        This layer must end where the other starts: in the raw space of its source, ``space="target"``.

        :raises DataError: this one ends elsewhere, the widths differ, or ``following`` scales its input.
        """
        if self.ends in ("shared", "centred"):
            raise DataError(
                f"cannot compose: the next layer starts among raw vectors, where this one does not end "
                f"({self.ends})",
                "Make it with space='target'.",
            )
        if self.out_features != following.in_features:
            raise DataError(
                f"cannot compose: this layer ends in {self.out_features} dimensions, "
                f"the next starts from {following.in_features}"
            )
        if following.unit_input:
            raise DataError("cannot compose: the next layer scales its input to unit length")
        with torch.no_grad():
            weight = (following.weight @ self.weight).cpu().numpy()
            bias = following(self.bias).cpu().numpy()
        return Translator.from_affine(weight, bias, unit_input=self.unit_input, ends=following.ends)

    def freeze(self) -> Translator:
        """Stop the weights from being trained; build the optimiser afterwards."""
        self.requires_grad_(False)
        return self

    def unfreeze(self) -> Translator:
        """Let the weights be trained again."""
        self.requires_grad_(True)
        return self

    def export_onnx(self, path: str | os.PathLike[str]) -> None:
        """Write an ONNX model: input ``vectors`` float32 [n, d], output ``mapped`` float32 [n, e].

        :raises MissingDependencyError: the extra ``onnx`` is not installed.
        """
        weight, bias = (tensor.detach().cpu().numpy() for tensor in (self.weight, self.bias))
        write_onnx(path, weight, bias, unit_input=self.unit_input)
