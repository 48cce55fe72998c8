"""A GRU over sentences of unequal length: exact, and on the CPU about twice as fast as the library's own.

One layer with the parameters and equations of :class:`torch.nn.GRU` (Cho et al., EMNLP 2014):

    r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)      n = tanh(W_in x + b_in + r * (W_hn h + b_hn))
    z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)      h' = (1 - z) * n + z * h

Where the time is saved: a word meets the input weights once a batch, however often it occurs; sentences
are read the longest first, so that no step computes padding; gates are computed in the place where they
are kept for the way back, without a graph of every step; and the gradient of the recurrent weights is one
product over all steps. On request the factors of all products are rounded to bfloat16, which some processors
multiply several times as fast; gates and states are float32 all the same.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

GRAIN = 64  # rows: a new shape of bfloat16 takes longer to prepare than to multiply, so let there be few

sigmoid_backward, tanh_backward = torch.ops.aten.sigmoid_backward, torch.ops.aten.tanh_backward


class GRU(nn.GRU):
    """A single-layer GRU whose parameters are those of :class:`torch.nn.GRU`.

    :param input_size: width d of the word vectors.
    :param hidden_size: width h of the states.
    :param bidirectional: whether a second GRU reads each sentence from its end.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        batch_first: Literal[True] = True,
        bidirectional: bool = False,
    ) -> None:
        super().__init__(input_size, hidden_size, batch_first=batch_first, bidirectional=bidirectional)

    def forward(  # type: ignore[override]
        self, table: Tensor, tokens: Tensor, lengths: Tensor, factors: torch.dtype | None = None
    ) -> Tensor:
        """States after each word, float [b, t, h], or [b, t, 2h] in two directions; zeros behind the ends.

        :param table: float [u, d], vectors of the batch's words.
        :param tokens: int64 [b, t], rows of ``table``; entries after a sentence's end are never read.
        :param lengths: int64 [b], number of words of each sentence, from 1 to t; b >= 1.
        :param factors: type to which factors of products are rounded on the CPU; None leaves them alone.
        """
        steps, forwards, backwards = _pack(lengths, tokens.shape[1])
        if table.device.type != "cpu":
            return self._by_library(table, tokens, steps, forwards.to(table.device))
        if factors is not None:
            table = _rounded(table, factors)
        states = self._read(table, tokens, steps, forwards, "l0")
        if self.bidirectional:
            reverse = self._read(table, tokens, steps, backwards, "l0_reverse")
            states = torch.cat([states, reverse], dim=2)
        return states

    def _read(self, table: Tensor, tokens: Tensor, steps: list[int], places: Tensor, suffix: str) -> Tensor:
        """States of one direction, [b, t, h]."""
        w_ih, w_hh, b_ih, b_hh = (
            getattr(self, f"{name}_{suffix}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        two = 2 * self.hidden_size
        bias = torch.cat([b_ih[:two] + b_hh[:two], b_ih[two:]])
        inputs = functional.linear(table, w_ih.to(table.dtype), bias.to(table.dtype))
        hidden = b_hh[two:].expand(len(table), -1)
        words = torch.cat([inputs[:, :two], hidden, inputs[:, two:]], dim=1)  # of the type of ``hidden``
        w_hh = w_hh.to(table.dtype)
        states: Tensor = _Recurrence.apply(words, w_hh, tokens, places, steps)  # type: ignore[no-untyped-call]
        return states

    def _by_library(self, table: Tensor, tokens: Tensor, steps: list[int], places: Tensor) -> Tensor:
        """The same by ``torch.nn.GRU``, which is cuDNN on a GPU."""
        vectors = functional.embedding(tokens.flatten()[places], table)
        states, _ = super().forward(PackedSequence(vectors, torch.tensor(steps)))
        return _unpack(states.data, places, tokens.shape)


def _pack(lengths: Tensor, width: int) -> tuple[list[int], Tensor, Tensor]:
    """Plan the reading of sentences in parallel, the longest first.

    :returns: the number of sentences that have a word at each step; places of the words in the flat
        batch, int64 [N] in [0, b * t), step after step; the same for reading each sentence from its end.
    """
    lengths, order = lengths.cpu().sort(descending=True, stable=True)
    step = torch.arange(width)[:, None]
    there = step < lengths
    steps = there[: int(lengths[0])].sum(dim=1).tolist()
    return steps, (order * width + step)[there], (order * width + lengths - 1 - step)[there]


def _unpack(states: Tensor, places: Tensor, shape: torch.Size) -> Tensor:
    """States [N, h] at their places in a batch of zeros, [b, t, h]."""
    padded = states.new_zeros(shape.numel(), states.shape[1]).index_copy_(0, places, states)
    return padded.view(*shape, states.shape[1])


class _Recurrence(torch.autograd.Function):
    """The recurrence over packed words; their gates lie side by side as (r, z, W_hn h + b_hn, n)."""

    @staticmethod
    def forward(
        ctx: Any, words: Tensor, weight: Tensor, tokens: Tensor, places: Tensor, steps: list[int]
    ) -> Tensor:
        """States, [b, t, h].

        :param words: float [u, 4h], what a word and the biases give to each gate.
        :param weight: float [3h, h], the recurrent weights; what meets them is rounded to their type.
        :param tokens: int64 [b, t], rows of ``words``; ``places`` and ``steps`` are those of :func:`_pack`.
        """
        h = weight.shape[1]
        packed = tokens.flatten()[places]
        gates = words.new_empty(len(packed), 4 * h)
        states = gates.new_empty(len(gates), h)
        before = gates.new_zeros(steps[0], h)
        walk = zip(*(torch.split(x, steps) for x in (packed, gates, states)), strict=True)
        for step, (numbers, gate, state) in enumerate(walk):
            before = before[: len(gate)]
            torch.index_select(words, 0, numbers, out=gate)
            if step:
                _add_product(gate[:, : 3 * h], before.to(weight.dtype), weight.T)
            gate[:, : 2 * h].sigmoid_()
            r, z, hidden, n = gate.chunk(4, dim=1)
            n.addcmul_(r, hidden).tanh_()
            before = torch.lerp(n, before, z, out=state)
        ctx.save_for_backward(gates, states, weight, packed, places)
        ctx.steps, ctx.words = steps, len(words)
        return _unpack(states, places, tokens.shape)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_output: Tensor) -> tuple[Tensor, Tensor | None, None, None, None]:
        """Gradients of ``words`` and ``weight``."""
        gates, states, weight, packed, places = ctx.saved_tensors
        steps, h = ctx.steps, weight.shape[1]
        before = _before(states, steps)
        of_gates = torch.empty_like(gates)
        of_states = of_output.reshape(-1, h).index_select(0, places)
        walk = list(zip(*(torch.split(x, steps) for x in (gates, before, of_gates, of_states)), strict=True))
        for step in reversed(range(len(steps))):
            gate, last, of_gate, of_state = walk[step]
            _gate_gradients(gate, last, of_state, of_gate)
            if step:
                of_before = walk[step - 1][3][: len(last)]
                of_before.addcmul_(of_state, gate[:, h : 2 * h])
                _add_product(of_before, of_gate.to(weight.dtype)[:, : 3 * h], weight)
        of_words = torch.ops.aten.embedding_dense_backward(of_gates, packed, ctx.words, -1, False)
        if not ctx.needs_input_grad[1]:
            return of_words, None, None, None, None
        left, right = of_gates[steps[0] :, : 3 * h], before[steps[0] :]
        if weight.dtype != gates.dtype:
            left, right = _rounded(left, weight.dtype), _rounded(right, weight.dtype)
        return of_words, left.T @ right, None, None, None


def _add_product(total: Tensor, left: Tensor, right: Tensor) -> None:
    """Add ``left @ right`` in place; their type may be another."""
    if left.dtype == total.dtype:
        total.addmm_(left, right)
    else:
        total.add_(left @ right)


def _rounded(factor: Tensor, dtype: torch.dtype) -> Tensor:
    """Rows in another type, and rows of zeros below, so that their number is a multiple of ``GRAIN``."""
    rows, width = factor.shape
    padded = factor.new_zeros(rows + -rows % GRAIN, width, dtype=dtype)
    padded[:rows] = factor
    return padded


def _before(states: Tensor, steps: list[int]) -> Tensor:
    """The state before each word, [N, h]: zeros at first."""
    count = torch.tensor(steps)
    row = torch.arange(steps[0], len(states)) - count[:-1].repeat_interleave(count[1:])
    return torch.cat([states.new_zeros(steps[0], states.shape[1]), states[row]])


def _gate_gradients(gate: Tensor, before: Tensor, of_state: Tensor, of_gate: Tensor) -> None:
    """Fill ``of_gate`` [k, 4h] with the gradients of what enters the gates of a step."""
    r, z, hidden, n = gate.chunk(4, dim=1)
    of_r, of_z, of_hidden, of_n = of_gate.chunk(4, dim=1)
    torch.addcmul(of_state, of_state, z, value=-1, out=of_n)
    tanh_backward(of_n, n, grad_input=of_n)
    torch.mul(of_n, r, out=of_hidden)
    torch.mul(of_n, hidden, out=of_r)
    sigmoid_backward(of_r, r, grad_input=of_r)
    torch.sub(before, n, out=of_z).mul_(of_state)
    sigmoid_backward(of_z, z, grad_input=of_z)
