"""Two vocabularies in the shared space, with all that describes a candidate translation in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from translator.maps.base import Spaces
from translator.retrieval import Neighbourhoods
from translator.vectors import Floats, Indices, WordVectors

ROWS = 512  # words that are compared with all anchors at once: 12 MB of similarities and their order
NEAREST = 50  # anchors that form the region around a word; 200 are as good, 10 have a third of the gain


@dataclass(frozen=True, eq=False)
class SharedSpace:
    """Two vocabularies in the shared space, the most frequent words first.

    :param source: unit rows, float32 [n, e]; ``target`` likewise, [m, e].
    :param means: CSLS neighbourhood means of both.
    :param anchors: pairs that are probably translations, int64 [p, 2], rows of both.
    """

    source: WordVectors
    target: WordVectors
    means: Neighbourhoods
    anchors: Indices

    @classmethod
    def of(
        cls,
        vocabularies: tuple[WordVectors, WordVectors],
        mapped: Spaces,
        means: Neighbourhoods,
        anchors: Indices,
    ) -> SharedSpace:
        """Return the shared space of two mapped spaces.

        :param vocabularies: words of both, at least as many as ``mapped`` has rows.
        """
        source, target = (
            WordVectors(words.words[: len(rows)], rows)
            for words, rows in zip(vocabularies, (mapped.source, mapped.target), strict=True)
        )
        return cls(source, target, means, anchors)

    @cached_property
    def nearest(self) -> tuple[NearestAnchors, NearestAnchors]:
        """The anchors nearest to words of the source, and of the target."""
        source, target = self.anchors.T
        return NearestAnchors(self.source.matrix, source), NearestAnchors(self.target.matrix, target)

    def inverse(self) -> SharedSpace:
        """Return the same space with source and target exchanged."""
        inverse = SharedSpace(self.target, self.source, self.means.inverse(), self.anchors[:, ::-1])
        vars(inverse)["nearest"] = self.nearest[::-1]  # what one finds, the other need not find again
        return inverse


class NearestAnchors:
    """The anchors nearest to each word of a vocabulary, found when a word is first asked for.

    :param vectors: unit rows of the vocabulary, float32 [n, e].
    :param anchors: the rows that are anchors, int64 [p].
    """

    def __init__(self, vectors: Floats, anchors: Indices) -> None:
        self.vectors, self.anchors = vectors, anchors
        # Counted from 1: 0 is not yet found. Zeros take no memory before they are written to.
        self.found = np.zeros((len(vectors), min(NEAREST, len(anchors))), np.int32)

    def of(self, vectors: Floats, rows: Indices) -> npt.NDArray[np.int32]:
        """Return the numbers of the anchors nearest to words, in no order, int32 [n, 50 or p].

        :param vectors: unit rows of the words, float32 [n, e].
        :param rows: their rows, int64 [n]; the length of the vocabulary for unseen words.
        """
        if (rows >= len(self.found)).any():
            return self._search(vectors)
        missing = np.flatnonzero(self.found[rows, 0] == 0)
        if len(missing):
            self.found[rows[missing]] = self._search(vectors[missing]) + 1
        return self.found[rows] - 1

    def _search(self, vectors: Floats) -> npt.NDArray[np.int32]:
        """Return the numbers of the nearest anchors, int32 [n, 50 or p]."""
        kept = self.found.shape[1]
        nearest, opposite = np.empty((len(vectors), kept), np.int32), -self.vectors[self.anchors].T
        for top in range(0, len(vectors), ROWS):
            block = slice(top, top + ROWS)
            nearest[block] = np.argpartition(vectors[block] @ opposite, kept - 1, axis=1)[:, :kept]
        return nearest
