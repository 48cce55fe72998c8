"""Measure word translation accuracy: P@1, P@5, P@10, MRR and coverage, with confidence intervals.

The protocol:

- A query is a distinct source word of the test lexicon; a hit is any of its listed translations.
- Candidates are the whole target vocabulary.
- Queries outside the source vocabulary, and those without a translation inside the target vocabulary,
  are left out, and the share that remains is reported as coverage (``oov="drop"``, the convention of
  MUSE and VecMap). With ``oov="count"`` they count as misses. With ``oov="subwords"`` a source word
  outside the vocabulary gets a vector composed from its subwords; queries that still have no vector or
  no translation in the target vocabulary count as misses.
- Intervals are 95 % percentile bootstrap intervals over queries, with a fixed random state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, get_args

import numpy as np

from translator.alignment import Alignment, check_alignment
from translator.errors import DataError
from translator.lexicon import Lexicon, LexiconLike, no_match
from translator.notebook import html_table
from translator.progress import with_progress
from translator.reranking import rerank_candidates
from translator.retrieval import CRITERIA, Criterion, ranks, reciprocal_ranks
from translator.vectors import Doubles, Floats, Indices, extended

DEPTH = 10  # largest rank at which a translation is a hit
RESAMPLES = 2000  # of the bootstrap

RERANKED: Literal["reranked"] = "reranked"  # CSLS candidates in the order of the alignment's ranker
MEASURES = {"P@1": "p_at_1", "P@5": "p_at_5", "P@10": "p_at_10", "MRR": "mrr"}  # fields of Score

Oov = Literal["drop", "count", "subwords"]
Ranking = Criterion | Literal["reranked"]


@dataclass(frozen=True, repr=False)
class Measure:
    """A mean over queries with its 95 % bootstrap interval, all in [0, 1].

    >>> Measure(0.543, 0.51, 0.575)
    54.3 % [51.0, 57.5]
    """

    value: float
    low: float
    high: float

    def __repr__(self) -> str:
        return f"{100 * self.value:.1f} % [{100 * self.low:.1f}, {100 * self.high:.1f}]"


@dataclass(frozen=True, repr=False)
class Score:
    """Accuracy under one criterion, or of the ranker; MRR counts a translation below rank 10 as 0."""

    criterion: Ranking
    p_at_1: Measure
    p_at_5: Measure
    p_at_10: Measure
    mrr: Measure

    @property
    def measures(self) -> dict[str, Measure]:
        """The four measures by the names of tables: ``P@1``, ``P@5``, ``P@10``, ``MRR``."""
        return {name: getattr(self, field) for name, field in MEASURES.items()}

    def __repr__(self) -> str:
        measures = ", ".join(f"{name} {100 * one.value:.1f} %" for name, one in self.measures.items())
        return f"Score({self.criterion}: {measures})"


@dataclass(frozen=True, repr=False)
class Evaluation:
    """Accuracy on a test lexicon: iterate for flat rows, index by criterion for a :class:`Score`.

    ``pandas.DataFrame(evaluation)`` is a table with one row per criterion.

    :param queries: distinct source words of the test lexicon.
    :param covered: queries with word and translation inside the vocabularies.
    :param candidates: size of the target vocabulary.
    """

    queries: int
    covered: int
    candidates: int
    oov: Oov
    scores: tuple[Score, ...]

    @property
    def coverage(self) -> float:
        """Share of the queries that are covered, 0 to 1."""
        return self.covered / self.queries

    def __getitem__(self, criterion: Ranking) -> Score:
        """Return the score under one criterion.

        :raises KeyError: the criterion was not evaluated.
        """
        return {score.criterion: score for score in self.scores}[criterion]

    def __iter__(self) -> Iterator[dict[str, str | int | float]]:
        """Yield one flat row per criterion: each measure with its ``_low`` and ``_high``, and the counts."""
        for score in self.scores:
            row: dict[str, str | int | float] = {"criterion": score.criterion}
            for field in MEASURES.values():
                measure: Measure = getattr(score, field)
                row |= {field: measure.value, f"{field}_low": measure.low, f"{field}_high": measure.high}
            yield row | self._counts()

    def __repr__(self) -> str:
        scores = ", ".join(f"{one.criterion} {100 * one.p_at_1.value:.1f} %" for one in self.scores)
        return f"Evaluation(P@1 {scores}; {self.covered:,} of {self.queries:,} queries)"

    def _repr_html_(self) -> str:
        caption = f"{self.covered:,} of {self.queries:,} queries, {self.candidates:,} candidates"
        rows = [(score.criterion, *map(repr, score.measures.values())) for score in self.scores]
        return html_table(caption, ("criterion", *MEASURES), rows)

    def as_dict(self) -> dict[str, object]:
        """Return nested plain values for JSON."""
        return {**self._counts(), "scores": [asdict(score) for score in self.scores]}

    def _counts(self) -> dict[str, str | int | float]:
        return {
            "queries": self.queries,
            "covered": self.covered,
            "coverage": self.coverage,
            "candidates": self.candidates,
            "oov": self.oov,
        }


@with_progress
def evaluate(
    alignment: Alignment,
    lexicon: LexiconLike,
    *,
    criteria: Criterion | Sequence[Criterion] = ("cosine", "csls"),
    rerank: bool = True,
    oov: Oov = "drop",
    random_state: int = 0,
    device: str = "cpu",
    show_progress: bool | None = None,
) -> Evaluation:
    """Measure an alignment's accuracy on a test lexicon.

    :param lexicon: pairs (source word, target word), none of which should be training pairs; a dict, or a
        list of pairs, will do.
    :param criteria: one or more of :data:`~translator.retrieval.CRITERIA`.
    :param rerank: together with ``csls``, evaluate the alignment's ranker if it has one.
    :param oov: how queries outside the vocabularies count: see the protocol of this module.
    :param random_state: of the bootstrap.
    :param device: ``cpu``, or a torch device that takes the searches.
    :param show_progress: draw progress bars; None draws them on a terminal and in a notebook.
    :raises DataError: no query is covered, or an argument is of the wrong kind.

    >>> import numpy as np
    >>> from translator import WordVectors, align
    >>> vectors = np.random.default_rng(0).standard_normal((100, 8)).astype(np.float32)
    >>> source = WordVectors([f"s{row}" for row in range(100)], vectors)
    >>> target = WordVectors([f"t{row}" for row in range(100)], vectors[:, ::-1])
    >>> pairs = [(f"s{row}", f"t{row}") for row in range(100)]
    >>> alignment = align(source, target, pairs[:50])
    >>> evaluate(alignment, pairs[50:], criteria="csls", rerank=False)
    Evaluation(P@1 csls 100.0 %; 50 of 50 queries)
    """
    check_alignment(alignment)
    test = Lexicon.of(lexicon)
    if oov not in get_args(Oov):
        raise DataError(f"oov={oov!r}: expected one of {', '.join(get_args(Oov))}")
    results = query_results(
        alignment, test, criteria=_listed(criteria), rerank=rerank, oov=oov, device=device
    )
    misses = 0 if oov == "drop" else results.queries - len(results.rows)
    scores = tuple(
        score_ranks(ranking, ranks, misses, random_state) for ranking, ranks in results.ranks.items()
    )
    return Evaluation(results.queries, len(results.rows), len(alignment.target.mapped), oov, scores)


def _listed(criteria: Criterion | Sequence[Criterion]) -> Sequence[Criterion]:
    listed: Sequence[Criterion] = [criteria] if isinstance(criteria, str) else criteria
    if not listed:
        raise DataError(f"criteria: there are none, expected one or more of {', '.join(CRITERIA)}")
    return listed


@dataclass(frozen=True, eq=False)
class QueryResults:
    """The rank of the best listed translation of each covered query, queries by ascending source row.

    :param queries: distinct source words of the lexicon, covered or not.
    :param rows: int64 [n], source row of each covered query, that is, its frequency rank.
    :param listed: int64 [n], how many translations the lexicon lists for it inside the vocabulary.
    :param ranks: by criterion, int64 [n], from 1; 0 where no listed translation is in the first
        :data:`DEPTH`.
    :param probability: of the most probable candidate, float32 [n]; None where no ranker was used.
    """

    queries: int
    rows: Indices
    listed: Indices
    ranks: dict[Ranking, Indices]
    probability: Floats | None


def query_results(
    alignment: Alignment,
    lexicon: Lexicon,
    *,
    criteria: Sequence[Criterion] = ("cosine", "csls"),
    rerank: bool = True,
    oov: Oov = "drop",
    device: str = "cpu",
) -> QueryResults:
    """Rank candidates for every query of a test lexicon; parameters and errors as in :func:`evaluate`."""
    target = alignment.target.mapped
    source = alignment.source.mapped
    if oov == "subwords":
        source = extended(source, lexicon.sources(), alignment.source.embed)
    matched = lexicon.match(source, target)
    gold, missing = matched.rows, set(matched.missing)
    rows, query = np.unique(gold[:, 0], return_inverse=True)
    covered = {pair[0] for pair in lexicon if pair not in missing}
    # Two spellings of one word are one query: covered queries are counted by row
    queries = len(rows) + len(set(lexicon.sources()) - covered)
    if not len(rows):
        raise no_match(lexicon, source, target)
    found: dict[Ranking, Indices] = {
        criterion: alignment.index(criterion, device).search(source.matrix[rows], DEPTH).indices
        for criterion in criteria
    }
    probability = None
    if rerank and "csls" in criteria and alignment.rankers[0] is not None:
        words = [source.words[row] for row in rows]
        ranked = rerank_candidates(alignment, words, source.matrix[rows], device=device)
        found[RERANKED], probability = ranked.indices[:, :DEPTH], ranked.probabilities[:, 0]
    best_ranks = {ranking: ranks(indices, query, gold[:, 1]) for ranking, indices in found.items()}
    return QueryResults(queries, rows, np.bincount(query), best_ranks, probability)


def score_ranks(ranking: Ranking, ranks: Indices, misses: int = 0, random_state: int = 0) -> Score:
    """Compute the four measures of some queries.

    :param ranks: int64 [n], as in :class:`QueryResults`.
    :param misses: further queries that count as misses.
    """
    ranks = np.concatenate([ranks, np.zeros(misses, np.int64)])
    hits = [((ranks > 0) & (ranks <= depth)).astype(np.float64) for depth in (1, 5, 10)]
    return Score(ranking, *bootstrap(np.stack([*hits, reciprocal_ranks(ranks)]), random_state))


def bootstrap(values: Doubles, random_state: int = 0) -> list[Measure]:
    """Return the mean of each row, float64 [r, n], with its 95 % percentile interval over columns.

    >>> bootstrap(np.array([[1.0, 1.0, 1.0]]))
    [100.0 % [100.0, 100.0]]
    """
    rng = np.random.default_rng(random_state)
    n = values.shape[1]
    means = np.stack([values[:, rng.integers(n, size=n)].mean(axis=1) for _ in range(RESAMPLES)])
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    return [Measure(*map(float, row)) for row in zip(values.mean(axis=1), low, high, strict=True)]
