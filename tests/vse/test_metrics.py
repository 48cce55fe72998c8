"""Recalls and ranks against a plain loop; chance against simulation; ties, folds, hostile input."""

from __future__ import annotations

import json
import statistics
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.errors import DataError
from translator.vectors import Floats, Indices
from translator.vectors.normalize import unit_rows
from vse import metrics
from vse.metrics import Direction, Metrics, chance, retrieval_metrics


def slow_direction(ranks: list[int], candidates: int) -> Direction:
    r1, r5, r10 = (100 * sum(rank <= depth for rank in ranks) / len(ranks) for depth in (1, 5, 10))
    return Direction(r1, r5, r10, statistics.median(ranks), statistics.mean(ranks), len(ranks), candidates)


def slow_ranks(images: Floats, captions: Floats, owners: list[int]) -> tuple[list[int], list[int]]:
    """Ranks of both directions, one score at a time."""

    def score(image: int, caption: int) -> float:
        return round(float(images[image].astype(float) @ captions[caption].astype(float)), 5)

    gallery, everything = sorted(set(owners)), range(len(owners))
    i2t, t2i = [], []
    for image in gallery:
        best = max(score(image, caption) for caption in everything if owners[caption] == image)
        wrong = [caption for caption in everything if owners[caption] != image]
        i2t.append(1 + sum(score(image, caption) >= best for caption in wrong))
    for caption in everything:
        right = score(owners[caption], caption)
        others = [image for image in gallery if image != owners[caption]]
        t2i.append(1 + sum(score(image, caption) >= right for image in others))
    return i2t, t2i


def embeddings(n: int, owners: Indices, noise: float, seed: int = 0) -> tuple[Floats, Floats]:
    """Images, and captions that resemble theirs."""
    rng = np.random.default_rng(seed)
    images = rng.standard_normal((n, 16)).astype(np.float32)
    captions = images[owners] + noise * rng.standard_normal((len(owners), 16)).astype(np.float32)
    return unit_rows(images), unit_rows(captions)


def same(found: Metrics, expected: Metrics) -> bool:
    ways = ((found.i2t, expected.i2t), (found.t2i, expected.t2i))
    return all(astuple(a) == pytest.approx(astuple(b)) for a, b in ways)


OWNERS = np.random.default_rng(3).permutation(np.repeat(np.arange(30), np.arange(30) % 4))


@pytest.mark.parametrize("block", [1, 300, 1 << 25])
def test_against_a_plain_loop(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(metrics, "BLOCK", block)
    images, captions = embeddings(30, OWNERS, 4.0)
    found = retrieval_metrics(images, captions, OWNERS)
    i2t, t2i = slow_ranks(images, captions, OWNERS.tolist())
    assert same(found, Metrics(slow_direction(i2t, len(OWNERS)), slow_direction(t2i, len(set(OWNERS)))))
    for way in (found.i2t, found.t2i):
        assert 0 < way.r1 < way.r5 < way.r10 < 100 and way.medr < way.meanr
    assert found.rsum == pytest.approx(sum(sum(astuple(way)[:3]) for way in (found.i2t, found.t2i)))
    assert found.mean_recall10 == pytest.approx((found.i2t.r10 / 100 + found.t2i.r10 / 100) / 2)


@given(st.data())
def test_against_a_plain_loop_where_many_scores_are_equal(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 6))
    owners = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=12))
    corner = st.lists(st.sampled_from([-1.0, 1.0]), min_size=4, max_size=4)
    images, captions = (
        unit_rows(np.array(data.draw(st.lists(corner, min_size=rows, max_size=rows)), np.float32))
        for rows in (n, len(owners))
    )
    found = retrieval_metrics(images, captions, np.array(owners))
    i2t, t2i = slow_ranks(images, captions, owners)
    assert same(found, Metrics(slow_direction(i2t, len(owners)), slow_direction(t2i, len(set(owners)))))


def test_perfect_embeddings() -> None:
    images, captions = embeddings(30, OWNERS, 0.0)
    found = retrieval_metrics(images, captions, OWNERS)
    assert found.rsum == 600 and found.mean_recall10 == 1
    assert found.i2t.medr == found.i2t.meanr == found.t2i.medr == found.t2i.meanr == 1


@pytest.mark.parametrize("width", [3, 300])
def test_a_collapsed_model_gets_the_last_rank(width: int) -> None:
    row = unit_rows(np.random.default_rng(0).standard_normal((1, width)).astype(np.float32))
    owners = np.repeat(np.arange(41), 2)
    found = retrieval_metrics(row.repeat(41, 0), row.repeat(82, 0), owners)
    assert found.rsum == 0
    assert (found.i2t.medr, found.i2t.meanr, found.t2i.medr, found.t2i.meanr) == (81, 81, 41, 41)


def test_images_without_a_caption_play_no_part() -> None:
    images, captions = embeddings(40, OWNERS, 1.0)
    found = retrieval_metrics(images, captions, OWNERS)
    gallery, owners = np.unique(OWNERS, return_inverse=True)
    assert len(gallery) == 22
    assert found == retrieval_metrics(images[gallery], captions, owners)
    assert (found.i2t.queries, found.i2t.candidates) == (22, len(OWNERS))
    assert (found.t2i.queries, found.t2i.candidates) == (len(OWNERS), 22)


def test_folds_are_the_mean_of_consecutive_parts() -> None:
    images, captions = embeddings(30, OWNERS, 2.0)
    found = retrieval_metrics(images, captions, OWNERS, folds=2)
    gallery = np.unique(OWNERS)
    parts = []
    for fold in (gallery[:11], gallery[11:]):
        part = np.isin(OWNERS, fold)
        parts.append(retrieval_metrics(images, captions[part], OWNERS[part]))
    for way in ("i2t", "t2i"):
        a, b, mean = (astuple(getattr(result, way)) for result in (*parts, found))
        assert a[:5] != b[:5]
        assert mean[:5] == pytest.approx([(x + y) / 2 for x, y in zip(a[:5], b[:5], strict=True)])
        assert mean[5] == a[5] + b[5] and mean[6] == round((a[6] + b[6]) / 2)
    assert chance(OWNERS, folds=2).t2i.r1 == pytest.approx(100 / 11)


def test_results_are_plain_values() -> None:
    found = retrieval_metrics(*embeddings(30, OWNERS, 1.0), OWNERS)
    read = json.loads(json.dumps(found.to_json()))
    assert read["rsum"] == found.rsum
    assert Metrics(Direction(**read["i2t"]), Direction(**read["t2i"])) == found


def test_chance_of_one_caption_an_image() -> None:
    found = chance(np.arange(150))
    assert found.i2t == found.t2i
    assert astuple(found.t2i) == pytest.approx((100 / 150, 500 / 150, 1000 / 150, 75.5, 75.5, 150, 150))
    assert chance(np.arange(7)).t2i.medr == 4 and chance(np.arange(7)).rsum == pytest.approx(
        2 * (100 / 7 + 500 / 7 + 100)
    )


def test_chance_against_random_rankings() -> None:
    rng = np.random.default_rng(0)
    owners = np.repeat(np.arange(12), np.arange(12) % 4)
    i2t, t2i = [], []
    for _ in range(3000):
        images = sorted(set(owners.tolist()))
        i2t += [1 + int(np.argmax(owners[rng.permutation(len(owners))] == image)) for image in images]
        t2i.append(int(rng.integers(9)) + 1)
    found, captions = chance(owners), len(owners)
    seen = slow_direction(i2t, captions)
    assert astuple(found.i2t)[:5] == pytest.approx(astuple(seen)[:5], rel=0.03)
    assert (found.i2t.queries, found.i2t.candidates) == (9, captions)
    assert astuple(found.t2i)[:5] == pytest.approx(astuple(slow_direction(t2i, 9))[:5], rel=0.06)


def test_random_embeddings_are_at_chance() -> None:
    owners = np.repeat(np.arange(300), 3)
    images, _ = embeddings(300, owners, 0.0)
    _, captions = embeddings(300, owners, 100.0, seed=1)
    found, expected = retrieval_metrics(images, captions, owners), chance(owners)
    assert found.t2i.meanr == pytest.approx(expected.t2i.meanr, rel=0.1)
    assert found.i2t.meanr == pytest.approx(expected.i2t.meanr, rel=0.2)


@pytest.mark.parametrize(
    ("owners", "folds", "message"),
    [
        ([], 1, "no caption to evaluate"),
        ([0, 1, 1, 2], 2, "3 images with captions cannot be cut into 2 equal folds"),
        ([0, 1], 0, "cannot be cut into 0 equal folds"),
        ([0, 4], 1, "name image rows 0 to 4, but there are 4 images"),
        ([-1, 2], 1, "name image rows -1 to 2"),
    ],
)
def test_what_cannot_be_measured(owners: list[int], folds: int, message: str) -> None:
    rows = np.array(owners, np.int64)
    with pytest.raises(DataError, match=message):
        retrieval_metrics(
            np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32)[: len(rows)], rows, folds=folds
        )


def test_lengths_that_disagree() -> None:
    with pytest.raises(DataError, match="4 captions but 3 image rows"):
        retrieval_metrics(np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32), np.arange(3))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_diverged_model_is_named(value: float) -> None:
    broken = np.eye(4, dtype=np.float32)
    broken[2, 1] = value
    for pair in ((broken, np.eye(4, dtype=np.float32)), (np.eye(4, dtype=np.float32), broken)):
        with pytest.raises(DataError, match="not finite: training has diverged"):
            retrieval_metrics(*pair, np.arange(4))
