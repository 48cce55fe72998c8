"""A picture of the shared space in two dimensions: some words with their best translations."""

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
FIRST, LAST = 300, 8000  # places by frequency between which the words lie: below are words of grammar


@dataclass(frozen=True)
class Spot:
    """A word of either language and where it lies, in units of the picture."""

    word: str
    x: float
    y: float


@dataclass(frozen=True)
class Neighbourhood:
    """A source word with its best translations, the best first.

    :param place: of the source word by frequency, counted from 1.
    """

    place: int
    source: Spot
    targets: tuple[Spot, ...]


@dataclass(frozen=True)
class Landscape:
    """Neighbourhoods on the two main directions in which their middles differ.

    :param explained: share of the variance of all words shown that these directions hold, 0 to 1.
    """

    neighbourhoods: tuple[Neighbourhood, ...]
    explained: float


def landscape(alignment: Alignment, device: str = "cpu") -> Landscape:
    """Take words of all frequencies, translate them, and look at them from where they differ most."""
    places = spread(alignment.source.mapped.words)
    words = [alignment.source.mapped.words[place] for place in places]
    found = [
        [candidate.word for candidate in one.candidates]
        for one in translate(alignment, words, TRANSLATIONS, device=device)
    ]
    spots, explained = _flattened(
        [
            np.concatenate([alignment.source.embed([word]), alignment.target.embed(best)])
            for word, best in zip(words, found, strict=True)
        ]
    )
    return Landscape(
        tuple(
            Neighbourhood(place + 1, _spot(word, own[0]), tuple(map(_spot, best, own[1:])))
            for place, word, best, own in zip(places, words, found, spots, strict=True)
        ),
        explained,
    )


def spread(words: Sequence[str]) -> list[int]:
    """Places of some words, evenly over the logarithm of frequency; words in small letters where there are.

    :param words: a vocabulary, the most frequent first.
    """
    first, last = min(FIRST, len(words) // 4), min(LAST, len(words))
    likely = [place for place in range(first, last) if _is_plain(words[place])]
    if len(likely) < WORDS:
        likely = list(range(first, last))
    aims = np.geomspace(first + 1, last, WORDS) - 1
    nearest = np.abs(np.array(likely)[:, None] - aims).argmin(axis=0)
    return [likely[place] for place in dict.fromkeys(nearest.tolist())]


def _is_plain(word: str) -> bool:
    """Whether a word is of letters, small ones where there are two cases, and more than three in ASCII."""
    letters = all(unicodedata.category(letter)[0] in "LM" for letter in word)
    return letters and word == word.lower() and (len(word) > 3 or not word.isascii())


def _flattened(groups: Sequence[npt.NDArray[Any]]) -> tuple[list[npt.NDArray[Any]], float]:
    """Each group of rows in the plane that spreads the middles of the groups most."""
    middles = np.stack([rows.mean(axis=0) for rows in groups])
    centre = middles.mean(axis=0)
    axes = np.linalg.svd(middles - centre, full_matrices=False)[2][:2].T
    moved = [rows - centre for rows in groups]
    flat = [rows @ axes for rows in moved]
    held = sum((rows**2).sum() for rows in flat) / max(sum((rows**2).sum() for rows in moved), 1e-12)
    return flat, float(held)


def _spot(word: str, at: npt.NDArray[Any]) -> Spot:
    return Spot(word, float(at[0]), float(at[1]) if len(at) > 1 else 0.0)
