"""Word translation accuracy: P@1/5/10, MRR, coverage, and how sure these are.

The protocol, in one place:

- A query is a distinct source word of the test lexicon; a hit is any of its listed translations.
- Candidates are the whole target vocabulary.
- Queries outside the source vocabulary, and those without a translation inside the target vocabulary,
  are left out, and the share that remains is reported as coverage (``oov="drop"``, the convention of
  MUSE and VecMap). With ``oov="count"`` they count as misses; with ``oov="subwords"`` source words
  outside the vocabulary are asked with a vector composed from their subwords, and what still cannot be
  answered counts as a miss.
- Intervals are 95 % percentile bootstrap intervals over queries, seeded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from translator.alignment import Alignment
from translator.errors import DataError
from translator.lexicon import Lexicon, LexiconLike
from translator.reranking import reranked
from translator.retrieval import CRITERIA, Criterion, ranks, reciprocals
from translator.vectors import Floats, Indices, extended

DEPTH = 10  # how far down a translation is looked for
RESAMPLES = 2000

RERANKED: Literal["reranked"] = "reranked"  # CSLS candidates in the order of the alignment's ranker

Oov = Literal["drop", "count", "subwords"]
Order = Criterion | Literal["reranked"]


@dataclass(frozen=True)
class Measure:
    """A mean over queries with its 95 % bootstrap interval, all in [0, 1]."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Score:
    """Results of one criterion, or of the ranker; MRR counts a translation below rank 10 as 0."""

    criterion: Order
    p_at_1: Measure
    p_at_5: Measure
    p_at_10: Measure
    mrr: Measure


@dataclass(frozen=True)
class Evaluation:
    """Results of a test lexicon.

    :param queries: source words asked.
    :param covered: those with word and translation inside the vocabularies.
    :param candidates: size of the target vocabulary.
    """

    queries: int
    covered: int
    candidates: int
    oov: Oov
    scores: tuple[Score, ...]

    @property
    def coverage(self) -> float:
        """Share of the queries that can be answered at all, 0 to 1."""
        return self.covered / self.queries

    def __getitem__(self, criterion: Order) -> Score:
        """The score under one criterion.

        :raises KeyError: that was not measured.
        """
        return {score.criterion: score for score in self.scores}[criterion]

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {**asdict(self), "coverage": self.coverage}


def evaluate(
    alignment: Alignment,
    lexicon: LexiconLike,
    *,
    criteria: Sequence[Criterion] = ("cosine", "csls"),
    rerank: bool = True,
    oov: Oov = "drop",
    seed: int = 0,
    device: str = "cpu",
) -> Evaluation:
    """Score an alignment on a test lexicon (source word, target word).

    :param criteria: any of ``cosine``, ``csls``, ``inverted-softmax``.
    :param rerank: beside ``csls`` score the alignment's ranker too, if it has one.
    :raises DataError: no query is covered, or an argument is of another kind.
    """
    lexicon = Lexicon.of(lexicon)
    if oov not in get_args(Oov):
        raise DataError(f"oov={oov!r}: expected one of {', '.join(get_args(Oov))}")
    if not criteria:
        raise DataError("criteria: expected one or more", f"There are: {', '.join(CRITERIA)}.")
    given = answers(alignment, lexicon, criteria=criteria, rerank=rerank, oov=oov, device=device)
    missed = 0 if oov == "drop" else given.queries - len(given.rows)
    scores = tuple(score(order, ranks, missed, seed) for order, ranks in given.ranks.items())
    return Evaluation(given.queries, len(given.rows), len(alignment.target.mapped), oov, scores)


@dataclass(frozen=True, eq=False)
class Answers:
    """What became of each query that could be asked, by ascending row.

    :param queries: distinct source words of the lexicon, answerable or not.
    :param rows: int64 [n], source row of each query: its place by frequency.
    :param listed: int64 [n], how many translations the lexicon lists for it inside the vocabulary.
    :param ranks: rank from 1 of the best listed translation, int64 [n], 0 below :data:`DEPTH`; by criterion.
    :param probability: of the likeliest candidate by the ranker, float32 [n], where one was asked.
    """

    queries: int
    rows: Indices
    listed: Indices
    ranks: dict[Order, Indices]
    probability: Floats | None


def answers(
    alignment: Alignment,
    lexicon: Lexicon,
    *,
    criteria: Sequence[Criterion] = ("cosine", "csls"),
    rerank: bool = True,
    oov: Oov = "drop",
    device: str = "cpu",
) -> Answers:
    """Ask every query of a test lexicon; parameters and errors are those of :func:`evaluate`."""
    target = alignment.target.mapped
    source = alignment.source.mapped
    if oov == "subwords":
        source = extended(source, lexicon.sources(), alignment.source.embed)
    matched = lexicon.match(source, target)
    gold, missing = matched.rows, set(matched.missing)
    asked, query = np.unique(gold[:, 0], return_inverse=True)
    answerable = {pair[0] for pair in lexicon if pair not in missing}
    # Two spellings of one word are one query: asked counts rows
    queries = len(asked) + len(set(lexicon.sources()) - answerable)
    if not len(asked):
        raise DataError(
            "no pair of the test lexicon is inside both vocabularies",
            "Check the direction of the lexicon, its letter case, and the vocabulary limit.",
        )
    found: dict[Order, Indices] = {
        criterion: alignment.index(criterion, device).search(source.matrix[asked], DEPTH).indices
        for criterion in criteria
    }
    likely = None
    if rerank and "csls" in criteria and alignment.rankers[0] is not None:
        ranked = reranked(
            alignment, [source.words[row] for row in asked], source.matrix[asked], device=device
        )
        found[RERANKED], likely = ranked.indices[:, :DEPTH], ranked.probabilities[:, 0]
    places = {order: ranks(rows, query, gold[:, 1]) for order, rows in found.items()}
    return Answers(queries, asked, np.bincount(query), places, likely)


def score(criterion: Order, ranks: Indices, missed: int = 0, seed: int = 0) -> Score:
    """The measures of some queries.

    :param ranks: int64 [n], as in :class:`Answers`.
    :param missed: further queries, to be counted as misses.
    """
    ranks = np.concatenate([ranks, np.zeros(missed, np.int64)])
    within = [((ranks > 0) & (ranks <= depth)).astype(np.float64) for depth in (1, 5, 10)]
    measures = bootstrap(np.stack([*within, reciprocals(ranks)]), seed)
    return Score(criterion, *measures)


def bootstrap(values: npt.NDArray[np.float64], seed: int = 0) -> list[Measure]:
    """Mean of each row with its 95 % percentile interval over resampled columns, float64 [r, n]."""
    rng = np.random.default_rng(seed)
    n = values.shape[1]
    means = np.stack([values[:, rng.integers(n, size=n)].mean(axis=1) for _ in range(RESAMPLES)])
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    return [Measure(*map(float, row)) for row in zip(values.mean(axis=1), low, high, strict=True)]
