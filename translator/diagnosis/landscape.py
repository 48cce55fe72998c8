"""Project some words and their best translations from the shared space to two dimensions."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from translator.alignment import Alignment
from translator.translation import translate

WORDS = 8
TRANSLATIONS = 2
FIRST, LAST = 300, 8000  # ranks by frequency of the words shown: more frequent are function words


@dataclass(frozen=True)
class Spot:
    """A word of either language and its coordinates."""

    word: str
    x: float
    y: float


@dataclass(frozen=True)
class Neighbourhood:
    """A source word with its best translations, the best first.

    :param place: rank of the source word by frequency, counted from 1.
    """

    place: int
    source: Spot
    targets: tuple[Spot, ...]


@dataclass(frozen=True)
class Landscape:
    """Neighbourhoods in the first two principal components of their centres.

    :param explained: share of the variance of the words shown in these components, 0 to 1.
    """

    neighbourhoods: tuple[Neighbourhood, ...]
    explained: float


def landscape(alignment: Alignment, device: str = "cpu") -> Landscape:
    """Translate words of all frequencies and project them with their translations to two dimensions."""
    places = spread(alignment.source.mapped.words)
    words = [alignment.source.mapped.words[place] for place in places]
    translations = [
        [candidate.word for candidate in one.candidates]
        for one in translate(alignment, words, TRANSLATIONS, device=device)
    ]
    spots, explained = _flattened(
        [
            np.concatenate([alignment.source.embed([word]), alignment.target.embed(best)])
            for word, best in zip(words, translations, strict=True)
        ]
    )
    return Landscape(
        tuple(
            Neighbourhood(place + 1, _spot(word, points[0]), tuple(map(_spot, best, points[1:])))
            for place, word, best, points in zip(places, words, translations, spots, strict=True)
        ),
        explained,
    )


def spread(words: Sequence[str]) -> list[int]:
    """Choose rows of plain words, evenly over the logarithm of the rank by frequency.

    :param words: a vocabulary, the most frequent first.
    """
    first, last = min(FIRST, len(words) // 4), min(LAST, len(words))
    plain = [place for place in range(first, last) if _is_plain(words[place])]
    if len(plain) < WORDS:
        plain = list(range(first, last))
    aims = np.geomspace(first + 1, last, WORDS) - 1
    nearest = np.abs(np.array(plain)[:, None] - aims).argmin(axis=0)
    return [plain[place] for place in dict.fromkeys(nearest.tolist())]


def _is_plain(word: str) -> bool:
    """Return whether a word has letters only, is in lower case, and, if ASCII, has more than three."""
    letters = all(unicodedata.category(letter)[0] in "LM" for letter in word)
    return letters and word == word.lower() and (len(word) > 3 or not word.isascii())


def _flattened(groups: Sequence[npt.NDArray[Any]]) -> tuple[list[npt.NDArray[Any]], float]:
    """Project groups to the first two principal components of their centres; add the explained variance."""
    centres = np.stack([rows.mean(axis=0) for rows in groups])
    origin = centres.mean(axis=0)
    axes = np.linalg.svd(centres - origin, full_matrices=False)[2][:2].T
    centred = [rows - origin for rows in groups]
    flat = [rows @ axes for rows in centred]
    total = sum((rows**2).sum() for rows in centred)
    return flat, float(sum((rows**2).sum() for rows in flat) / total) if total > 0 else 0.0


def _spot(word: str, point: npt.NDArray[Any]) -> Spot:
    return Spot(word, float(point[0]), float(point[1]) if len(point) > 1 else 0.0)
