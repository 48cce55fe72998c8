"""Training with factors rounded to bfloat16: near what float32 gives, and repeatable; encoding is float32."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from runs import QUICK, RICH, SHORT, assert_same, fresh, learn, moved, recipe, weights
from torch import Tensor
from torch.nn import functional
from toy_images import made_split

from translator.devices import BFLOAT16_FEATURES, multiplies_bfloat16
from translator.errors import DataError
from vse.evaluation import evaluate
from vse.model.gru import GRU
from vse.training import train
from vse.training.options import TrainingOptions

HALF = replace(SHORT, precision="bfloat16", dropout=0, word_dropout=0)


def rounded(factor: Tensor) -> Tensor:
    return factor.bfloat16().double()


def one_by_one(gru: GRU, table: Tensor, tokens: Tensor) -> Tensor:
    """The states of a sentence by the equations, in double precision but for the factors of products."""
    w_ih, w_hh, b_ih, b_hh = gru.weight_ih_l0, gru.weight_hh_l0, gru.bias_ih_l0, gru.bias_hh_l0
    states = [table.new_zeros(gru.hidden_size).double()]
    for token in tokens:
        i_r, i_z, i_n = (rounded(w_ih) @ rounded(table[token]) + b_ih).chunk(3)
        h_r, h_z, h_n = (rounded(w_hh) @ rounded(states[-1]) + b_hh).chunk(3)
        r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
        states.append((1 - z) * torch.tanh(i_n + r * h_n) + z * states[-1])
    return torch.stack(states[1:])


def test_the_gru_rounds_factors_and_sums_but_not_its_states() -> None:
    torch.manual_seed(0)
    gru, table = GRU(30, 40), functional.normalize(torch.randn(50, 30), dim=1)
    tokens, lengths = torch.randint(50, (6, 9)), torch.full((6,), 9)
    with torch.no_grad():
        found = gru(table, tokens, lengths, torch.bfloat16)
    assert found.dtype == torch.float32
    assert not torch.equal(found, found.bfloat16().float()), "states are not rounded"
    with torch.no_grad():
        single = gru(table, tokens, lengths)
        for sentence, states in zip(tokens, found, strict=True):
            torch.testing.assert_close(
                states.double(), one_by_one(gru, table, sentence), atol=2e-3, rtol=0
            )  # a sum is rounded by 2**-9 of its size, which is at most 1 or so
    assert 1e-5 < (found - single).abs().max() < 1e-2


def test_gradients_are_near_those_of_float32(words: Path) -> None:
    """Where all hinges are positive and no state is the largest, that is: those may change places."""
    both: list[dict[str, Any]] = []
    smooth = replace(HALF, steps=1, batch=80, clip=0, hidden=48, margin=10, pooling="mean")
    for options in (smooth, replace(smooth, precision="float32")):
        run = fresh(words, options, "en", "de")
        run.train_epoch({"en": 0.0, "de": 1.0})
        assert all(p.dtype == torch.float32 for p in run.model.parameters())
        both.append({name: p.grad for name, p in run.model.named_parameters() if p.grad is not None})
    half, single = both
    assert half.keys() == single.keys() > {"text.translators.de.weight", "image.linear.weight"}
    for name, right in single.items():
        assert 1e-5 < (half[name] - right).norm() / right.norm() < 0.05, name


def test_it_learns_all_there_is_to_learn(words: Path, tmp_path: Path) -> None:
    data, dev = made_split(120, 3), replace(made_split(40, 2, random_state=1), name="dev")
    model = train(data, dev, tmp_path / "run", recipe(words, "en"), replace(QUICK, precision="bfloat16"))
    found = evaluate(model, dev)["en"]
    assert min(found.t2i.r1, found.i2t.r1) > 95


def test_one_seed_one_result_interrupted_or_not(words: Path, tmp_path: Path) -> None:
    options = replace(RICH, precision="bfloat16")

    def report(entry: Any) -> None:
        if entry["epoch"] == 3:
            raise KeyboardInterrupt

    learn(words, tmp_path / "whole", options)
    with pytest.raises(KeyboardInterrupt):
        learn(words, tmp_path / "run", options, report=report)
    learn(words, tmp_path / "run", options, resume=True)
    assert_same(tmp_path / "run", tmp_path / "whole")
    learn(words, tmp_path / "single")
    assert moved(weights(tmp_path / "single"), weights(tmp_path / "whole"))


def test_a_run_is_not_resumed_in_another_precision(words: Path, tmp_path: Path) -> None:
    def report(_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(words, tmp_path / "run", report=report)
    with pytest.raises(DataError, match="precision"):
        learn(words, tmp_path / "run", replace(RICH, precision="bfloat16"), resume=True)


@pytest.mark.parametrize("made_for_it", [True, False])
def test_a_processor_that_is_slower_by_it_is_warned_of(
    words: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, made_for_it: bool
) -> None:
    names = dict.fromkeys(BFLOAT16_FEATURES, made_for_it)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: names, raising=False)
    assert multiplies_bfloat16() == made_for_it
    with caplog.at_level(logging.WARNING):
        fresh(words, HALF)
    assert ("no native bfloat16" in caplog.text) != made_for_it


def test_a_gpu_has_its_own() -> None:
    with pytest.raises(DataError, match="device is 'cuda'"):
        TrainingOptions(precision="bfloat16", device="cuda")
