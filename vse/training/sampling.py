"""Sampling of captions: each language's share of an epoch, and its batches."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from translator.vectors import Indices

Sampling = Literal["proportional", "uniform", "active"]

WINDOW = 16  # batches within which captions of similar length are batched together


@dataclass(frozen=True, eq=False)
class Batch:
    """Captions of one language that are trained on together.

    :param captions: their numbers among the language's captions, int64 [b].
    """

    language: str
    captions: Indices


def shares(
    sampling: Sampling, counts: Mapping[str, int], recalls: Mapping[str, float], tau: float, floor: float
) -> dict[str, float]:
    """Return the share of the next epoch that each language gets; the shares sum to 1.

    ``active`` is the self-paced sampling of Liu, Lebret & Aberer (Multilingual as Multitask, a), after
    Sharma et al. (ICLR 2018): softmax(-r_i / tau), so a language with a low recall gets more. Every
    language keeps at least ``floor / k``, for k languages.

    :param counts: captions of each language.
    :param recalls: r_i, Recall@10 of each language after the last epoch, in [0, 1]; equal before the first.
    :param tau: temperature.
    :param floor: in [0, 1]; 1 is uniform.

    >>> shares("proportional", {"en": 30, "de": 10}, {}, tau=0.1, floor=0.1)
    {'en': 0.75, 'de': 0.25}
    """
    if sampling == "proportional":
        total = sum(counts.values())
        return {language: count / total for language, count in counts.items()}
    if sampling == "uniform":
        return {language: 1 / len(counts) for language in counts}
    lag = np.array([-recalls.get(language, 0.0) / tau for language in counts])
    weights = np.exp(lag - lag.max())
    softmax = weights / weights.sum()
    return {
        language: float(floor / len(counts) + (1 - floor) * share)
        for language, share in zip(counts, softmax, strict=True)
    }


def allotted(share: Mapping[str, float], batches: int) -> dict[str, int]:
    """Return the number of batches of each language, by largest remainder; they sum to ``batches``.

    >>> allotted({"en": 0.7, "de": 0.3}, 4)
    {'en': 3, 'de': 1}
    """
    exact = np.array([each * batches for each in share.values()])
    whole = np.floor(exact).astype(int)
    largest = np.argsort(whole - exact, kind="stable")[: batches - whole.sum()]
    whole[largest] += 1
    return {language: int(number) for language, number in zip(share, whole, strict=True)}


def epoch_batches(
    lengths: Mapping[str, Indices],
    batches: Mapping[str, int],
    consumed: Mapping[str, int],
    size: int,
    random_state: int,
    epoch: int,
) -> list[Batch]:
    """Return the batches of an epoch, languages mixed at random.

    A language's captions are shuffled again and again into an endless sequence, and each epoch takes the next
    piece of it, so that each caption is used even if the share is small. Within a window of batches, captions
    of similar length are batched together, which saves padding.

    :param lengths: words of each caption, int64 [n] a language.
    :param batches: number of batches of each language.
    :param consumed: number of captions of each language that earlier epochs used.
    :param size: captions a batch; fewer where the language has not as many.
    """
    made: list[Batch] = []
    for language, number in batches.items():
        length = lengths[language]
        width = min(size, len(length))
        taken = _endless(language, len(length), random_state, consumed[language], number * width)
        for start in range(0, len(taken), width * WINDOW):
            window = taken[start : start + width * WINDOW]
            window = window[np.argsort(length[window], kind="stable")]
            made += [Batch(language, window[row : row + width]) for row in range(0, len(window), width)]
    order = np.random.default_rng([random_state, epoch]).permutation(len(made))
    return [made[place] for place in order]


def batches_of_a_pass(counts: Mapping[str, int], size: int) -> int:
    """Return the number of batches that use every caption of every language once."""
    return sum(-(-count // min(size, count)) for count in counts.values())


def _endless(language: str, count: int, random_state: int, start: int, number: int) -> Indices:
    """Return elements ``start`` to ``start + number`` of the endless sequence of ``count`` captions."""
    first, last = start // count, (start + number - 1) // count
    shuffles: Sequence[Indices] = [
        np.random.default_rng([random_state, zlib.crc32(language.encode()), turn]).permutation(count)
        for turn in range(first, last + 1)
    ]
    row: Indices = np.concatenate([np.empty(0, np.int64), *shuffles])
    return row[start - first * count :][:number]
