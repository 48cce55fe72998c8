"""Whether two spaces that were mapped onto each other agree: is this a translation map at all?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from translator.maps.base import Maps, Spaces
from translator.maps.procrustes import procrustes
from translator.maps.self_learning import mutual_pairs
from translator.retrieval import Index
from translator.vectors import Floats
from translator.vectors.normalize import unit_rows

FREQUENT = 5000  # words a side that are asked
FEWEST = 100  # mutual pairs below which the consistency is noise
DOUBTFUL = 0.3  # real translation maps scored 0.47 and more, unrelated and failed ones 0.21 and less


@dataclass(frozen=True)
class Agreement:
    """Two shares in [0, 1] over the frequent words.

    :param mutual_share: source words that have a mutual neighbour. High for unrelated spaces too, since a
        map learnt from its own neighbours agrees with itself.
    :param consistency: mutual pairs that a rotation fitted to the *other* mutual pairs ranks first; None
        when there are too few pairs. Chance correspondences do not predict each other, translations do.
    """

    mutual_share: float
    consistency: float | None

    @property
    def warning(self) -> str | None:
        """Why this is probably no translation map, in one sentence, or None."""
        if self.consistency is None or self.consistency >= DOUBTFUL:
            return None
        return (
            f"probably no translation map: only {self.consistency:.0%} of the mutual neighbours follow from "
            "the others (real maps: about half or more); a dictionary of a hundred pairs would help most"
        )


def measure(source: Floats, target: Floats, seed: int = 0, device: str = "cpu") -> Agreement:
    """Agreement of two vocabularies in the shared space.

    :param source: unit rows, float32 [n, e], the most frequent words first; ``target`` [m, e] likewise.
    :param seed: of the halving.
    """
    spaces = Spaces(source[:FREQUENT], target[:FREQUENT])
    same = np.eye(source.shape[1], dtype=np.float32)
    pairs = mutual_pairs(spaces, Maps(same, same), device)
    share = len(pairs) / len(spaces.source)
    if len(pairs) < FEWEST:
        return Agreement(share, None)
    known = np.random.default_rng(seed).permutation(len(pairs)) < len(pairs) // 2
    mapped = unit_rows(spaces.source @ procrustes(spaces, pairs[known]).source)
    asked = pairs[~known]
    found = Index(spaces.target, mapped, device=device).search(mapped[asked[:, 0]], 1).indices[:, 0]
    return Agreement(share, float((found == asked[:, 1]).mean()))
