"""How alike the two spaces are before anything is mapped: what a linear map can hope for.

Two measures that need no pairs of words. Both are 0 for a space and its rotation.

- *Eigenvalue divergence*: the squared differences of the largest Laplacian eigenvalues of both languages'
  nearest-neighbour graphs (Soegaard, Ruder & Vulic 2018, section 3).
- *Singular value gap*: the squared differences of the logarithms of both spaces' singular values
  (Dubossarsky, Vulic, Reichart & Korhonen 2020, section 2.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from translator.alignment import Alignment, Side
from translator.retrieval import search
from translator.vectors import Doubles, Floats
from translator.vectors.matrices import ROUNDING
from translator.vectors.normalize import unit_rows

GRAPH = 2000  # most frequent words a side that make a graph: its eigenvalues cost their cube
NEIGHBOURS = 10  # edges from each word of a graph
SHARE = 0.9  # of the sum of the eigenvalues: those that make it up are compared
VOCABULARY = 20_000  # most frequent words a side whose singular values are compared


@dataclass(frozen=True)
class Reference:
    """Both measures on spaces that are known, and P@1 of the map between them (CSLS, all training pairs)."""

    pair: str
    divergence: float
    gap: float
    p_at_1: float | None


# Of words300, measured by benchmarks/studies/diagnosis.py; the closest first
REFERENCES = (
    Reference("two halves of the English words", 130, 0.01, None),
    Reference("English and French", 2330, 8.87, 0.585),
    Reference("French and Finnish", 3320, 0.83, 0.428),
    Reference("English and Finnish", 6530, 6.15, 0.425),
)


@dataclass(frozen=True)
class Isomorphism:
    """Both measures, and the spectra of the second.

    :param graph_words: words a side in the graphs.
    :param eigenvalues: how many eigenvalues were compared.
    :param eigenvalue_divergence: grows with the number of words; compare it for :data:`GRAPH` words only.
    :param spectrum_words: words a side whose singular values were compared.
    :param spectra: singular values of the source and of the target, divided by the root of the number of
        words, the largest first; those of directions that a space does not use are left out.
    """

    graph_words: int
    eigenvalues: int
    eigenvalue_divergence: float
    spectrum_words: int
    singular_value_gap: float
    spectra: tuple[tuple[float, ...], tuple[float, ...]]


def isomorphism(alignment: Alignment, device: str = "cpu") -> Isomorphism:
    """Compare the normalised spaces of an alignment's languages; the maps play no part."""
    sides = alignment.source, alignment.target
    words = min(VOCABULARY, *(len(side.mapped) for side in sides))
    source, target = (_normalised(side, words) for side in sides)
    graph = min(GRAPH, words)
    divergence, compared = eigenvalue_divergence(
        laplacian_eigenvalues(source[:graph], device=device),
        laplacian_eigenvalues(target[:graph], device=device),
    )
    spectra = singular_values(source), singular_values(target)
    return Isomorphism(
        graph,
        compared,
        divergence,
        words,
        singular_value_gap(*spectra),
        (tuple(spectra[0].tolist()), tuple(spectra[1].tolist())),
    )


def _normalised(side: Side, words: int) -> Floats:
    """The most frequent words under the side's recipe, unit rows, float32 [words, d]."""
    return unit_rows(side.to_shared.normalizer.apply(side.vectors.table(words).matrix))


def laplacian_eigenvalues(rows: Floats, neighbours: int = NEIGHBOURS, device: str = "cpu") -> Doubles:
    """Eigenvalues of D - A, float64 [n], the largest first.

    A joins each word with its nearest words by cosine, in either direction, all edges alike.

    :param rows: unit rows, float32 [n, d].
    """
    size = len(rows)
    found = search(rows, rows, neighbours + 1, device=device).indices  # the word itself is among them
    joined = np.zeros((size, size))
    for word, near in enumerate(found):
        joined[word, near[near != word][:neighbours]] = 1
    joined = np.maximum(joined, joined.T)
    values: Doubles = np.linalg.eigvalsh(np.diag(joined.sum(axis=1)) - joined)[::-1].astype(np.float64)
    return values


def eigenvalue_divergence(source: Doubles, target: Doubles) -> tuple[float, int]:
    """Sum of squared differences of the largest eigenvalues, and how many were compared.

    These are the fewest that make up nine tenths of the sum of either side's.

    :param source: eigenvalues, the largest first, float64 [n]; ``target`` likewise.
    """
    compared = min(int(np.searchsorted(np.cumsum(one), SHARE * one.sum())) + 1 for one in (source, target))
    return float(((source[:compared] - target[:compared]) ** 2).sum()), compared


def singular_values(rows: Floats) -> Doubles:
    """Singular values over the root of the number of rows, float64, the largest first; no zeros."""
    values = np.linalg.svd(rows, compute_uv=False).astype(np.float64) / np.sqrt(len(rows))
    used: Doubles = values[values > ROUNDING * values[0]]
    return used


def singular_value_gap(source: npt.NDArray[Any], target: npt.NDArray[Any]) -> float:
    """Sum of squared differences of the logarithms, over the values that both spaces have.

    :param source: positive, the largest first; ``target`` likewise.
    """
    both = min(len(source), len(target))
    return float(((np.log(source[:both]) - np.log(target[:both])) ** 2).sum())
