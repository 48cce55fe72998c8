"""Draw docs/picture.png: English and French words of the embedded data in the shared space.

pip install matplotlib && python -m scripts.draw_picture docs/picture.png
"""

from __future__ import annotations

import sys

import matplotlib.pyplot as plt
import numpy as np

from translator import align, load_lexicon, load_vectors, translate
from translator.data import path

WORDS = [
    *("cat", "dog", "horse", "cheese", "bread", "car", "boat"),
    *("bicycle", "king", "queen", "rain", "snow", "blue", "yellow"),
]


def main(output: str) -> None:
    """Map the words, take their two main directions, and draw each with its best translation."""
    lexicon = load_lexicon(path("en-fr.train.txt"))
    alignment = align(load_vectors(path("en.safetensors")), load_vectors(path("fr.safetensors")), lexicon)
    french = [answer.candidates[0].word for answer in translate(alignment, WORDS, 1)]
    rows = np.concatenate([alignment.source.embed(WORDS), alignment.target.embed(french)])
    rows -= rows.mean(axis=0)
    # The directions in which both languages agree
    spot = rows @ _axes((rows[: len(WORDS)] + rows[len(WORDS) :]) / 2)
    figure, axes = plt.subplots(figsize=(8, 5), dpi=110)
    count = len(WORDS)
    for place in range(count):
        axes.plot(*spot[[place, count + place]].T, color="0.8", linewidth=1, zorder=0)
    for start, words, colour, name in (
        (0, WORDS, "#1f5fa8", "English"),
        (count, french, "#c8442b", "French"),
    ):
        x, y = spot[start : start + count].T
        axes.scatter(x, y, s=14, color=colour, label=name)
        for word, point in zip(words, spot[start : start + count], strict=True):
            offset, side = ((4, 4), "left") if start else ((-4, -9), "right")
            axes.annotate(word, point, offset, textcoords="offset points", fontsize=8, color=colour, ha=side)
    axes.set_axis_off()
    axes.legend(frameon=False)
    figure.savefig(output, bbox_inches="tight")


def _axes(rows: np.ndarray) -> np.ndarray:
    """Return the two principal directions of the words, float [d, 2]."""
    _, _, right = np.linalg.svd(rows, full_matrices=False)
    return right[:2].T


if __name__ == "__main__":
    main(sys.argv[1])
