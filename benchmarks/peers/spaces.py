"""Files that a peer wrote, read as an alignment; and old scripts run with a present torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from translator import Alignment, WordVectors, load_vectors
from translator.alignment import Side
from translator.alignment.affine import SideMap
from translator.alignment.record import RankerRecord, Record, SeedPairsRecord
from translator.learning.consistency import Agreement
from translator.options import Options
from translator.retrieval import neighbourhoods
from translator.vectors.normalize import Normalizer, parse_normalization

# Runs a script that names a function torch has renamed since, and opens pickles that torch refuses by default
OLD_TORCH = """
import functools, runpy, sys, torch
torch.load = functools.partial(torch.load, weights_only=False)
torch.nn.utils.clip_grad_norm = torch.nn.utils.clip_grad_norm_
script = sys.argv[1]
sys.argv, sys.path[0] = sys.argv[1:], script.rpartition("/")[0]
runpy.run_path(script, run_name="__main__")
"""


def load(path: Path) -> WordVectors:
    """Read vectors without leaving them in the cache."""
    return load_vectors(path, cache=False).table()


def mapped(source: WordVectors, target: WordVectors, target_recipe: str = "unit") -> Alignment:
    """Return the alignment of two spaces that a peer has mapped into one.

    :param target_recipe: normalisation that the target still needs.
    """
    identity = np.eye(source.dimension, dtype=np.float32)
    sides = []
    for role, vectors, recipe in (("source", source, "unit"), ("target", target, target_recipe)):
        normalizer = Normalizer.fit(vectors.matrix, parse_normalization(recipe))
        sides.append(Side(role, vectors, None, SideMap(normalizer, identity)))
    means = neighbourhoods(sides[0].mapped.matrix, sides[1].mapped.matrix)
    record = Record(
        arguments=Options(start="procrustes", refine="none"),
        seed_pairs=SeedPairsRecord("dictionary", "mapped by a peer", 0, None, None),
        dictionary=None,
        rankers=(RankerRecord("none", None), RankerRecord("none", None)),
        agreement=Agreement(0.0, None),
        warnings=(),
        history=(),
        versions={},
    )
    return Alignment(sides[0], sides[1], means, record)
