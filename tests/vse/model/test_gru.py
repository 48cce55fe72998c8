"""The GRU, its states and every gradient, against torch.nn.GRU over packed sequences."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from vse.model.gru import GRU, _pack

WORDS, D, H = 7, 3, 4
LENGTHS = torch.tensor([3, 1, 5, 3, 2])
TOKENS = torch.randint(WORDS, (5, 6), generator=torch.Generator().manual_seed(0))
BOTH = pytest.mark.parametrize("bidirectional", [False, True])


def made(bidirectional: bool, dtype: torch.dtype = torch.float32) -> tuple[GRU, Tensor]:
    """A GRU and vectors for its words."""
    torch.manual_seed(1)
    gru = GRU(D, H, bidirectional=bidirectional).to(dtype)
    return gru, torch.randn(WORDS, D, dtype=dtype, requires_grad=True)


def by_library(gru: nn.GRU, table: Tensor, tokens: Tensor, lengths: Tensor) -> Tensor:
    """States of the stock GRU with the same parameters."""
    packed = pack_padded_sequence(table[tokens], lengths, batch_first=True, enforce_sorted=False)
    states: Tensor = pad_packed_sequence(nn.GRU.forward(gru, packed)[0], batch_first=True, total_length=6)[0]
    return states


def gradients(states: Tensor, gru: GRU, table: Tensor) -> list[Tensor]:
    """Gradients of the table and of every parameter, for some gradient of the states."""
    weights = torch.randn(states.shape, generator=torch.Generator().manual_seed(2)).to(states.dtype)
    return list(torch.autograd.grad(states, [table, *gru.parameters()], weights))


@BOTH
def test_states_and_gradients_are_those_of_the_library(bidirectional: bool) -> None:
    gru, table = made(bidirectional)
    states, expected = gru(table, TOKENS, LENGTHS), by_library(gru, table, TOKENS, LENGTHS)
    torch.testing.assert_close(states, expected, atol=1e-6, rtol=1e-5)
    for found, right in zip(gradients(states, gru, table), gradients(expected, gru, table), strict=True):
        assert right.abs().max() > 0
        torch.testing.assert_close(found, right, atol=1e-6, rtol=1e-5)


@BOTH
def test_its_gradient_in_double_precision(bidirectional: bool) -> None:
    gru, table = made(bidirectional, torch.float64)
    names = [name for name, _ in gru.named_parameters()]

    def states(table: Tensor, *parameters: Tensor) -> Tensor:
        replaced = dict(zip(names, parameters, strict=True))
        found: Tensor = torch.func.functional_call(gru, replaced, (table, TOKENS, LENGTHS))
        return found

    assert torch.autograd.gradcheck(states, (table, *gru.parameters()))


@BOTH
def test_a_realistic_batch(bidirectional: bool) -> None:
    torch.manual_seed(3)
    gru = GRU(30, 40, bidirectional=bidirectional)
    table, tokens, lengths = torch.randn(90, 30), torch.randint(90, (32, 6)), torch.randint(1, 7, (32,))
    states, expected = gru(table, tokens, lengths), by_library(gru, table, tokens, lengths)
    torch.testing.assert_close(states, expected, atol=1e-6, rtol=1e-5)


@BOTH
def test_padding_is_never_read_and_gets_zeros(bidirectional: bool) -> None:
    gru, table = made(bidirectional)
    padding = torch.arange(6) >= LENGTHS[:, None]
    states = gru(table, TOKENS.masked_fill(padding, 10**9), LENGTHS)
    assert torch.equal(states, gru(table, TOKENS, LENGTHS))
    assert (states[padding] == 0).all() and (states[~padding] != 0).all()
    wider = gru(table, torch.cat([TOKENS, TOKENS], dim=1), LENGTHS)
    assert torch.equal(wider[:, :6], states) and (wider[:, 6:] == 0).all()


@BOTH
def test_gradients_of_padding_are_ignored(bidirectional: bool) -> None:
    gru, table = made(bidirectional)
    states = gru(table, TOKENS, LENGTHS)
    padding = torch.arange(6) >= LENGTHS[:, None]
    expected = torch.autograd.grad(states, table, torch.ones_like(states), retain_graph=True)[0]
    noisy = torch.ones_like(states).masked_fill(padding[:, :, None], 1e9)
    assert torch.equal(torch.autograd.grad(states, table, noisy)[0], expected)


@BOTH
def test_a_sentence_alone_and_in_company(bidirectional: bool) -> None:
    gru, table = made(bidirectional)
    states = gru(table, TOKENS, LENGTHS)
    for sentence, length in enumerate(LENGTHS.tolist()):
        alone = gru(table, TOKENS[sentence : sentence + 1, :length], LENGTHS[sentence : sentence + 1])
        torch.testing.assert_close(states[sentence, :length], alone[0], atol=1e-6, rtol=1e-5)


@BOTH
def test_other_devices_go_through_the_library(bidirectional: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    gru, table = made(bidirectional)
    states = gru(table, TOKENS, LENGTHS)
    steps, places, _ = _pack(LENGTHS, 6)
    monkeypatch.setattr(GRU, "_read", lambda *_: pytest.fail("not by the library"))
    torch.testing.assert_close(gru._by_library(table, TOKENS, steps, places), states, atol=1e-6, rtol=1e-5)
    assert gru.to("meta")(table.to("meta"), TOKENS.to("meta"), LENGTHS).shape == states.shape


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@BOTH
def test_on_a_gpu(bidirectional: bool) -> None:
    gru, table = made(bidirectional)
    states = gru(table, TOKENS, LENGTHS)
    found = gru.cuda()(table.cuda(), TOKENS.cuda(), LENGTHS.cuda())
    torch.testing.assert_close(found.cpu(), states, atol=1e-3, rtol=0)  # the library's multiplies in TF32


def test_same_bits_every_time_with_and_without_a_graph() -> None:
    gru, table = made(True)
    first, again = gru(table, TOKENS, LENGTHS), gru(table, TOKENS, LENGTHS)
    with torch.no_grad():
        unrecorded = gru(table, TOKENS, LENGTHS)
    assert unrecorded.grad_fn is None and torch.equal(first, unrecorded) and torch.equal(first, again)
    for a, b in zip(gradients(first, gru, table), gradients(again, gru, table), strict=True):
        assert torch.equal(a, b)


def test_the_graph_can_be_walked_twice() -> None:
    gru, table = made(False)
    loss = gru(table, TOKENS, LENGTHS).sum()
    first = torch.autograd.grad(loss, table, retain_graph=True)[0]
    assert torch.equal(first, torch.autograd.grad(loss, table)[0])


def test_only_what_learns_gets_a_gradient() -> None:
    gru, table = made(False)
    expected = gradients(gru(table, TOKENS, LENGTHS), gru, table)
    fixed = table.detach()
    states = gru(fixed, TOKENS, LENGTHS)
    weights = torch.randn(states.shape, generator=torch.Generator().manual_seed(2))
    found = torch.autograd.grad(states, list(gru.parameters()), weights)
    assert all(torch.equal(a, b) for a, b in zip(found, expected[1:], strict=True))

    gru.requires_grad_(False)
    states = gru(table, TOKENS, LENGTHS)
    assert torch.equal(torch.autograd.grad(states, table, weights)[0], expected[0])
    assert not gru(fixed, TOKENS, LENGTHS).requires_grad


@BOTH
def test_parameters_are_those_of_the_library(bidirectional: bool) -> None:
    gru, table = made(bidirectional)
    stock = nn.GRU(D, H, batch_first=True, bidirectional=bidirectional)
    stock.load_state_dict(gru.state_dict())
    states = gru(table, TOKENS, LENGTHS)
    torch.testing.assert_close(by_library(stock, table, TOKENS, LENGTHS), states, atol=1e-6, rtol=1e-5)
    gru.load_state_dict(stock.state_dict())
