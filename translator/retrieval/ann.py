"""Approximate nearest neighbours by inner product: a graph over the rows, in one file.

The graph is HNSW (Malkov & Yashunin 2018). The package ``usearch``, in the extra ``index``, builds it and
reads its file mapped into memory. The results are not exact; :func:`recall` measures how many are.
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
# Neighbours per node; candidates kept while a row is added, and during a search; chosen in docs/methods.md
SETTINGS: dict[str, Any] = {"connectivity": 16, "expansion_add": 128, "expansion_search": 256}


class AnnIndex:
    """Search a graph over rows instead of scanning all of them.

    :param graph: ``usearch.index.Index`` of float32 rows by inner product; its keys are the row numbers.
    """

    def __init__(self, graph: Any) -> None:
        self._graph = graph

    @classmethod
    def build(cls, rows: Floats) -> AnnIndex:
        """Build the graph of rows on one core; on several cores it would vary, and could miss a row.

        :param rows: float32 [m, d], not necessarily of unit length.
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
        """Return whether the graph was built from these rows, judged by their number and a hundred of them.

        :param rows: float32 [m, d].
        """
        if rows.shape != (len(self), self._graph.ndim):
            return False
        sample = np.unique(np.linspace(0, len(rows) - 1, 100).astype(np.int64))
        return all(map(np.array_equal, self._graph.get(sample), rows[sample]))

    def search(self, queries: Floats, k: int) -> Neighbours:
        """Return approximately the k rows with the largest inner products with each query, best first.

        Equal scores are in ascending order of their rows.

        :param queries: float32 [n, d].
        :param k: limited to the number of rows that the graph reaches for every query.
        :raises DataError: queries and rows differ in width.
        """
        if queries.ndim != 2 or queries.shape[1] != self._graph.ndim:
            raise DataError(
                f"queries of shape {list(queries.shape)}, but the index holds rows of {self._graph.ndim}"
            )
        found = self._graph.search(np.ascontiguousarray(queries, np.float32), min(k, len(self)))
        keys, distances = (
            np.atleast_2d(found.keys),
            np.atleast_2d(found.distances),
        )  # one-dimensional for a single query
        reached = np.isfinite(distances).all(axis=0)  # NaN for places without a result
        rows, scores = keys[:, reached].astype(np.int64), np.float32(1) - distances[:, reached]
        order = np.lexsort((rows, -scores), axis=1)
        return Neighbours(np.take_along_axis(rows, order, 1), np.take_along_axis(scores, order, 1))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the graph and its rows to a file, completely or not at all."""
        with replacing(path) as draft:
            self._graph.save(str(draft))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> AnnIndex:
        """Map a file of :meth:`save` into memory.

        :raises DataError: the file is missing, damaged, or not an index of float32 rows by inner product.
        :raises MissingDependencyError: the extra ``index`` is not installed.
        """
        file, usearch = existing(path), _usearch()
        try:
            graph = usearch.restore(str(file), view=True, expansion_search=SETTINGS["expansion_search"])
            kind = graph.metric_kind.name, graph.dtype.name
        except (ValueError, RuntimeError) as error:
            raise FormatError(
                f"{file}: cannot be read as an index ({error})", "Build the index again."
            ) from None
        if kind != ("IP", "F32"):
            raise FormatError(
                f"{file}: an index by {kind[0]} of {kind[1]}, expected IP of F32", "Build the index again."
            )
        return cls(graph)


def recall(approximate: Indices, exact: Indices) -> float:
    """Return the share, 0 to 1, of the exact neighbours that an approximate search returned.

    >>> recall(np.array([[1, 4]]), exact=np.array([[1, 2]]))
    0.5

    :param approximate: int64 [n, k].
    :param exact: int64 [n, l].
    """
    hits = sum(np.isin(true, near).sum() for near, true in zip(approximate, exact, strict=True))
    return float(hits / exact.size)


def check_installed() -> None:
    """Check that an index can be built, before any other work.

    :raises MissingDependencyError: the extra ``index`` is not installed.
    """
    _usearch()


def _usearch() -> Any:
    try:
        from usearch.index import Index
    except ImportError:
        raise MissingDependencyError("usearch", "index", "An index of approximate neighbours") from None
    return Index
