"""The Translator: a torch layer that maps the word vectors of one language into the space of another."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import get_args

import numpy as np

from translator.alignment import Alignment
from translator.alignment.artefact import CONFIG, TENSORS
from translator.errors import DataError, FormatError, MissingDependencyError
from translator.export import LinearMap, Space, linear_map
from translator.export.linear import End, check_space
from translator.files import existing, json_of, read_safetensors
from translator.hub import push, resolve
from translator.vectors import Floats
from translator.writing import Kind, replacing

try:
    import torch
    from torch import nn
except ImportError:
    raise MissingDependencyError("torch", "torch", "the Translator layer") from None

TRANSLATOR = Kind(
    "a Translator", lambda folder: json_of(folder / CONFIG).get("kind") == "translator", (TENSORS, CONFIG)
)


class Translator(nn.Linear):
    """``torch.nn.Linear`` initialised with an alignment: ``y = x @ weight.T + bias``.

    The input is *raw* word vectors of the source language, float32 [..., d]: the mean that the normalisation
    subtracts is folded into the bias. The output, float32 [..., e], has the direction of the word in the
    shared space. Its length is 1 only on average, because scaling a row to unit length is not linear. So
    cosines are those of the alignment, and ``unit_rows`` of the output gives the alignment's rows.

    A normalisation that scales rows before it subtracts their mean (``unit,center``) folds only for input
    rows of unit length. :attr:`unit_input` is then true and :meth:`forward` scales them; a plain
    ``nn.Linear`` with the same weights needs unit rows as its input.

    :param in_features: d, width of the source vectors.
    :param out_features: e, width of the output space.
    :param unit_input: scale input rows to unit length first.
    :param ends: the space of the output, as in :class:`~translator.export.LinearMap`.

    >>> layer = Translator.from_affine(np.float32([[0, 1], [1, 0]]), np.float32([0, 5]))
    >>> layer(torch.tensor([[1.0, 2.0]])).tolist()
    [[2.0, 6.0]]
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
        """Return a layer of weight float32 [e, d] and bias float32 [e]."""
        layer = cls(weight.shape[1], weight.shape[0], unit_input=unit_input, ends=ends)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(weight)))
            layer.bias.copy_(torch.from_numpy(np.ascontiguousarray(bias)))
        return layer

    @classmethod
    def from_alignment(cls, alignment: Alignment, space: Space = "shared") -> Translator:
        """Return the layer of an alignment's source language.

        :param space: ``shared``, or ``target`` for the raw space of the target vectors.
        :raises DataError: ``space`` is unknown, or the map into it is not affine.
        """
        return cls._from_linear(linear_map(alignment, space=space))

    @classmethod
    def from_pretrained(
        cls, path: str | os.PathLike[str], space: Space = "shared", *, token: str | None = None
    ) -> Translator:
        """Read an alignment folder, a folder of :meth:`save_pretrained`, or a ``.safetensors`` file.

        :param path: the folder, the file, or the id of a repository of the Hugging Face Hub, ``owner/name``.
        :param space: for an alignment folder, as in :meth:`from_alignment`; its vectors are not needed.
        :param token: of a private repository; by default the one that ``hf auth login`` stored.
        :raises DataError: the path holds nothing of the kind, or a layer that has its space already.
        :raises MissingDependencyError: ``path`` is an id, and the extra ``hub`` is not installed.
        """
        check_space(space)
        place = resolve(path, files=(CONFIG, TENSORS), token=token)
        if place.is_dir() and not TRANSLATOR.recognised(place):
            return cls._from_linear(linear_map(place, space=space))
        file = place / TENSORS if place.is_dir() else existing(place)
        layer = cls._from_file(file)
        if space != "shared":
            raise DataError(
                f"{file}: the layer was exported with its space, which cannot become {space!r}",
                "Leave `space` out, or read the alignment folder instead.",
            )
        return layer

    @classmethod
    def _from_linear(cls, linear: LinearMap) -> Translator:
        return cls.from_affine(linear.weight, linear.bias, unit_input=linear.unit_input, ends=linear.ends)

    @classmethod
    def _from_file(cls, file: Path) -> Translator:
        hint = "Write one with export_layer, or with Translator.save_weights."
        tensors, metadata = read_safetensors(file, framework="pt", hint=hint)
        if not {"weight", "bias"} <= tensors.keys():
            raise FormatError(f"{file}: not an exported Translator (no tensors 'weight' and 'bias')", hint)
        weight, bias = (tensors[name].float().numpy() for name in ("weight", "bias"))
        if weight.ndim != 2 or bias.shape != weight.shape[:1]:
            raise FormatError(
                f"{file}: not an exported Translator (weight {weight.shape}, bias {bias.shape})", hint
            )
        ends: dict[str | None, End] = {end: end for end in get_args(End)}
        return cls.from_affine(
            weight,
            bias,
            unit_input=metadata.get("unit_input") == "true",
            ends=ends.get(metadata.get("ends"), "unknown"),
        )

    def save_pretrained(self, folder: str | os.PathLike[str]) -> None:
        """Write ``model.safetensors`` and ``config.json``; the folder appears whole or not at all.

        :raises DataError: the folder cannot be written, or holds anything but a Translator.
        """
        TRANSLATOR.check_replaceable(folder)
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

    def push_to_hub(self, repo_id: str, *, private: bool | None = None, token: str | None = None) -> str:
        """Upload the folder of :meth:`save_pretrained` to the Hugging Face Hub.

        :param repo_id: ``owner/name``; the repository is made if it does not exist.
        :param private: whether a new repository is private; None for the owner's default.
        :param token: with write access; by default the one that ``hf auth login`` stored.
        :returns: the address of the commit.
        :raises DataError: the Hub refuses the upload.
        :raises MissingDependencyError: the extra ``hub`` is not installed.
        """
        return push(self.save_pretrained, repo_id, private=private, token=token)

    def save_weights(self, path: str | os.PathLike[str]) -> None:
        """Write one file: ``.safetensors``, the state dict of a plain ``nn.Linear``, or ``.onnx``.

        The ONNX model has the input ``vectors``, float32 [n, d], and the output ``mapped``, float32 [n, e].

        :raises DataError: the name ends in neither, or the file cannot be written.
        :raises MissingDependencyError: ``.onnx`` needs the extra ``onnx``, which is not installed.
        """
        weight, bias = (tensor.detach().cpu().float().numpy() for tensor in (self.weight, self.bias))
        LinearMap(weight, bias, self.unit_input, self.ends).save(path)

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002 - the name nn.Linear gives it
        """Map raw word vectors.

        *Shape:* input ``[..., d]``, output ``[..., e]``.
        """
        return super().forward(nn.functional.normalize(input, dim=-1) if self.unit_input else input)

    def inverse(self) -> Translator:
        """Return the layer in the other direction: ``inverse()(self(x)) == x``.

        With ``unit_input`` the result is ``x`` scaled to unit length.

        :raises DataError: the weight is not square or has no inverse.

        >>> layer = Translator.from_affine(np.float32([[0, 2], [1, 0]]), np.float32([0, 5]))
        >>> layer.inverse()(layer(torch.tensor([1.0, 2.0]))).tolist()
        [1.0, 2.0]
        """
        weight = self.weight.detach().cpu()
        if weight.shape[0] != weight.shape[1] or int(torch.linalg.matrix_rank(weight)) < len(weight):
            raise DataError(
                f"a Translator of shape {tuple(weight.shape)} has no inverse",
                "Align the two languages in the other direction instead.",
            )
        inverse = torch.linalg.inv(weight.double())
        bias = -inverse @ self.bias.detach().double().cpu()
        return Translator.from_affine(inverse.float().numpy(), bias.float().numpy())

    def then(self, following: Translator) -> Translator:
        """Return one layer that applies this one and then ``following``: en -> de and de -> fr make en -> fr.

        This layer must end in the raw space in which ``following`` starts, as with ``space="target"``.

        :raises DataError: this layer ends elsewhere, the widths differ, or ``following`` scales its input.

        >>> double = Translator.from_affine(2 * np.eye(2, dtype=np.float32), np.float32([1, 1]))
        >>> double.then(double)(torch.tensor([1.0, 2.0])).tolist()
        [7.0, 11.0]
        """
        if self.ends in ("shared", "centred"):
            raise DataError(
                f"cannot compose: the next layer takes raw vectors, this one ends in the {self.ends} space",
                "Make this layer with space='target'.",
            )
        if self.out_features != following.in_features:
            raise DataError(
                f"cannot compose: this layer has {self.out_features} output dimensions, "
                f"the next takes {following.in_features}"
            )
        if following.unit_input:
            raise DataError("cannot compose: the next layer scales its input to unit length")
        with torch.no_grad():
            weight = (following.weight @ self.weight).cpu().numpy()
            bias = following(self.bias).cpu().numpy()
        return Translator.from_affine(weight, bias, unit_input=self.unit_input, ends=following.ends)

    def freeze(self) -> Translator:
        """Exclude the weights from training, and return the layer; build the optimiser afterwards."""
        self.requires_grad_(False)
        return self

    def unfreeze(self) -> Translator:
        """Include the weights in training again, and return the layer."""
        self.requires_grad_(True)
        return self
