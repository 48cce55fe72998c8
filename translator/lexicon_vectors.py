"""Vectors of source words through the lexicon: the mean of their translations' vectors, by probability.

A linear map brings a word near its translations, and the ranker knows better which of the words nearby they
are. So a network that reads the target's vectors understands the source better by these vectors than by
mapped ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from translator.alignment import Alignment
from translator.ranking.candidates import DEPTH
from translator.reranking import rerank_candidates
from translator.translation import check_k, look_up
from translator.vectors import Floats, Indices, WordVectors, has_vector

BEST = 10  # candidates of a word
TEMPERATURE = 0.05  # of a softmax over CSLS, where there is no ranker


@dataclass(eq=False, repr=False)
class LexiconVectors:
    """The expected target vector of any source word, an :class:`~translator.vectors.Embedder`.

    It is the mean of the raw target vectors of the k best candidates, weighted by the probability that each
    is right; without a ranker, by a softmax over CSLS. Vectors are kept once they are computed.

    :param alignment: from the words' language into the language of the vectors.
    :param k: candidates of each word.
    :raises DataError: ``k`` is below 1.

    >>> import numpy as np
    >>> from translator import align
    >>> vectors = np.random.default_rng(0).standard_normal((100, 8)).astype(np.float32)
    >>> source = WordVectors([f"s{row}" for row in range(100)], vectors)
    >>> target = WordVectors([f"t{row}" for row in range(100)], vectors[:, ::-1])
    >>> alignment = align(source, target, {f"s{row}": f"t{row}" for row in range(50)})
    >>> read = LexiconVectors(alignment).embed(["s7", "unknown"])
    >>> bool(np.argmax(target.matrix @ read[0]) == 7), bool(read[1].any())
    (True, False)
    """

    alignment: Alignment
    k: int = BEST
    device: str = "cpu"
    _known: dict[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_k(self.k)

    @property
    def words(self) -> Sequence[str]:
        """The source vocabulary, the most frequent words first."""
        return self.alignment.source.mapped.words

    @property
    def path(self) -> Path | None:
        """The file of the source vectors, or None."""
        return self.alignment.source.vectors.path

    @property
    def state(self) -> tuple[int, int] | None:
        """The state of the file of the source vectors when it was read, or None."""
        return self.alignment.source.vectors.state

    @property
    def dimension(self) -> int:
        """Width of the target's vectors."""
        return self.alignment.target.vectors.dimension

    def embed(self, words: Sequence[str]) -> Floats:
        """Return expected target vectors, float32 [len(words), dimension]; zeros for an unknown word."""
        new = [word for word in dict.fromkeys(words) if word not in self._known]
        if new:
            self._known.update(zip(new, self._expected(new), strict=True))
        return np.stack([self._known[word] for word in words]) if words else self._expected([])

    def table(self, limit: int | None = None) -> WordVectors:
        """Return the source vocabulary, or its first ``limit`` words, with the expected target vectors."""
        words = self.words[:limit]
        return WordVectors(words, self.embed(words))

    def _expected(self, words: Sequence[str]) -> Floats:
        rows = look_up(self.alignment.source, words)[1]
        indices, weights = self._candidates(words, rows)
        distinct, place = np.unique(indices, return_inverse=True)
        target, place = self.alignment.target, place.reshape(indices.shape)
        raw = target.vectors.embed([target.mapped.words[row] for row in distinct])
        expected = np.zeros((len(words), self.dimension), np.float32)
        for rank in range(indices.shape[1]):
            expected += weights[:, rank, None] * raw[place[:, rank]]
        return expected * has_vector(rows)[:, None]

    def _candidates(self, words: Sequence[str], rows: Floats) -> tuple[Indices, Floats]:
        """Return the best candidates and their weights, which sum to 1, int64 and float32 [n, k]."""
        from scipy.special import softmax

        if self.alignment.rankers[0] is None:
            best = self.alignment.index("csls", self.device).search(rows, self.k)
            return best.indices, softmax(best.scores / TEMPERATURE, axis=1)
        ranked = rerank_candidates(self.alignment, words, rows, min(self.k, DEPTH), self.device)
        return ranked.indices, ranked.probabilities / ranked.probabilities.sum(axis=1, keepdims=True)
