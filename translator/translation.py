"""Translate words: the best candidates of any string, seen or unseen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, overload
from unicodedata import normalize

import numpy as np

from translator.alignment import Alignment, Side, check_alignment
from translator.errors import DataError
from translator.notebook import html_table
from translator.reranking import rerank_candidates
from translator.retrieval import Criterion, Neighbours
from translator.tokens import text_list
from translator.vectors import Floats, has_vector, spellings

SHOWN = 5  # candidates in a repr

VectorOrigin = Literal["vocabulary", "subwords", "unknown"]


@dataclass(frozen=True, repr=False)
class Candidate:
    """A possible translation.

    :param score: under the criterion that ranked the candidates.
    :param probability: of being right, 0 to 1; None where no ranker was used.
    """

    word: str
    score: float
    probability: float | None = None

    def __repr__(self) -> str:
        return f"Candidate({self.word!r}, score={self.score:.3f}{shown_probability(self.probability)})"


@dataclass(frozen=True, repr=False)
class Translation:
    """The best candidates of one word, best first; an unknown word has none.

    :param word: as the caller wrote it.
    :param vector_origin: where the word's vector comes from: the ``vocabulary`` (which may hold the word in
        another letter case or composed, Unicode NFC), its ``subwords``, or nowhere (``unknown``).
    """

    word: str
    vector_origin: VectorOrigin
    candidates: tuple[Candidate, ...]

    def __repr__(self) -> str:
        words = [repr(candidate.word) for candidate in self.candidates[:SHOWN]]
        more = ["..."] if len(self.candidates) > SHOWN else []
        return f"Translation({self.word!r} -> {', '.join(words + more) or self.vector_origin})"

    def _repr_html_(self) -> str:
        rows = [
            (
                candidate.word,
                f"{candidate.score:.3f}",
                "" if candidate.probability is None else f"{candidate.probability:.0%}",
            )
            for candidate in self.candidates
        ]
        return html_table(
            f"{self.word} ({self.vector_origin})", ("translation", "score", "probability"), rows
        )


@overload
def translate(  # type: ignore[overload-overlap]  # one string is an iterable of strings, too
    alignment: Alignment,
    words: str,
    k: int = ...,
    *,
    criterion: Criterion = ...,
    rerank: bool = ...,
    device: str = ...,
) -> Translation: ...
@overload
def translate(
    alignment: Alignment,
    words: Iterable[str],
    k: int = ...,
    *,
    criterion: Criterion = ...,
    rerank: bool = ...,
    device: str = ...,
) -> list[Translation]: ...
def translate(
    alignment: Alignment,
    words: str | Iterable[str],
    k: int = 5,
    *,
    criterion: Criterion = "csls",
    rerank: bool = True,
    device: str = "cpu",
) -> Translation | list[Translation]:
    """Translate words of the source language, seen or unseen, into the target language.

    Translate from target to source with ``translate(alignment.inverse(), words)``.

    :param words: one word, which gives one :class:`Translation`, or several, which give a list. A word
        outside the vocabulary gets a vector from its subwords if the source vectors hold subwords.
    :param k: candidates per word; those beyond :data:`~translator.ranking.candidates.DEPTH` carry no
        probability.
    :param criterion: one of :data:`~translator.retrieval.CRITERIA`.
    :param rerank: let the alignment's ranker, if it has one, order the candidates of ``csls``.
    :raises DataError: there are no words, one is not a string, ``k`` is below 1, or an argument is of the
        wrong kind.

    >>> import numpy as np
    >>> from translator import WordVectors, align
    >>> vectors = np.random.default_rng(0).standard_normal((100, 8)).astype(np.float32)
    >>> source = WordVectors([f"s{row}" for row in range(100)], vectors)
    >>> target = WordVectors([f"t{row}" for row in range(100)], vectors[:, ::-1])
    >>> alignment = align(source, target, {f"s{row}": f"t{row}" for row in range(50)})
    >>> translate(alignment, "s99", k=3).candidates[0].word
    't99'
    >>> [translation.candidates[0].word for translation in translate(alignment, ["s1", "s2"])]
    ['t1', 't2']
    """
    check_alignment(alignment)
    check_k(k)
    if not (listed := text_list(words, "words")):
        raise DataError("words: there are none, expected at least one")
    origins, rows = look_up(alignment.source, listed)
    if criterion == "csls" and rerank and alignment.rankers[0] is not None:
        ranked = rerank_candidates(alignment, listed, rows, k, device)
        neighbours, probabilities = Neighbours(ranked.indices, ranked.scores), ranked.probabilities
    else:
        neighbours = alignment.index(criterion, device).search(rows, k)
        probabilities = np.full(neighbours.scores.shape, np.nan, np.float32)
    vocabulary = alignment.target.mapped.words
    translations = [
        Translation(
            word,
            origin,
            () if origin == "unknown" else _candidates(neighbours, probabilities, position, vocabulary),
        )
        for position, (word, origin) in enumerate(zip(listed, origins, strict=True))
    ]
    return translations[0] if isinstance(words, str) else translations


def look_up(side: Side, words: Sequence[str]) -> tuple[list[VectorOrigin], Floats]:
    """Return where each word's vector comes from, and the vectors in the shared space, float32 [n, e]."""
    vocabulary = side.mapped
    rows = [vocabulary.row_of(word) for word in words]
    spelled = [
        vocabulary.words[row] if row >= 0 else normalize("NFC", word)
        for word, row in zip(words, rows, strict=True)
    ]
    mapped = side.embed(spelled)
    blank = [row < 0 and not word.strip() for word, row in zip(words, rows, strict=True)]
    mapped[np.flatnonzero(blank)] = 0  # white space has n-grams, but no meaning
    origins: list[VectorOrigin] = [
        "unknown" if not has_one else "vocabulary" if row >= 0 else "subwords"
        for row, has_one in zip(rows, has_vector(mapped), strict=True)
    ]
    return origins, mapped


def count_votes(alignment: Alignment, words: Sequence[str]) -> tuple[int, int]:
    """Count the words that look like the source language, and those that look like the target language.

    A word counts for the language in whose vocabulary it has the better frequency rank, for the source
    language on a tie, and for none if neither vocabulary holds it.
    """
    source = target = 0
    for word in words:
        ranks = _frequency_rank(alignment.source, word), _frequency_rank(alignment.target, word)
        source += ranks[0] <= ranks[1] and ranks[0] < np.inf
        target += ranks[1] < ranks[0]
    return source, target


def check_k(k: object) -> None:
    """Check a number of results.

    :raises DataError: ``k`` is not an integer of 1 or more.
    """
    if not isinstance(k, int | np.integer) or k < 1:
        raise DataError(f"k={k!r}: expected 1 or more candidates per word")


def known_probability(probability: np.float32) -> float | None:
    """Convert a ranker's probability; NaN, for a candidate without one, becomes None."""
    return None if np.isnan(probability) else round(float(probability), 6)


def shown_probability(probability: float | None) -> str:
    """Format a probability as the last field of a repr; empty where there is none."""
    return "" if probability is None else f", probability={probability:.2f}"


def _frequency_rank(side: Side, word: str) -> float:
    vocabulary = side.mapped
    rows = [*vocabulary.rows(spellings(word)), vocabulary.row_of(word)]
    return float(min((row for row in rows if row >= 0), default=np.inf))


def _candidates(
    neighbours: Neighbours, probabilities: Floats, position: int, words: Sequence[str]
) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(words[row], round(float(score), 6), known_probability(probability))
        for row, score, probability in zip(
            neighbours.indices[position], neighbours.scores[position], probabilities[position], strict=True
        )
    )
