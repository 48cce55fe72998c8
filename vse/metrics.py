"""Metrics of cross-modal retrieval: Recall@1/5/10, median and mean rank, and their chance level.

The protocol, in one place:

- The gallery is the images that have at least one caption; the others are neither queries nor candidates.
- Image to text: every image of the gallery is a query for its captions among all captions; the rank of the
  best of its own captions counts.
- Text to image: every caption is a query for its image among the gallery.
- Ranks start at 1. Ties count against the model: a candidate that scores as high as the right answer
  is ranked before it.
- With folds the gallery is cut, in the order of its rows, into equal parts that are measured on their own;
  every number is then the mean over the parts (Karpathy & Fei-Fei, CVPR 2015: MS-COCO as 5 x 1000 images).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

import numpy as np

from translator.errors import DataError
from translator.vectors import Floats, Indices
from translator.vectors.matrices import ROUNDING

DEPTHS = (1, 5, 10)
BLOCK = 1 << 25  # scores held at a time: 128 MiB of float32 and 32 MiB for their comparison


@dataclass(frozen=True)
class Direction:
    """Results of one direction.

    :param r1: Recall@1 in percent: the share of queries whose rank is at most 1; ``r5``, ``r10`` likewise.
    :param medr: median rank.
    :param meanr: mean rank.
    :param queries: number of queries, over all folds.
    :param candidates: number of candidates ranked for a query; with folds the rounded mean.
    """

    r1: float
    r5: float
    r10: float
    medr: float
    meanr: float
    queries: int
    candidates: int


@dataclass(frozen=True)
class Metrics:
    """Results of both directions: image to text and text to image."""

    i2t: Direction
    t2i: Direction

    @property
    def rsum(self) -> float:
        """Return the sum of the six recalls, 0 to 600."""
        return sum(way.r1 + way.r5 + way.r10 for way in (self.i2t, self.t2i))

    @property
    def mean_recall10(self) -> float:
        """Return the mean of both directions' Recall@10, 0 to 1."""
        return (self.i2t.r10 + self.t2i.r10) / 200

    def to_json(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {**asdict(self), "rsum": self.rsum}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Metrics:
        """Return the metrics that :meth:`to_json` wrote."""
        return cls(Direction(**value["i2t"]), Direction(**value["t2i"]))


def retrieval_metrics(
    image_embeddings: Floats, caption_embeddings: Floats, caption_images: Indices, *, folds: int = 1
) -> Metrics:
    """Return the metrics of embeddings by the protocol above.

    :param image_embeddings: float32 [n, e], unit rows.
    :param caption_embeddings: float32 [m, e], unit rows.
    :param caption_images: int64 [m], row of each caption's image.
    :param folds: number of equal parts of the gallery to average over.
    :raises DataError: there is no caption, a row number is no image's, lengths disagree, an embedding
        is not finite, or ``folds`` does not divide the gallery.

    >>> retrieval_metrics(np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32), np.arange(3)).rsum
    600.0
    """
    _check(image_embeddings, caption_embeddings, caption_images)
    measured = []
    for part in _parts(caption_images, folds):
        images, captions = image_embeddings[part.images], caption_embeddings[part.captions]
        starts = np.cumsum(part.counts) - part.counts
        one = np.ones(len(captions), np.int64)
        i2t = _ranks(images, captions, starts, part.counts)
        t2i = _ranks(captions, images, np.repeat(np.arange(len(images)), part.counts), one)
        measured.append(Metrics(_direction(i2t, len(captions)), _direction(t2i, len(images))))
    return _mean(measured)


def chance(caption_images: Indices, *, folds: int = 1) -> Metrics:
    """Return the expected metrics of a uniformly random ranking, by the same protocol.

    The best of k right answers among N is ranked below K with probability C(N - k, K) / C(N, K), and
    its mean rank is (N + 1) / (k + 1). ``medr`` is the median of the ranks' distribution.

    :param caption_images: int64 [m], row of each caption's image.
    :raises DataError: there is no caption, or ``folds`` does not divide the gallery.
    """
    expected = []
    for part in _parts(caption_images, folds):
        captions, images = len(part.captions), len(part.images)
        one = np.ones(captions, np.int64)
        expected.append(Metrics(_expectation(part.counts, captions), _expectation(one, images)))
    return _mean(expected)


@dataclass(frozen=True)
class _Part:
    """A fold: its images' rows [p]; its captions' rows [c], by image; captions of each image [p]."""

    images: Indices
    captions: Indices
    counts: Indices


def _parts(caption_images: Indices, folds: int) -> Iterator[_Part]:
    gallery, counts = np.unique(caption_images, return_counts=True)
    if not len(gallery):
        raise DataError("there is no caption to evaluate", "Check the split and the language.")
    if folds < 1 or len(gallery) % folds:
        raise DataError(
            f"{len(gallery)} images with captions cannot be cut into {folds} equal folds",
            f"Choose a number of folds that divides {len(gallery)}, or leave them out.",
        )
    captions = np.argsort(caption_images, kind="stable")
    bounds = np.cumsum(counts)
    for images, count, bound in zip(*(np.split(x, folds) for x in (gallery, counts, bounds)), strict=True):
        yield _Part(images, captions[bound[0] - count[0] : bound[-1]], count)


def _ranks(queries: Floats, candidates: Floats, first: Indices, count: Indices) -> Indices:
    """Return the rank of the best right answer of each query, int64 [q].

    :param first: int64 [q]; the right answers of query i are the candidates from ``first[i]`` on,
    :param count: int64 [q], and there are ``count[i]`` >= 1 of them.
    """
    height = max(1, min(len(queries), BLOCK // len(candidates)))
    block = np.empty((height, len(candidates)), np.float32)
    ranks = np.empty(len(queries), np.int64)
    for top in range(0, len(queries), height):
        rows = slice(top, top + height)
        scores = np.matmul(queries[rows], candidates.T, out=block[: len(queries[rows])])
        starts = np.cumsum(count[rows]) - count[rows]
        row = np.repeat(np.arange(len(scores)), count[rows])
        column = np.arange(len(row)) + (first[rows] - starts)[row]
        best = np.maximum.reduceat(scores[row, column], starts)
        scores[row, column] = -np.inf
        ranks[rows] = 1 + np.count_nonzero(scores >= best[:, None] - np.float32(ROUNDING), axis=1)
    return ranks


def _direction(ranks: Indices, candidates: int) -> Direction:
    r1, r5, r10 = (100 * float(np.mean(ranks <= depth)) for depth in DEPTHS)
    return Direction(r1, r5, r10, float(np.median(ranks)), float(ranks.mean()), len(ranks), candidates)


def _expectation(count: Indices, candidates: int) -> Direction:
    """Return expected results of queries with ``count`` right answers, int64 [q], among ``candidates``."""
    below = np.zeros(candidates + 1)  # at r: the probability that a query's rank is above r
    place = np.arange(candidates)
    for k, queries in zip(*np.unique(count, return_counts=True), strict=True):
        below[1:] += queries * np.cumprod(np.maximum(candidates - k - place, 0) / (candidates - place))
    below[0], below[1:] = 1, below[1:] / len(count)
    r1, r5, r10 = (100 * float(1 - below[min(depth, candidates)]) for depth in DEPTHS)
    # Where the distribution reaches one half exactly, the median lies between two ranks
    middle = [int(np.argmax(below <= half)) for half in (0.5 + 1e-9, 0.5 - 1e-9)]
    meanr = float(np.mean((candidates + 1) / (count + 1)))
    return Direction(r1, r5, r10, sum(middle) / 2, meanr, len(count), candidates)


def _mean(parts: Sequence[Metrics]) -> Metrics:
    def mean(ways: Sequence[Direction]) -> Direction:
        r1, r5, r10, medr, meanr, _, candidates = map(float, np.mean([astuple(way) for way in ways], axis=0))
        return Direction(r1, r5, r10, medr, meanr, sum(way.queries for way in ways), round(candidates))

    return Metrics(mean([part.i2t for part in parts]), mean([part.t2i for part in parts]))


def _check(images: Floats, captions: Floats, caption_images: Indices) -> None:
    if len(captions) != len(caption_images):
        raise DataError(f"{len(captions)} captions but {len(caption_images)} image rows for them")
    if len(captions) and not 0 <= caption_images.min() <= caption_images.max() < len(images):
        raise DataError(
            f"captions name image rows {caption_images.min()} to {caption_images.max()},"
            f" but there are {len(images)} images"
        )
    if not (np.isfinite(images).all() and np.isfinite(captions).all()):
        raise DataError(
            "the embeddings hold values that are not finite: training has diverged",
            "Lower the learning rate.",
        )
