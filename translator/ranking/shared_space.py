"""Two vocabularies in the shared space, with all that describes a candidate translation in it."""

from __future__ import annotations

from dataclasses import dataclass

from translator.maps.base import Spaces
from translator.retrieval import Neighbourhoods
from translator.vectors import Indices, WordVectors


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

    def inverse(self) -> SharedSpace:
        """Return the same space with source and target exchanged."""
        return SharedSpace(self.target, self.source, self.means.inverse(), self.anchors[:, ::-1])
