"""Isomorphism: how similar the two spaces are before they are mapped. It limits what a linear map can do.

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

GRAPH_WORDS = 2000  # most frequent words per language in the graph; the cost is cubic in their number
NEIGHBOURS = 10  # edges from each word of a graph
SHARE = 0.9  # of the sum of the eigenvalues: the largest ones that reach it are compared
ISOMORPHISM_WORDS = 20_000  # most frequent words per language whose singular values are compared


@dataclass(frozen=True)
class Reference:
    """Both measures for known spaces, and P@1 of the map between them (CSLS, all training pairs)."""

    pair: str
    divergence: float
    gap: float
    p_at_1: float | None


# Vectors words300, measured by benchmarks/studies/diagnosis.py; the most similar first
REFERENCES = (
    Reference("two halves of the English words", 130, 0.01, None),
    Reference("English and French", 2330, 8.87, 0.585),
    Reference("French and Finnish", 3320, 0.83, 0.428),
    Reference("English and Finnish", 6530, 6.15, 0.425),
)


@dataclass(frozen=True)
class Isomorphism:
    """Both measures, and the spectra of the second.

    :param graph_words: number of words per language in the graphs.
    :param eigenvalues: number of eigenvalues that were compared.
    :param eigenvalue_divergence: grows with the number of words; comparable only for an equal number.
    :param spectrum_words: number of words per language whose singular values were compared.
    :param spectra: singular values of the source and of the target, divided by the root of the number of
        words, the largest first; those below :data:`~translator.vectors.matrices.ROUNDING` are left out.
    """

    graph_words: int
    eigenvalues: int
    eigenvalue_divergence: float
    spectrum_words: int
    singular_value_gap: float
    spectra: tuple[tuple[float, ...], tuple[float, ...]]


def isomorphism(alignment: Alignment, device: str = "cpu") -> Isomorphism:
    """Compare the normalised spaces of an alignment's languages; the maps are not used."""
    sides = alignment.source, alignment.target
    words = min(ISOMORPHISM_WORDS, *(len(side.mapped) for side in sides))
    source, target = (_normalised(side, words) for side in sides)
    graph = min(GRAPH_WORDS, words)
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
    """Return the normalised vectors of the most frequent words, unit rows, float32 [words, d]."""
    return unit_rows(side.to_shared.normalizer.apply(side.vectors.table(words).matrix))


def laplacian_eigenvalues(rows: Floats, neighbours: int = NEIGHBOURS, device: str = "cpu") -> Doubles:
    """Return the eigenvalues of the graph Laplacian D - A, float64 [n], the largest first.

    A has an edge of weight 1 between two words if one is among the nearest of the other by cosine.

    :param rows: unit rows, float32 [n, d].
    """
    size = len(rows)
    nearest = search(rows, rows, neighbours + 1, device=device).indices  # the word itself is among them
    adjacency = np.zeros((size, size))
    for word, near in enumerate(nearest):
        adjacency[word, near[near != word][:neighbours]] = 1
    adjacency = np.maximum(adjacency, adjacency.T)
    values: Doubles = np.linalg.eigvalsh(np.diag(adjacency.sum(axis=1)) - adjacency)[::-1].astype(np.float64)
    return values


def eigenvalue_divergence(source: Doubles, target: Doubles) -> tuple[float, int]:
    """Return the sum of squared differences of the largest eigenvalues, and how many were compared.

    They are the fewest that reach :data:`SHARE` of the sum for either space.

    :param source: eigenvalues, the largest first, float64 [n]; ``target`` likewise.
    """
    compared = min(int(np.searchsorted(np.cumsum(one), SHARE * one.sum())) + 1 for one in (source, target))
    return float(((source[:compared] - target[:compared]) ** 2).sum()), compared


def singular_values(rows: Floats) -> Doubles:
    """Return the non-zero singular values, divided by the root of the number of rows, the largest first."""
    values = np.linalg.svd(rows, compute_uv=False).astype(np.float64) / np.sqrt(len(rows))
    used: Doubles = values[values > ROUNDING * values[0]]
    return used


def singular_value_gap(source: npt.NDArray[Any], target: npt.NDArray[Any]) -> float:
    """Return the sum of squared differences of the logarithms of singular values; the longer list is cut.

    :param source: positive, the largest first; ``target`` likewise.
    """
    count = min(len(source), len(target))
    return float(((np.log(source[:count]) - np.log(target[:count])) ** 2).sum())
