"""Measure how many nearest neighbours survive a change of the embedding model: recall@k kept.

The source vectors are those of the model that encodes queries, the target vectors those that a database
holds. A held-out row has a vector of both models. Its nearest rows of the database are sought twice by
cosine: for its own target vector, and for its source vector, mapped into the raw target space. Recall@k kept
is the share of the first k rows that are among the second k. The row itself is left out of both, as a query
is not in the database. The interval is that of :mod:`translator.evaluation`, over held-out rows.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from translator.alignment import Alignment, check_alignment
from translator.errors import DataError
from translator.evaluation import DEPTH, Measure, bootstrap
from translator.export import map_vectors
from translator.lexicon import identical
from translator.retrieval import search
from translator.vectors import Doubles, Embedder, Floats, Indices, has_vector
from translator.vectors.normalize import unit_rows


@dataclass(frozen=True, repr=False)
class NeighboursKept:
    """Recall@k kept.

    :param kept: mean over queries, with its 95 % bootstrap interval, in [0, 1].
    :param k: number of nearest rows compared.
    :param queries: held-out rows whose id is among the target vectors.
    :param candidates: number of target vectors.
    """

    kept: Measure
    k: int
    queries: int
    candidates: int

    def __repr__(self) -> str:
        counts = f"{self.queries:,} queries, {self.candidates:,} candidates"
        return f"NeighboursKept(recall@{self.k} {self.kept!r}; {counts})"

    def as_dict(self) -> dict[str, object]:
        """Return nested plain values for JSON."""
        return asdict(self)


def neighbours_kept(
    alignment: Alignment, held_out: Embedder, *, k: int = DEPTH, random_state: int = 0, device: str = "cpu"
) -> NeighboursKept:
    """Measure recall@k kept by an alignment of two embedding models.

    :param held_out: vectors of the source model, under the ids that their rows have in the target vectors;
        none of them should be among the source vectors that were aligned.
    :param k: number of nearest rows to compare.
    :param random_state: of the bootstrap.
    :param device: ``cpu``, or a torch device that takes the searches.
    :raises DataError: no id is among the target vectors, these are k or fewer, the held-out vectors have
        another width than the source's, or no affine map leads into the target's raw space.

    >>> import numpy as np
    >>> from translator import WordVectors, align
    >>> new = np.random.default_rng(0).standard_normal((300, 8)).astype(np.float32)
    >>> old = new @ np.random.default_rng(1).standard_normal((8, 6)).astype(np.float32)
    >>> ids = [str(row) for row in range(300)]
    >>> alignment = align(WordVectors(ids[:250], new[:250]), WordVectors(ids, old), refine="none")
    >>> neighbours_kept(alignment, WordVectors(ids[250:], new[250:])).kept.value > 0.7
    True
    """
    check_alignment(alignment)
    target = alignment.target.vectors.table(alignment.target.limit)
    if len(target) <= k:
        raise DataError(f"{len(target)} target vectors, expected more than k={k}", "Choose a smaller `k`.")
    mapped = map_vectors(alignment, held_out, space="target")
    rows = identical(mapped, target).match(mapped, target).rows
    queries, true = mapped.matrix[rows[:, 0]], target.matrix[rows[:, 1]]
    usable = has_vector(queries) & has_vector(true)
    if not usable.any():
        raise DataError(
            "no held-out vector has its id among the target vectors",
            "Give held-out vectors the ids that their rows have in the target vectors.",
        )
    shares = shares_kept(queries[usable], true[usable], rows[usable, 1], target.matrix, k, device)
    kept = bootstrap(shares[None], random_state)[0]
    return NeighboursKept(kept, k, len(shares), len(target))


def shares_kept(
    queries: Floats, true: Floats, own: Indices, candidates: Floats, k: int, device: str = "cpu"
) -> Doubles:
    """Return the share of the neighbours of ``true`` that ``queries`` have, too, float64 [n].

    :param queries: float32 [n, d]; ``true`` likewise.
    :param own: row of each query among the candidates, which is no neighbour, int64 [n].
    :param candidates: float32 [m, d].
    """
    units = unit_rows(candidates)

    def neighbours(rows: Floats) -> Indices:
        nearest = search(unit_rows(rows), units, k + 1, device=device).indices
        others = nearest != own[:, None]
        others[others.all(axis=1), -1] = False
        kept: Indices = nearest[others].reshape(len(rows), k)
        return kept

    found, expected = neighbours(queries), neighbours(true)
    shares: Doubles = (found[:, :, None] == expected[:, None]).any(axis=1).mean(axis=1)
    return shares
