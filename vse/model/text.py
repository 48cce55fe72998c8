"""The text branch: raw word vectors -> Translator -> GRU -> joint space."""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn
from torch.nn import functional

from translator.layer import Translator
from vse.model.dropout import Masks
from vse.model.gru import GRU
from vse.words import Words

Pooling = Literal["max", "mean", "last"]


class Layers(nn.ModuleDict):
    """Layers by language code, which may also be the name of a module's method: ``to`` is Tongan."""

    def __setitem__(self, language: str, layer: nn.Module) -> None:
        self._modules[language] = layer


class TextEncoder(nn.Module):
    """Encode texts of the pivot, and of every language with a Translator, into the joint space.

    The GRU reads unit rows of the pivot's *centred* space: the pivot's raw vectors minus their mean, or the
    output of another language's :class:`~translator.layer.Translator`. Alignments are fitted with the same
    normalisation, ``center, unit``, so a Translator fits without a change.

    :param width: d, of the pivot's word vectors.
    :param hidden: units of the GRU, a direction.
    :param joint: e, width of the joint space.
    :param pooling: how the GRU's states become one vector: their ``max`` or ``mean`` over the words,
        or the ``last`` of each direction.
    :param bidirectional: read the words backwards as well.
    """

    mean: torch.Tensor

    def __init__(self, width: int, hidden: int, joint: int, pooling: Pooling, bidirectional: bool) -> None:
        super().__init__()
        self.translators = Layers()
        self.register_buffer("mean", torch.zeros(width))
        self.gru = GRU(width, hidden, batch_first=True, bidirectional=bidirectional)
        self.joint = nn.Linear(hidden * (2 if bidirectional else 1), joint)
        self.pooling = pooling

    def add_translator(self, language: str, layer: Translator) -> None:
        """Set the layer from a language's raw vectors into the pivot's centred space."""
        self.translators[language] = layer

    def mapped(self, table: torch.Tensor, language: str) -> torch.Tensor:
        """Map raw vectors of a language to unit rows of the pivot's centred space; zero rows stay zero.

        *Shape:* input ``[u, d of the language]``, output ``[u, d]``.
        """
        known = table.any(dim=1, keepdim=True)
        mapped = self.translators[language](table) if language in self.translators else table - self.mean
        return functional.normalize(mapped, dim=1) * known

    def forward(
        self,
        words: Words,
        language: str,
        masks: Masks | None = None,
        factors: torch.dtype | None = None,
    ) -> torch.Tensor:
        """Return unit rows of the joint space.

        *Shape:* output ``[n, e]``.

        :param factors: type of the GRU's factors, see :meth:`vse.model.gru.GRU.forward`.
        """
        device = self.mean.device
        table = self.mapped(torch.from_numpy(words.table).to(device), language)
        tokens = torch.from_numpy(words.padded()).to(device)
        lengths = torch.from_numpy(words.lengths).to(device)
        if masks is not None:
            kept = masks.words[:, : tokens.shape[1]].to(device)
            tokens = torch.where(kept, tokens, len(table))
            table = functional.pad(table, (0, 0, 0, 1))  # the row of a dropped word
        pooled = self._pool(self.gru(table, tokens, lengths, factors), lengths)
        if masks is not None:
            pooled = pooled * masks.states.to(device)
        return functional.normalize(self.joint(pooled), dim=1)

    def _pool(self, states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        if self.pooling == "mean":  # states beyond the end are zero
            return states.sum(dim=1) / lengths[:, None]
        if self.pooling == "last":
            return self._last(states, lengths)
        beyond = torch.arange(states.shape[1], device=states.device) >= lengths[:, None]
        # amax would share the gradient among equals, which takes several passes over all states
        return states.masked_fill(beyond[:, :, None], -torch.inf).max(dim=1).values

    def _last(self, states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        hidden = self.gru.hidden_size
        forward = states[torch.arange(len(states), device=states.device), lengths - 1, :hidden]
        return torch.cat(
            [forward, states[:, 0, hidden:]], dim=1
        )  # in the backward direction the first word is last
