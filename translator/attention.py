"""Attention over target words, in torch: a source vector becomes the mean of its translations' vectors."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from translator.alignment import Alignment
from translator.alignment.artefact import ALIGNMENT
from translator.errors import DataError, FormatError, MissingDependencyError
from translator.files import existing, read_safetensors
from translator.layer import Translator
from translator.lexicon_vectors import BEST, TEMPERATURE
from translator.translation import check_k
from translator.writing import replacing

try:
    import torch
    from torch import nn
except ImportError:
    raise MissingDependencyError("torch", "torch", "the LexiconAttention layer") from None

BLOCK = 1024  # inputs whose scores of all target words are in memory at a time
_TENSORS = ("translator.weight", "translator.bias", "keys", "density", "values", "log_temperature")


class LexiconAttention(nn.Module):
    """Attend to the target words that are nearest to a mapped source vector under CSLS.

    The query is the unit row q of ``translator(x)``, the keys are the target words y in the shared space, and
    the score of a word is ``2 q y - r``, which is CSLS up to a constant of q (r is the mean cosine of y with
    its nearest source words). The output is the mean of the raw target vectors of the k best words, weighted
    by the softmax of their scores divided by the temperature. Which words are the k best is not
    differentiable; the output is, in the input, in the Translator and in the temperature.

    A :class:`~translator.lexicon_vectors.LexiconVectors` does the same with the probabilities of the
    alignment's ranker, which are better weights and are not differentiable.

    :param translator: from raw source vectors [d] into the shared space [e].
    :param keys: unit rows of the target words in the shared space, float32 [m, e].
    :param density: mean cosine of each target word with its nearest source words, float32 [m].
    :param values: raw vectors of the target words, float32 [m, f].
    :param k: number of target words that an output is the mean of.
    :param temperature: of the softmax, more than 0.
    :raises DataError: ``k`` is below 1.

    >>> eye = torch.eye(2)
    >>> layer = LexiconAttention(Translator(2, 2), eye, torch.zeros(2), 3 * eye, k=1)
    >>> _ = nn.init.eye_(layer.translator.weight), nn.init.zeros_(layer.translator.bias)
    >>> layer(torch.tensor([[0.2, 0.9]])).tolist()
    [[0.0, 3.0]]
    """

    keys: torch.Tensor
    density: torch.Tensor
    values: torch.Tensor

    def __init__(
        self,
        translator: Translator,
        keys: torch.Tensor,
        density: torch.Tensor,
        values: torch.Tensor,
        k: int = BEST,
        temperature: float = TEMPERATURE,
    ) -> None:
        check_k(k)
        if not 0 < temperature < float("inf"):
            raise DataError(f"temperature={temperature}: expected a number above 0")
        super().__init__()
        self.translator, self.k = translator, min(k, len(keys))
        for name, tensor in (("keys", keys), ("density", density), ("values", values)):
            self.register_buffer(name, tensor)
        self.log_temperature = nn.Parameter(torch.tensor(float(np.log(temperature))))

    @classmethod
    def from_alignment(
        cls, alignment: Alignment, k: int = BEST, temperature: float = TEMPERATURE
    ) -> LexiconAttention:
        """Return the layer of an alignment; :attr:`translator` is the alignment's own.

        :raises DataError: the alignment's map is not affine.
        """
        translator = Translator.from_alignment(alignment)
        target = alignment.target
        raw = target.vectors.embed(target.mapped.words)
        tables = target.mapped.matrix, alignment.means.target, raw
        keys, density, values = (torch.from_numpy(np.array(table, np.float32)) for table in tables)
        return cls(translator, keys, density, values, k, temperature)

    @classmethod
    def from_pretrained(cls, path: str | os.PathLike[str]) -> LexiconAttention:
        """Read a file of :meth:`save_weights`.

        :raises DataError: there is no such file, it holds something else, or it is an alignment folder.
        """
        if isinstance(path, str | os.PathLike) and ALIGNMENT.recognised(Path(path)):
            raise DataError(
                f"{path}: is an alignment folder, expected a file of LexiconAttention.save_weights",
                "Use LexiconAttention.from_alignment(Alignment.from_pretrained(FOLDER)).",
            )
        file, hint = existing(path), "Write one with LexiconAttention.save_weights."
        tensors, metadata = read_safetensors(file, framework="pt", hint=hint)
        if set(_TENSORS) != tensors.keys() or not metadata.get("k", "").isdecimal():
            raise FormatError(f"{file}: not an exported LexiconAttention", hint)
        weight, keys, values = tensors["translator.weight"], tensors["keys"], tensors["values"]
        fits = weight.ndim == keys.ndim == values.ndim == 2 and len(keys) == len(values) > 0
        if not fits or weight.shape[0] != keys.shape[1] or tensors["density"].shape != keys.shape[:1]:
            raise FormatError(f"{file}: the tensors of a LexiconAttention do not fit together", hint)
        translator = Translator(
            weight.shape[1], weight.shape[0], unit_input=metadata.get("unit_input") == "true"
        )
        layer = cls(translator, keys, tensors["density"], values, int(metadata["k"]))
        layer.load_state_dict(tensors)
        return layer

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002 - the name nn.Linear gives it
        """Return the expected target vectors of raw source vectors; a zero row, which is no word, stays zero.

        *Shape:* input ``[..., d]``, output ``[..., f]``.
        """
        rows = input.reshape(-1, input.shape[-1])
        queries = nn.functional.normalize(self.translator(rows), dim=1)
        best = torch.cat([self._best(block) for block in torch.split(queries.detach(), BLOCK)])
        scores = 2 * torch.einsum("ne,nke->nk", queries, self.keys[best]) - self.density[best]
        weights = torch.softmax(scores / self.log_temperature.exp(), dim=1)
        expected = torch.einsum("nk,nkf->nf", weights, self.values[best])
        expected = expected * rows.detach().any(dim=1, keepdim=True)
        return expected.reshape(*input.shape[:-1], self.values.shape[1])

    @torch.no_grad()
    def _best(self, queries: torch.Tensor) -> torch.Tensor:
        """Return the rows of the k best target words, int64 [n, k]."""
        return (2 * queries @ self.keys.T - self.density).topk(self.k, dim=1).indices

    def save_weights(self, path: str | os.PathLike[str]) -> None:
        """Write one file, target table included: ``.safetensors``, or ``.onnx``.

        The ONNX model has the input ``vectors``, float32 [n, d], and the output ``expected``, float32 [n, f].

        :raises DataError: the name ends in neither, or the file cannot be written.
        :raises MissingDependencyError: ``.onnx`` needs the extra ``onnx``, which is not installed.
        """
        if Path(path).suffix == ".onnx":
            self._write_onnx(path)
        elif Path(path).suffix == ".safetensors":
            self._write_safetensors(path)
        else:
            raise DataError(f"{path}: the name of a layer's file ends in .safetensors or .onnx")

    def _write_safetensors(self, path: str | os.PathLike[str]) -> None:
        from safetensors.torch import save_file

        state = {name: tensor.detach().cpu().contiguous() for name, tensor in self.state_dict().items()}
        metadata = {"format": "pt", "k": str(self.k), "unit_input": str(self.translator.unit_input).lower()}
        with replacing(path) as draft:
            save_file(state, draft, metadata=metadata)

    def _write_onnx(self, path: str | os.PathLike[str]) -> None:
        from translator.export.onnx_graph import Graph

        state = {name: tensor.detach().cpu().numpy() for name, tensor in self.state_dict().items()}
        graph = Graph("LexiconAttention")
        vectors = graph.input("vectors", ["n", self.translator.in_features])
        rows = graph.unit_rows(vectors) if self.translator.unit_input else vectors
        linear = graph.tensor(state["translator.weight"]), graph.tensor(state["translator.bias"])
        queries = graph.unit_rows(graph.node("Gemm", rows, *linear, transB=1))
        products = graph.node("MatMul", queries, graph.tensor(2 * state["keys"].T))
        scores = graph.node("Sub", products, graph.tensor(state["density"]))
        best, places = graph.nodes("TopK", 2, scores, graph.tensor(np.array([self.k])), axis=1)
        temperature = graph.tensor(np.exp(state["log_temperature"]))
        weights = graph.node("Softmax", graph.node("Div", best, temperature), axis=1)
        values = graph.node("Gather", graph.tensor(state["values"]), places, axis=0)
        column = graph.node("Unsqueeze", weights, graph.tensor(np.array([1])))
        mean = graph.node("Squeeze", graph.node("MatMul", column, values), graph.tensor(np.array([1])))
        known = graph.node("Sign", graph.node("ReduceL2", vectors, axes=[1], keepdims=1))
        graph.output(graph.node("Mul", mean, known, name="expected"), ["n", self.values.shape[1]])
        graph.write(path)
