"""Loss of accuracy by two approximations: CSLS neighbourhoods on a sample of words, shortlists in RCSLS.

    python -m benchmarks.studies.approximations --data DIR [--pairs fi-en en-fi] [--steps 8]

Maps are fitted to four fifths of the *training* dictionary and evaluated on the rest. Results go to
``benchmarks/results/approximations.json``.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command_line import study_parser
from benchmarks.records import save
from translator import load_lexicon, load_vectors
from translator.maps.base import Spaces
from translator.maps.pairs import WeightedPairs
from translator.maps.procrustes import procrustes
from translator.maps.rcsls import RcslsLoss, default_step
from translator.retrieval import Neighbours, csls_bias, neighbourhoods, ranks, search
from translator.retrieval.shortlist import SLACK, Shortlist
from translator.vectors import Floats, Indices
from translator.vectors.normalize import Normalizer

SAMPLES = (1000, 2000, 5000, 10_000)
DRAWS = 3
WRONG = 1e-5  # difference of mean scores beyond rounding


def main() -> None:
    """Measure each pair."""
    parser = study_parser(__doc__, "--data")
    parser.add_argument("--pairs", nargs="+", default=["fi-en", "en-fi"])
    parser.add_argument("--steps", type=int, default=8)
    options = parser.parse_args()
    result: dict[str, Any] = {"slack": SLACK, "samples": [], "shortlists": []}
    for pair in options.pairs:
        spaces, train, held = read(options.data, pair)
        result["samples"].append({"pair": pair, **sampling(spaces, train, held)})
        result["shortlists"] += [{"pair": pair, **row} for row in shortlists(spaces, train, options.steps)]
        print(json.dumps(result["samples"][-1]), *map(json.dumps, result["shortlists"]), sep="\n", flush=True)
    save("approximations", **result)


def read(data: Path, pair: str) -> tuple[Spaces, Indices, Indices]:
    """Return the normalised spaces, and training and held-out pairs without a common source word."""
    source, target = (load_vectors(data / f"{language}.vec").table() for language in pair.split("-"))
    train, held = load_lexicon(data / "dictionaries" / f"xling.{pair}.train.txt").split(0.2)
    spaces = Spaces(*(Normalizer.fit(table.matrix).space(table.matrix) for table in (source, target)))
    return spaces, train.match(source, target).rows, held.match(source, target).rows


def sampling(spaces: Spaces, train: Indices, held: Indices) -> dict[str, Any]:
    """Measure P@1 of Procrustes by the number of words among which CSLS searches neighbourhoods."""
    shared = spaces.mapped(procrustes(spaces, WeightedPairs.certain(train)))
    source, target = shared.source, shared.target
    words, query = np.unique(held[:, 0], return_inverse=True)

    def precision(means: Floats) -> float:
        nearest = search(source[words], target, 1, bias=csls_bias(means)).indices
        return float((ranks(nearest, query, held[:, 1]) == 1).mean())

    drawn = {
        str(size): [
            precision(neighbourhoods(source, target, sample=size, random_state=draw).target)
            for draw in range(DRAWS)
        ]
        for size in SAMPLES
    }
    exact = precision(neighbourhoods(source, target).target)
    none = precision(np.zeros(len(target), np.float32))
    return {"words": len(words), "p_at_1": {"0": [none], **drawn, "all": [exact]}}


def shortlists(spaces: Spaces, train: Indices, steps: int) -> list[dict[str, float]]:
    """Compare shortlists with full scans at each RCSLS step: losses, times, neighbourhoods that differ."""
    shared = spaces.mapped(procrustes(spaces, WeightedPairs.certain(train)))
    quick, full = (RcslsLoss(shared, WeightedPairs.certain(train)) for _ in range(2))
    full.targets, full.sources = FullScan(shared.target, 10), FullScan(shared.source, 10)
    W, rows = np.eye(shared.source.shape[1], dtype=np.float32), []
    for step in range(steps + 1):
        (loss, gradient), seconds = timed(quick, W)
        (exact, _), whole = timed(full, W)
        x, z = shared.pairs(train)
        pairs = ((quick.targets, full.targets, x @ W), (quick.sources, full.sources, z @ W.T))
        wrong = [np.abs(means(a.search(q)) - means(b.search(q))) > WRONG for a, b, q in pairs]
        rows.append(
            {"step": step, "loss": loss, "exact_loss": exact, "seconds": seconds, "full_seconds": whole}
            | {"wrong": float(np.concatenate(wrong).mean())}
        )
        W = W - np.float32(default_step(len(train), len(W))) * gradient
    return rows


class FullScan(Shortlist):
    """A shortlist that scans all candidates at every search."""

    def search(self, queries: Floats) -> Neighbours:
        """Return the k best candidates of each query."""
        return search(queries, self.candidates, self.k)


def means(neighbours: Neighbours) -> Floats:
    """Return the mean score of the neighbours of each query."""
    mean: Floats = neighbours.scores.mean(axis=1)
    return mean


def timed(rcsls_loss: RcslsLoss, W: Floats) -> tuple[tuple[float, Floats], float]:
    """Return the loss and gradient of a map, and the processor seconds they took."""
    start = time.process_time()
    return rcsls_loss(W), time.process_time() - start


if __name__ == "__main__":
    main()
