"""Induce a bilingual lexicon: the translations of a whole vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from translator.alignment import Alignment, check_alignment
from translator.errors import DataError
from translator.progress import with_progress
from translator.ranking.calibration import most_confident
from translator.reranking import rerank_candidates
from translator.retrieval import Criterion, search_both
from translator.translation import check_k, known_probability, shown_probability
from translator.vectors import Floats, WordVectors, has_vector


@dataclass(frozen=True, repr=False)
class Entry:
    """One line of an induced lexicon.

    :param rank: 1 for the best translation of the source word.
    :param mutual: whether the entry is of rank 1 and, under the map, no other source word is nearer to the
        target word.
    :param probability: of being right, 0 to 1; None where no ranker was used.
    """

    source: str
    target: str
    score: float
    rank: int
    mutual: bool
    probability: float | None = None

    def __repr__(self) -> str:
        mutual = ", mutual" if self.mutual else ""
        return (
            f"Entry({self.source!r} -> {self.target!r}, score={self.score:.3f}, rank={self.rank}"
            f"{mutual}{shown_probability(self.probability)})"
        )


@with_progress
def induce_lexicon(
    alignment: Alignment,
    k: int = 1,
    *,
    criterion: Criterion = "csls",
    rerank: bool = True,
    device: str = "cpu",
    show_progress: bool | None = None,
) -> list[Entry]:
    """Translate the whole source vocabulary, in its order; words without a vector are left out.

    ``pandas.DataFrame(induce_lexicon(alignment))`` is a table with a column for each field of
    :class:`Entry`.

    :param k: translations per word.
    :param criterion: one of :data:`~translator.retrieval.CRITERIA`.
    :param rerank: let the alignment's ranker, if it has one, order the candidates of ``csls``.
    :param device: ``cpu``, or a torch device that takes the searches.
    :param show_progress: draw progress bars; None draws them on a terminal and in a notebook.
    :raises DataError: ``k`` is below 1, or an argument is of the wrong kind.

    >>> import numpy as np
    >>> from translator import WordVectors, align
    >>> vectors = np.random.default_rng(0).standard_normal((100, 8)).astype(np.float32)
    >>> source = WordVectors([f"s{row}" for row in range(100)], vectors)
    >>> target = WordVectors([f"t{row}" for row in range(100)], vectors[:, ::-1])
    >>> alignment = align(source, target, {f"s{row}": f"t{row}" for row in range(50)})
    >>> [(entry.source, entry.target, entry.mutual) for entry in induce_lexicon(alignment)[-2:]]
    [('s98', 't98', True), ('s99', 't99', True)]
    """
    check_alignment(alignment)
    check_k(k)
    if criterion == "csls" and rerank and alignment.rankers[0] is not None:
        return _reranked_lexicon(alignment, k, device)
    source, target = alignment.source.mapped, alignment.target.mapped
    index, reverse = alignment.index(criterion, device), alignment.inverse().index(criterion, device)
    forward, backward = search_both(
        source.matrix,
        target.matrix,
        k,
        source_bias=reverse.bias,
        target_bias=index.bias,
        device=device,
    )
    scored = index.scored(forward, source.matrix, alignment.means.source)
    best_source = backward.indices[:, 0]
    return [
        Entry(word, target.words[column], float(score), rank, bool(rank == 1 and best_source[column] == row))
        for row, word in _with_vectors(source)
        for rank, (column, score) in enumerate(zip(scored.indices[row], scored.scores[row], strict=True), 1)
    ]


def _reranked_lexicon(alignment: Alignment, k: int, device: str) -> list[Entry]:
    source, target = alignment.source.mapped, alignment.target.mapped
    ranked = rerank_candidates(alignment, source.words, source.matrix, k, device)
    return [
        Entry(
            word,
            target.words[column],
            float(ranked.scores[row, place]),
            place + 1,
            bool(place == 0 and ranked.mutual[row, 0]),
            known_probability(ranked.probabilities[row, place]),
        )
        for row, word in _with_vectors(source)
        for place, column in enumerate(ranked.indices[row])
    ]


def _with_vectors(table: WordVectors) -> Iterator[tuple[int, str]]:
    """Yield row and spelling of each word that has a vector."""
    present = has_vector(table.matrix)
    return ((row, word) for row, word in enumerate(table.words) if present[row])


def at_precision(entries: Sequence[Entry], precision: float) -> list[Entry]:
    """Return the largest lexicon whose expected precision is at least ``precision``, in the order given.

    :param entries: of an alignment with a ranker; only those of rank 1 are kept.
    :param precision: 0 to 1; the lexicon's mean probability is at least this.
    :raises DataError: the entries carry no probabilities.

    >>> entries = [Entry("house", "maison", 0.6, 1, True, 0.9), Entry("the", "une", 0.2, 1, False, 0.1)]
    >>> at_precision(entries, 0.8)
    [Entry('house' -> 'maison', score=0.600, rank=1, mutual, probability=0.90)]
    """
    best = [entry for entry in entries if entry.rank == 1]
    probabilities = _probabilities(best)
    kept = set(most_confident(probabilities, precision).tolist())
    return [entry for row, entry in enumerate(best) if row in kept]


def at_least(entries: Sequence[Entry], probability: float) -> list[Entry]:
    """Return the entries that are right with at least a probability: a number that differs between words.

    :param entries: of an alignment with a ranker, several for each word.
    :param probability: 0 to 1.
    :raises DataError: the entries carry no probabilities.

    >>> entries = [Entry("bank", "banque", 0.6, 1, True, 0.6), Entry("bank", "rive", 0.5, 2, False, 0.3)]
    >>> at_least([*entries, Entry("the", "une", 0.2, 1, False, 0.1)], 0.3) == entries
    True
    """
    return [
        entry for entry, value in zip(entries, _probabilities(entries), strict=True) if value >= probability
    ]


def _probabilities(entries: Sequence[Entry]) -> Floats:
    """Return the probabilities of entries, float32 [n]."""
    if any(entry.probability is None for entry in entries):
        raise DataError(
            "the entries carry no probabilities: the alignment has no ranker, or none was used",
            'Align again without rerank=False, and rank by criterion="csls".',
        )
    return np.array([entry.probability for entry in entries], np.float32)
