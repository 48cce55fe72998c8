"""The rank of held-out pairs under a map: the score that early stopping and trials use."""

from __future__ import annotations

import numpy as np

from translator.maps.base import Spaces
from translator.retrieval import NEIGHBOURHOOD, Index, ranks, reciprocal_ranks
from translator.vectors import Floats, Indices
from translator.vectors.normalize import unit_rows

SOURCES = 5000  # source words, spread over all frequencies, that the hubness correction is computed from
DEPTH = 10


def held_out_mrr(
    W: Floats, spaces: Spaces, pairs: Indices, k: int = NEIGHBOURHOOD, device: str = "cpu"
) -> float:
    """Return the mean reciprocal rank under CSLS of held-out pairs among all targets, in [0, 1].

    The mean is smoother than P@1, which moves in steps on a few hundred pairs. The neighbourhoods of the
    targets are computed over a sample of source words, the same for every map compared. All targets are
    candidates: RCSLS still lowers rare rivals long after the ranks among frequent targets are settled.

    :param W: float32 [d, e], applied to the source rows.
    :param pairs: int64 [v, 2].
    """
    asked, query = np.unique(pairs[:, 0], return_inverse=True)
    some = np.linspace(0, len(spaces.source) - 1, min(SOURCES, len(spaces.source))).astype(np.int64)
    sources = unit_rows(spaces.source[some] @ W)
    index = Index(spaces.target, sources, csls_k=k, device=device)
    found = index.search(unit_rows(spaces.source[asked] @ W), DEPTH).indices
    return float(reciprocal_ranks(ranks(found, query, pairs[:, 1])).mean())
