"""Time and memory of retrieval by CSLS over whole vocabularies, by the code of peers and by ours.

    python -m benchmarks.studies.csls [--sizes 50000 200000] [--runs 1] [--vecmap DIR] [--fasttext DIR] ...

The job is the same for all: compute the mean similarity of every target with its ten nearest sources, then
the best target of 2,000 sources. Each runs in its own process, on all cores, from matrices in memory: VecMap
by its ``eval_translation.py``, fastText by ``compute_csls_accuracy`` of ``alignment/utils.py``, MUSE by
``get_nn_avg_dist`` of ``src/utils.py`` with torch, faiss by its flat index; the folders are checkouts. The
vectors are random; each target is its source with noise. The measured rows are replaced in
``benchmarks/results/csls.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command_line import study_parser
from benchmarks.peers import fasttext, vecmap
from benchmarks.peers.muse import mean_similarities
from benchmarks.records import ROOT, load, save
from benchmarks.systems import megabytes
from translator.retrieval import Index, csls_bias, search
from translator.vectors import Floats
from translator.vectors.normalize import unit_rows

ASKED = 2_000  # source words
DIMENSION, K = 300, 10
PEAK = "VmHWM"  # getrusage would include memory of the parent process
NOISE = 4  # deviation per coordinate; that of the words is 1: about half of the sources find their target

Job = Callable[[Floats, Floats, Path], float]  # sources, targets, the peer's folder -> P@1


def ours(source: Floats, target: Floats, _: Path) -> float:
    """Return P@1 by the project's index."""
    return hit_rate(Index(target, source, csls_k=K).search(source[:ASKED], 1).indices[:, 0])


def faiss_flat(source: Floats, target: Floats, _: Path) -> float:
    """Return P@1 by the exact index of faiss."""
    import faiss

    sources = faiss.IndexFlatIP(DIMENSION)
    sources.add(source)
    return precision(source, target, sources.search(target, K)[0].mean(axis=1))


def muse(source: Floats, target: Floats, folder: Path) -> float:
    """Return P@1 by MUSE's neighbourhood means, without faiss: MUSE with faiss is ``faiss_flat``."""
    import torch

    means = mean_similarities(folder)(torch.from_numpy(source), torch.from_numpy(target), K)
    return precision(source, target, means)


def precision(source: Floats, target: Floats, means: Floats) -> float:
    """Return P@1 from neighbourhood means, for peers whose code computes only the means."""
    return hit_rate(search(source[:ASKED], target, 1, bias=csls_bias(means)).indices[:, 0])


def hit_rate(best: Any) -> float:
    """Return P@1, where the target of each source is in the same row."""
    return float((best == np.arange(len(best))).mean())


JOBS: dict[str, Job] = {
    "ours": ours,
    "faiss-flat": faiss_flat,
    "muse": muse,
    "vecmap": partial(vecmap.csls_precision, queries=ASKED),
    "fasttext": partial(fasttext.csls_precision, queries=ASKED, k=K),
}


def main() -> None:
    """Run every job at every size, in turns; in a child process, run one."""
    options = parse()
    if options.child:
        child(*options.child)
        return
    folders = {"ours": ROOT, "faiss-flat": ROOT}
    folders |= {name: path.resolve() for name in JOBS if (path := getattr(options, name, None))}
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for size in options.sizes:
            write_rows(Path(place), size)
            for turn in range(options.runs):
                for name in list(folders)[:: -1 if turn % 2 else 1]:
                    rows.append({"words": size, "name": name, **measure(name, Path(place), folders[name])})
                    print(json.dumps(rows[-1]), flush=True)
    save_rows(rows)


def save_rows(rows: list[dict[str, Any]]) -> None:
    """Replace the rows of the same code and size in the results."""
    measured = {(row["words"], row["name"]) for row in rows}
    others = [row for row in load("csls").get("rows", []) if (row["words"], row["name"]) not in measured]
    save("csls", dimension=DIMENSION, asked=ASKED, rows=others + rows)


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = study_parser(__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50_000, 200_000])
    parser.add_argument("--runs", type=int, default=1)
    for peer in ("vecmap", "fasttext", "muse"):
        parser.add_argument(f"--{peer}", type=Path, help="its checkout")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


def write_rows(place: Path, size: int) -> None:
    """Write random source and target rows of unit length."""
    rng = np.random.default_rng(0)
    source = rng.standard_normal((size, DIMENSION), np.float32)
    target = source + np.float32(NOISE) * rng.standard_normal((size, DIMENSION), np.float32)
    for side, rows in (("source", source), ("target", target)):
        np.save(place / f"{side}.npy", unit_rows(rows))


def measure(name: str, place: Path, folder: Path) -> dict[str, float]:
    """Run one job in a child process and return its measurements."""
    command = [sys.executable, "-m", "benchmarks.studies.csls", "--child", name, str(place), str(folder)]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT).stdout
    measurements: dict[str, float] = json.loads(output.splitlines()[-1])
    return measurements


def child(name: str, place: str, folder: str) -> None:
    """Run one job; print its seconds, the megabytes it added, and P@1."""
    source, target = (np.load(Path(place) / f"{side}.npy") for side in ("source", "target"))
    before = megabytes(os.getpid(), PEAK)
    start = time.perf_counter()
    p_at_1 = JOBS[name](source, target, Path(folder))
    seconds, most = time.perf_counter() - start, megabytes(os.getpid(), PEAK)
    print(json.dumps({"seconds": seconds, "megabytes": most - before, "p_at_1": p_at_1}))


if __name__ == "__main__":
    main()
