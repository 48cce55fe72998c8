"""Approximate nearest neighbours by inner product: a graph over the rows, in one file.

The graph is HNSW (Malkov & Yashunin 2018); the package ``usearch`` makes it, and reads its file mapped into
memory. It needs the extra ``index``. What it finds is not exact: :func:`recall` says how much of it is.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from translator.errors import DataError, FormatError, MissingDependencyError
from translator.files import existing
from translator.progress import track
from translator.retrieval import Neighbours
from translator.vectors import Floats, Indices
from translator.writing import replacing

SUFFIX = ".usearch"
BLOCK = 1024  # rows added between two reports of progress
# Neighbours a node; candidates kept while a row is added, and while a query is answered: see docs/methods.md
SETTINGS: dict[str, Any] = {"connectivity": 16, "expansion_add": 128, "expansion_search": 256}


class AnnIndex:
    """A graph over rows, which is walked instead of scanning them all.

    :param graph: ``usearch.index.Index`` of float32 rows by inner product; its keys are the rows' numbers.
    """

    def __init__(self, graph: Any) -> None:
        self._graph = graph

    @classmethod
    def build(cls, rows: Floats) -> AnnIndex:
        """Make the graph, on one core: on several it differs from one time to the next, and may miss a row.

        :param rows: float32 [m, d], of any lengths.
        :raises MissingDependencyError: the extra ``index`` is not installed.
        """
        graph = _usearch()(ndim=rows.shape[1], metric="ip", dtype="f32", **SETTINGS)
        for top in track(range(0, len(rows), BLOCK), "indexing"):
            block = np.ascontiguousarray(rows[top : top + BLOCK], np.float32)
            graph.add(np.arange(top, top + len(block)), block, threads=1)
        return cls(graph)

    def __len__(self) -> int:
        return len(self._graph)

    def holds(self, rows: Floats) -> bool:
        """Whether it was made from these rows, as far as their number and a hundred of them tell.

        :param rows: float32 [m, d].
        """
        if rows.shape != (len(self), self._graph.ndim):
            return False
        some = np.unique(np.linspace(0, len(rows) - 1, 100).astype(np.int64))
        return all(map(np.array_equal, self._graph.get(some), rows[some]))

    def search(self, queries: Floats, k: int) -> Neighbours:
        """Nearly the k rows with the largest inner products of each query, best first; equal ones by row.

        :param queries: float32 [n, d].
        :param k: cut down to what the graph reaches for every query.
        :raises DataError: the widths differ.
        """
        if queries.ndim != 2 or queries.shape[1] != self._graph.ndim:
            raise DataError(
                f"queries of shape {list(queries.shape)}, but the index holds rows of {self._graph.ndim}"
            )
        found = self._graph.search(np.ascontiguousarray(queries, np.float32), min(k, len(self)))
        keys, distances = np.atleast_2d(found.keys), np.atleast_2d(found.distances)  # one query's are flat
        reached = np.isfinite(distances).all(axis=0)  # what no path led to is NaN
        rows, scores = keys[:, reached].astype(np.int64), np.float32(1) - distances[:, reached]
        order = np.lexsort((rows, -scores), axis=1)
        return Neighbours(np.take_along_axis(rows, order, 1), np.take_along_axis(scores, order, 1))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file, which holds the rows too; it appears whole or not at all."""
        with replacing(path) as draft:
            self._graph.save(str(draft))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> AnnIndex:
        """Map what :meth:`save` wrote into memory.

        :raises DataError: it is not there, damaged, or no index of float32 rows by inner product.
        :raises MissingDependencyError: the extra ``index`` is not installed.
        """
        file, usearch = existing(path), _usearch()
        try:
            graph = usearch.restore(str(file), view=True, expansion_search=SETTINGS["expansion_search"])
            kind = graph.metric_kind.name, graph.dtype.name
        except (ValueError, RuntimeError) as error:
            raise FormatError(f"{file}: cannot be read as an index ({error})", "Make it anew.") from None
        if kind != ("IP", "F32"):
            raise FormatError(
                f"{file}: an index by {kind[0]} of {kind[1]}, expected IP of F32", "Make it anew."
            )
        return cls(graph)


def recall(found: Indices, exact: Indices) -> float:
    """The share, 0 to 1, of the exact neighbours that are among those found.

    :param found: int64 [n, k]; :param exact: int64 [n, k'].
    """
    hits = sum(np.isin(true, near).sum() for near, true in zip(found, exact, strict=True))
    return float(hits / exact.size)


def check_installed() -> None:
    """See that an index can be made, before any work.

    :raises MissingDependencyError: the extra ``index`` is not installed.
    """
    _usearch()


def _usearch() -> Any:
    try:
        from usearch.index import Index
    except ImportError:
        raise MissingDependencyError("usearch", "index", "An index of approximate neighbours") from None
    return Index
