"""The triplet loss and its gradient against plain loops; collapse; images that occur twice."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from vse.training.loss import hardness, triplet_loss


def slow_loss(scores: list[list[float]], images: list[int], margin: float, hardest: float) -> float:
    """One hinge at a time."""
    total = 0.0
    for i, image in enumerate(images):
        right = scores[i][i]
        wrong_images = {images[j]: scores[i][j] for j in range(len(images)) if images[j] != image}
        wrong_captions = [scores[j][i] for j in range(len(images)) if images[j] != image]
        for wrong in (list(wrong_images.values()), wrong_captions):
            hinges = [max(0.0, margin - right + score) for score in wrong]
            total += (1 - hardest) * sum(hinges) + hardest * max(hinges, default=0.0)
    return total / len(images)


def similarities(images: list[int], seed: int = 0) -> Tensor:
    """Cosines of made-up captions with their images, float64 [b, b]: columns of one image are equal."""
    torch.manual_seed(seed)
    embedded = torch.nn.functional.normalize(torch.randn(max(images) + 1, 5, dtype=torch.float64))
    captions = torch.nn.functional.normalize(torch.randn(len(images), 5, dtype=torch.float64))
    return captions @ embedded[torch.tensor(images)].T


BATCHES = [[0], [4, 4], [0, 1], [0, 1, 2, 3, 4], [2, 0, 2, 1, 0, 2, 3], [1, 1, 1, 0]]


@pytest.mark.parametrize("images", BATCHES)
@pytest.mark.parametrize("margin", [0.05, 0.2, 1.0])
@pytest.mark.parametrize("hardest", [0.0, 0.3, 1.0])
def test_against_a_plain_loop(images: list[int], margin: float, hardest: float) -> None:
    scores = similarities(images)
    loss = triplet_loss(scores, torch.tensor(images), margin, hardest)
    assert float(loss) == pytest.approx(slow_loss(scores.tolist(), images, margin, hardest), abs=1e-12)
    assert loss.shape == () and (float(loss) > 0 or margin < 1 or len(set(images)) == 1)


@pytest.mark.parametrize("images", BATCHES)
@pytest.mark.parametrize("hardest", [0.0, 0.3, 1.0])
def test_its_gradient(images: list[int], hardest: float) -> None:
    torch.manual_seed(1)
    scores = torch.rand(len(images), len(images), dtype=torch.float64, requires_grad=True)
    rows = torch.tensor(images)
    assert torch.autograd.gradcheck(lambda s: triplet_loss(s, rows, 0.2, hardest), (scores,))


def test_captions_of_one_image_never_push_each_other_away() -> None:
    images = torch.tensor([0, 1, 0])
    scores = similarities([0, 1, 0]).requires_grad_()
    triplet_loss(scores, images, margin=2.0).backward()
    assert scores.grad is not None
    assert scores.grad[0, 2] == scores.grad[2, 0] == 0
    assert (scores.grad[0, 1] > 0) and (scores.grad[2, 1] > 0) and (scores.grad.diagonal() < 0).all()


def test_an_image_that_occurs_twice_is_one_negative() -> None:
    once, twice = similarities([0, 1]), similarities([0, 1])[:, [0, 1, 1]]
    extra = torch.cat([twice, torch.tensor([[-1.0, 1.0, 1.0]], dtype=torch.float64)])  # certain of its image
    images = torch.tensor([0, 1, 1])
    assert float(triplet_loss(extra, images)) * 3 == pytest.approx(float(triplet_loss(once, images[:2])) * 2)


@pytest.mark.parametrize("hardest", [0.0, 1.0])
def test_the_loss_of_a_collapsed_model(hardest: float) -> None:
    b = 7
    loss = triplet_loss(torch.ones(b, b), torch.arange(b), 0.2, hardest)
    assert float(loss) == pytest.approx(2 * 0.2 * (1 if hardest else b - 1))


def test_a_good_model_has_no_loss() -> None:
    assert float(triplet_loss(torch.eye(5), torch.arange(5), 0.2, 0.5)) == 0


def test_a_broken_model_is_not_hidden() -> None:
    scores = torch.eye(5)
    scores[3, 1] = torch.nan
    assert torch.isnan(triplet_loss(scores, torch.arange(5), hardest=0.5))


def test_the_way_from_sum_to_hardest() -> None:
    assert [hardness(step, 4) for step in range(6)] == [0, 0.25, 0.5, 0.75, 1, 1]
    assert hardness(0, 0) == 1
