"""Which captions an epoch trains on: each language's share, and the batches that it comes to."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from translator.vectors import Indices

Sampling = Literal["proportional", "uniform", "active"]

WINDOW = 16  # batches within which captions of like length are put together


@dataclass(frozen=True, eq=False)
class Batch:
    """Captions of one language.

    :param captions: int64 [b], places among the language's captions.
    """

    language: str
    captions: Indices


def shares(
    sampling: Sampling, counts: Mapping[str, int], recalls: Mapping[str, float], tau: float, floor: float
) -> dict[str, float]:
    """Share of the next epoch that each language gets; they sum to 1.

    ``active`` is the self-paced sampling of Liu, Lebret & Aberer (Multilingual as Multitask, a), after
    Sharma et al. (ICLR 2018): softmax(-r_i / tau), so the language that lags behind gets more. Every
    language keeps at least ``floor / k`` of it, for k languages.

    :param counts: captions of each language.
    :param recalls: r_i, Recall@10 of each language after the last epoch, in [0, 1]; equal before the first.
    :param tau: temperature.
    :param floor: in [0, 1]; 1 is uniform.
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
    """Whole batches of each language by largest remainder; they sum to ``batches``."""
    exact = np.array([part * batches for part in share.values()])
    whole = np.floor(exact).astype(int)
    largest = np.argsort(whole - exact, kind="stable")[: batches - whole.sum()]
    whole[largest] += 1
    return {language: int(number) for language, number in zip(share, whole, strict=True)}


def epoch_batches(
    lengths: Mapping[str, Indices],
    batches: Mapping[str, int],
    consumed: Mapping[str, int],
    size: int,
    seed: int,
    epoch: int,
) -> list[Batch]:
    """The batches of an epoch, languages mixed at random.

    A language's captions are an endless row of shuffles, of which every epoch takes the next piece: with a
    small share each caption still has its turn. Within a window of batches, captions are put together by
    length, so that little is computed for the longest alone.

    :param lengths: words of each caption, int64 [n] a language.
    :param batches: how many to make of each language.
    :param consumed: how many captions of each language earlier epochs took.
    :param size: captions a batch; fewer where the language has not as many.
    """
    made: list[Batch] = []
    for language, number in batches.items():
        length = lengths[language]
        own = min(size, len(length))
        taken = _endless(language, len(length), seed, consumed[language], number * own)
        for start in range(0, len(taken), own * WINDOW):
            window = taken[start : start + own * WINDOW]
            window = window[np.argsort(length[window], kind="stable")]
            made += [Batch(language, window[at : at + own]) for at in range(0, len(window), own)]
    order = np.random.default_rng([seed, epoch]).permutation(len(made))
    return [made[place] for place in order]


def batches_of_a_pass(counts: Mapping[str, int], size: int) -> int:
    """Batches in which every caption of every language has its turn once."""
    return sum(-(-count // min(size, count)) for count in counts.values())


def _endless(language: str, count: int, seed: int, start: int, number: int) -> Indices:
    """Elements ``start`` to ``start + number`` of shuffle after shuffle of ``count`` captions."""
    first, last = start // count, (start + number - 1) // count
    shuffles: Sequence[Indices] = [
        np.random.default_rng([seed, zlib.crc32(language.encode()), turn]).permutation(count)
        for turn in range(first, last + 1)
    ]
    row: Indices = np.concatenate([np.empty(0, np.int64), *shuffles])
    return row[start - first * count :][:number]
