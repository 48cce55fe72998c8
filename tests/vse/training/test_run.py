"""A step of training: its loss, its gradients, its learning rate; and what a run needs to begin."""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from runs import SHORT, fresh, recipe, splits
from toy_images import made_vectors

from translator import WordVectors
from translator.errors import DataError
from vse.training import train
from vse.training.recipes import Recipe
from vse.training.run import Run


def gradients(run: Run) -> dict[str, Any]:
    return {name: p.grad.double().numpy().copy() for name, p in run.parameters.items() if p.grad is not None}


def norm(found: dict[str, Any]) -> float:
    return math.sqrt(sum((gradient**2).sum() for gradient in found.values()))


def test_clipping_clips(words: Path) -> None:
    """Two steps of AdamW in plain numpy from the clipped gradients give the parameters of the run."""
    options = replace(SHORT, steps=1, clip=0.05, weight_decay=0.1, schedule="constant", warm_up=0)
    free, run = fresh(words, replace(options, clip=0)), fresh(words, options)
    parameters = {name: p.detach().double().numpy().copy() for name, p in run.parameters.items()}
    _, unclipped = free.train_epoch({"en": 1.0})
    assert unclipped == pytest.approx(norm(gradients(free)), rel=1e-5) and unclipped > 0.5
    first = {name: np.zeros_like(p) for name, p in parameters.items()}
    second = {name: np.zeros_like(p) for name, p in parameters.items()}
    for step in (1, 2):
        _, reported = run.train_epoch({"en": 1.0})
        found = gradients(run)
        assert norm(found) == pytest.approx(0.05, rel=1e-4)
        if step == 1:
            assert reported == unclipped, "the reported norm is that before clipping"
            for name, gradient in gradients(free).items():
                np.testing.assert_allclose(found[name], gradient * 0.05 / reported, rtol=1e-4, atol=1e-9)
        for name, gradient in found.items():
            first[name] = 0.9 * first[name] + 0.1 * gradient
            second[name] = 0.999 * second[name] + 0.001 * gradient**2
            mean, spread = first[name] / (1 - 0.9**step), second[name] / (1 - 0.999**step)
            parameters[name] *= 1 - 0.01 * 0.1
            parameters[name] -= 0.01 * mean / (np.sqrt(spread) + 1e-8)
        run.progress.epoch += 1
    for name, parameter in run.parameters.items():
        np.testing.assert_allclose(parameter.detach().numpy(), parameters[name], atol=2e-5, err_msg=name)


@pytest.mark.parametrize("schedule", ["cosine", "step", "constant"])
def test_the_learning_rate_follows_its_formula(
    words: Path, monkeypatch: pytest.MonkeyPatch, schedule: Any
) -> None:
    rates: list[float] = []
    step = torch.optim.AdamW.step

    def noted(optimiser: torch.optim.AdamW, *arguments: Any) -> Any:
        rates.append(optimiser.param_groups[0]["lr"])
        return step(optimiser, *arguments)

    monkeypatch.setattr(torch.optim.AdamW, "step", noted)
    run = fresh(words, replace(SHORT, epochs=4, steps=5, schedule=schedule, warm_up=0.2), "en", "de")
    list(run.epochs())
    expected = []
    for number in range(20):
        factor = min(1, (number + 1) / 4)
        if schedule == "cosine":
            factor *= (1 + math.cos(math.pi * number / 20)) / 2
        if schedule == "step" and number >= 10:
            factor = 0.1
        expected.append(0.01 * factor)
    assert rates == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [("sum", [0] * 8), ("max", [0, 0.25, 0.5, 0.75, 1, 1, 1, 1])],
)
def test_the_hardest_negative_comes_by_and_by(
    words: Path, monkeypatch: pytest.MonkeyPatch, loss: Any, expected: list[float]
) -> None:
    seen: list[float] = []

    def noted(scores: torch.Tensor, images: torch.Tensor, margin: float, hardest: float) -> torch.Tensor:
        assert margin == 0.3
        seen.append(hardest)
        return scores.sum()

    monkeypatch.setattr("vse.training.run.triplet_loss", noted)
    list(fresh(words, replace(SHORT, epochs=2, steps=4, loss=loss, ramp=0.5, margin=0.3)).epochs())
    assert seen == expected


def test_without_dropout_an_epoch_is_the_plain_loss_of_its_batches(words: Path) -> None:
    """One step over all captions: the reported loss is that of the model as it was, computed one by one."""
    options = replace(SHORT, batch=80, steps=1, dropout=0, word_dropout=0)
    run = fresh(words, options)
    data = splits()[0]
    texts = run.model.encode_text(data.captions["en"].texts)
    images = run.model.encode_image(data.features)
    own = data.captions["en"].images
    scores = texts @ images.T
    total = 0.0
    for row, image in enumerate(own):
        right = scores[row, image]
        total += sum(max(0, 0.2 - right + scores[row, wrong]) for wrong in range(40) if wrong != image)
        total += sum(max(0, 0.2 - right + scores[j, image]) for j in range(80) if own[j] != image)
    assert run.train_epoch({"en": 1.0})[0] == pytest.approx(total / 80, rel=1e-5)


@pytest.mark.parametrize("device", ["nonsense", "cuda:77", "meta:x", "meta"])
def test_a_device_that_is_not_there(words: Path, tmp_path: Path, device: str) -> None:
    with pytest.raises(DataError, match=r"device .* cannot be used"):
        train(*splits(), tmp_path / "run", recipe(words, "en"), replace(SHORT, device=device))
    assert not (tmp_path / "run").exists()


def test_one_image_cannot_be_distinguished_from_others(words: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="all en captions are of one image"):
        train(*splits(), tmp_path / "run", recipe(words, "en"), replace(SHORT, subset=1))
    assert not (tmp_path / "run").exists()


def test_words_without_vectors_are_reported(
    words: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    vectors = made_vectors("en")
    few = WordVectors(vectors.words[:6], vectors.matrix[:6])
    with caplog.at_level(logging.WARNING):
        train(*splits(), tmp_path / "run", Recipe(("en",), {"en": few}), SHORT)
    data = splits()[0]
    tokens = [token for text in data.captions["en"].texts for token in text.split()]
    unknown = np.mean([token not in few.words for token in tokens])
    assert f"en: {100 * unknown:.1f} % of the words" in caplog.text


def test_vectors_of_another_language_are_refused(words: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no word of the en captions has a vector") as caught:
        train(*splits(), tmp_path / "run", Recipe(("en",), {"en": words / "de.npz"}), SHORT)
    assert "en" in caught.value.hint
    assert not (tmp_path / "run").exists()
