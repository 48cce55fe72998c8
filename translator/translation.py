"""Words into words: translations of any string, and the lexicon of a whole vocabulary."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from unicodedata import normalize

import numpy as np

from translator.alignment import Alignment, Side
from translator.errors import DataError
from translator.ranking.calibration import surest
from translator.reranking import reranked
from translator.retrieval import Criterion, Neighbours, search_both
from translator.vectors import Floats, WordVectors, has_vector, spellings
from translator.writing import replacing

_BREAK = re.compile(r"[\t\n\r]")

logger = logging.getLogger(__name__)

Known = Literal["vocabulary", "subwords", "unknown"]


@dataclass(frozen=True)
class Candidate:
    """A possible translation.

    :param score: the criterion's own.
    :param probability: of being right, where the alignment has a ranker and it was used.
    """

    word: str
    score: float
    probability: float | None = None


@dataclass(frozen=True)
class Translation:
    """The best candidates of one word, best first; none for an unknown word.

    :param word: as it was asked.
    :param known: where its vector came from; a word may be found in lower case or composed (Unicode NFC).
    """

    word: str
    known: Known
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Entry:
    """One line of an induced lexicon.

    :param rank: 1 for the best translation of the source word.
    :param mutual: no other source word is nearer to the target word, by the map.
    :param probability: of being right, where the alignment has a ranker and it was used.
    """

    source: str
    target: str
    score: float
    rank: int
    mutual: bool
    probability: float | None = None


def translate(
    alignment: Alignment,
    words: Iterable[str],
    top: int = 5,
    *,
    criterion: Criterion = "csls",
    rerank: bool = True,
    device: str = "cpu",
) -> list[Translation]:
    """Translate words of the source language, seen or unseen, into the target language.

    The other way goes through :meth:`Alignment.inverse`.

    :param words: any strings; those outside the vocabulary get a vector from their subwords where the
        source vectors hold subwords.
    :param top: candidates a word; those beyond :data:`~translator.ranking.candidates.DEPTH` carry no
        probability.
    :param rerank: let the alignment's ranker, if it has one, order the candidates of ``csls``.
    :raises DataError: there are no words, one is no string, they are one string, or ``top`` is below 1.
    """
    _check_top(top)
    words = _listed(words)
    known, rows = _look_up(alignment.source, words)
    target = alignment.target.mapped.words
    if criterion == "csls" and rerank and alignment.rankers[0] is not None:
        ranked = reranked(alignment, words, rows, top, device)
        found, likely = Neighbours(ranked.indices, ranked.scores), ranked.probabilities
    else:
        found = alignment.index(criterion, device).search(rows, top)
        likely = np.full(found.scores.shape, np.nan, np.float32)
    return [
        Translation(word, where, () if where == "unknown" else _candidates(found, likely, place, target))
        for place, (word, where) in enumerate(zip(words, known, strict=True))
    ]


def votes(alignment: Alignment, words: Sequence[str]) -> tuple[int, int]:
    """How many of the words speak for the source language, and how many for the target language.

    A word speaks for the language in whose vocabulary it is the more frequent; one that neither
    vocabulary holds speaks for none.
    """
    source = target = 0
    for word in words:
        ranks = _frequency_rank(alignment.source, word), _frequency_rank(alignment.target, word)
        source += ranks[0] <= ranks[1] and ranks[0] < np.inf
        target += ranks[1] < ranks[0]
    return source, target


def _frequency_rank(side: Side, word: str) -> float:
    rows = side.mapped.rows(spellings(word))
    return float(min((row for row in rows if row >= 0), default=np.inf))


def induce_lexicon(
    alignment: Alignment,
    top: int = 1,
    *,
    criterion: Criterion = "csls",
    rerank: bool = True,
    device: str = "cpu",
) -> list[Entry]:
    """The dictionary of the whole source vocabulary, in its order, words without a vector left out.

    :param top: translations a word.
    :param rerank: as in :func:`translate`.
    :raises DataError: ``top`` is below 1.
    """
    _check_top(top)
    if criterion == "csls" and rerank and alignment.rankers[0] is not None:
        return _reranked_lexicon(alignment, top, device)
    source, target = alignment.source.mapped, alignment.target.mapped
    index, reverse = alignment.index(criterion, device), alignment.inverse().index(criterion, device)
    ranked, back = search_both(
        source.matrix,
        target.matrix,
        top,
        source_bias=reverse.bias,
        target_bias=index.bias,
        device=device,
    )
    forth = index.scored(ranked, source.matrix, alignment.means.source)
    best_source = back.indices[:, 0]
    return [
        Entry(
            word, target.words[column], float(score), rank + 1, bool(rank == 0 and best_source[column] == row)
        )
        for row, word in _with_vectors(source)
        for rank, (column, score) in enumerate(zip(forth.indices[row], forth.scores[row], strict=True))
    ]


def _reranked_lexicon(alignment: Alignment, top: int, device: str) -> list[Entry]:
    source, target = alignment.source.mapped, alignment.target.mapped
    ranked = reranked(alignment, source.words, source.matrix, top, device)
    return [
        Entry(
            word,
            target.words[column],
            float(ranked.scores[row, rank]),
            rank + 1,
            bool(rank == 0 and ranked.mutual[row, 0]),
            _probability(ranked.probabilities[row, rank]),
        )
        for row, word in _with_vectors(source)
        for rank, column in enumerate(ranked.indices[row])
    ]


def _with_vectors(table: WordVectors) -> Iterator[tuple[int, str]]:
    """Row and spelling of each word that has a vector."""
    there = has_vector(table.matrix)
    return ((row, word) for row, word in enumerate(table.words) if there[row])


def _check_top(top: int) -> None:
    if top < 1:
        raise DataError(f"top={top}: expected 1 or more candidates a word")


def at_precision(entries: Sequence[Entry], precision: float) -> list[Entry]:
    """The largest lexicon whose best translations are expected to be right so often, in the order given.

    :param entries: of an alignment with a ranker; only those of rank 1 are kept.
    :param precision: 0 to 1; the mean probability of what is kept is at least that.
    :raises DataError: the entries carry no probabilities.
    """
    best = [entry for entry in entries if entry.rank == 1]
    likely = np.array([np.nan if entry.probability is None else entry.probability for entry in best])
    if np.isnan(likely).any():
        raise DataError(
            "this alignment gives no probabilities: it has no ranker, or none was used",
            "Align again without --no-rerank, and ask with --criterion csls.",
        )
    kept = set(surest(likely, precision).tolist())
    return [entry for place, entry in enumerate(best) if place in kept]


def write_lexicon(entries: Sequence[Entry], path: str | os.PathLike[str]) -> None:
    """Write a tab-separated file with the header source, target, score, rank, mutual, probability."""
    with replacing(path) as draft:
        Path(draft).write_text("".join(lexicon_lines(entries)), encoding="utf-8")


def lexicon_lines(entries: Sequence[Entry]) -> list[str]:
    """The lines of the tab-separated file, the header first, without words that hold a tab or a break."""
    kept = [entry for entry in entries if not _BREAK.search(f"{entry.source} {entry.target}")]
    if len(kept) < len(entries):
        logger.warning("%d entries left out: a tab or a line break is in a word", len(entries) - len(kept))
    return [
        "source\ttarget\tscore\trank\tmutual\tprobability\n",
        *(
            f"{e.source}\t{e.target}\t{e.score:.4f}\t{e.rank}\t{'yes' if e.mutual else 'no'}\t"
            f"{'' if e.probability is None else f'{e.probability:.4f}'}\n"
            for e in kept
        ),
    ]


def _listed(words: Iterable[str]) -> list[str]:
    """The words, checked: not every caller has a type checker."""
    if isinstance(words, str):  # which is a sequence of strings, too
        raise DataError(f"words={words!r}: one string, expected a list of words", f"Ask for [{words!r}].")
    listed = list(words)
    if not listed:
        raise DataError("no words to translate", "Give words as arguments or on standard input.")
    for word in listed:
        if not isinstance(word, str):
            raise DataError(f"{word!r}: expected a word, a string")
    return listed


def _look_up(side: Side, words: Sequence[str]) -> tuple[list[Known], Floats]:
    """Where each word's vector comes from, and the vectors in the shared space."""
    vocabulary = side.mapped
    rows = [vocabulary.row_of(word) for word in words]
    spelled = [
        vocabulary.words[row] if row >= 0 else normalize("NFC", word)
        for word, row in zip(words, rows, strict=True)
    ]
    mapped = side.embed(spelled)
    blank = [row < 0 and not word.strip() for word, row in zip(words, rows, strict=True)]
    mapped[np.flatnonzero(blank)] = 0  # it has n-grams, but no meaning
    there = has_vector(mapped)
    known: list[Known] = [
        "unknown" if not found else "vocabulary" if row >= 0 else "subwords"
        for row, found in zip(rows, there, strict=True)
    ]
    return known, mapped


def _candidates(found: Neighbours, likely: Floats, place: int, words: Sequence[str]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(words[row], round(float(score), 6), _probability(chance))
        for row, score, chance in zip(found.indices[place], found.scores[place], likely[place], strict=True)
    )


def _probability(likely: np.float32) -> float | None:
    return None if np.isnan(likely) else round(float(likely), 6)
