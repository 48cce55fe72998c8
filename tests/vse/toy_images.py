"""Made-up images whose captions name what they show, and word vectors in which translations coincide."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
from toys import gaussian, rotation

from translator import Lexicon, Options, WordVectors, align, save_vectors
from translator.vectors import Floats
from vse.dataset import Captions, Split

VOCABULARY = 60  # words of a language; the first ones name what images show
WIDTH = 16  # of the word vectors
SHOWN = 4  # things an image shows

CLOSED = Options(start="procrustes", self_learn=False, refine="none")  # exact on a rotation


def word(language: str, number: int) -> str:
    """What a thing is called in a language, in letters: a digit would be a token of its own."""
    return language + "x" + "abcdefghij"[number // 10] + "abcdefghij"[number % 10]


def made_split(
    images: int = 40,
    per_image: int = 2,
    languages: Sequence[str] = ("en", "de"),
    random_state: int = 0,
    features: int = 12,
) -> Split:
    """Images that show ``SHOWN`` of ``features`` things each, no two the same, and captions that name them.

    Splits of other seeds show other sets of the same things, so what is learnt on one holds on the other.
    """
    rng = np.random.default_rng(random_state)
    sets = np.array(list(combinations(range(features), SHOWN)))
    shown = sets[rng.permutation(len(sets))[:images]]
    matrix = np.zeros((images, features), np.float32)
    np.put_along_axis(matrix, shown, 1, axis=1)
    matrix += rng.normal(0, 0.05, matrix.shape).astype(np.float32)
    rows = np.repeat(np.arange(images), per_image)
    captions = {
        language: Captions(
            [" ".join(word(language, thing) for thing in rng.permutation(shown[row])) for row in rows], rows
        )
        for language in languages
    }
    return Split("train", [f"image-{row}" for row in range(images)], matrix, captions)


def made_vectors(language: str) -> WordVectors:
    """Vectors of the words of a language: one space, turned differently in each."""
    words = [word(language, number) for number in range(VOCABULARY)]
    return WordVectors(words, gaussian(VOCABULARY, WIDTH, 5) @ turn(language))


def turn(language: str) -> Floats:
    """The rotation of a language, [WIDTH, WIDTH]."""
    return rotation(WIDTH, zlib.crc32(language.encode()))


def saved_vectors(folder: Path, language: str) -> Path:
    """The file ``LANGUAGE.npz`` of :func:`made_vectors`."""
    path = folder / f"{language}.npz"
    save_vectors(made_vectors(language), path)
    return path


def saved_translator(
    folder: Path, source: str = "de", target: str = "en", options: Options = CLOSED, name: str = ""
) -> Path:
    """The alignment folder ``de-en`` of vectors that lie next to it, or are saved there."""
    sides = [
        replace(made_vectors(code), path=saved_vectors(folder, code) if not there.exists() else there)
        for code in (source, target)
        if (there := folder / f"{code}.npz")
    ]
    pairs = Lexicon(tuple((word(source, number), word(target, number)) for number in range(VOCABULARY)))
    place = folder / (name or f"{source}-{target}")
    align(sides[0], sides[1], pairs, options).save_pretrained(place)
    return place
