"""P@1 under CSLS over whole vocabularies: the code that peers retrieve with and ours, time and memory.

    python -m benchmarks.studies.csls [--sizes 50000 200000] [--runs 1] [--vecmap DIR] [--fasttext DIR] ...

The job is the same for all: the mean similarity of every target with its ten nearest sources, and with it the
best target of 2,000 sources. Each does it in a process of its own, on all cores, from matrices in memory:
VecMap by its ``eval_translation.py``, fastText by ``compute_csls_accuracy`` of ``alignment/utils.py``, MUSE
by ``get_nn_avg_dist`` of ``src/utils.py`` with torch, faiss by its flat index; the folders are checkouts.
The vectors are random; each target is its source, with noise. Results, the rows measured anew, go to
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

from benchmarks.peers import fasttext, vecmap
from benchmarks.peers.muse import mean_similarities
from benchmarks.records import ROOT, load, save
from benchmarks.systems import megabytes
from translator.retrieval import Index, csls_bias, search
from translator.vectors import Floats
from translator.vectors.normalize import unit_rows

ASKED = 2_000  # source words
DIMENSION, K = 300, 10
PEAK = "VmHWM"  # not getrusage, which counts what the parent held when it made the process
NOISE = 4  # of each coordinate, against 1 of the words' own: about half of the sources find their target

Job = Callable[[Floats, Floats, Path], float]  # sources, targets, the peer's folder -> P@1


def ours(source: Floats, target: Floats, _: Path) -> float:
    """The project's index."""
    return share(Index(target, source, k=K).search(source[:ASKED], 1).indices[:, 0])


def faiss_flat(source: Floats, target: Floats, _: Path) -> float:
    """The exact index of faiss."""
    import faiss

    sources = faiss.IndexFlatIP(DIMENSION)
    sources.add(source)
    return asked(source, target, sources.search(target, K)[0].mean(axis=1))


def muse(source: Floats, target: Floats, folder: Path) -> float:
    """MUSE's neighbourhood means, without faiss, with which it would be the row above."""
    import torch

    means = mean_similarities(folder)(torch.from_numpy(source), torch.from_numpy(target), K)
    return asked(source, target, means)


def asked(source: Floats, target: Floats, means: Floats) -> float:
    """The rest of the job, where a peer's function gives the means alone."""
    return share(search(source[:ASKED], target, 1, bias=csls_bias(means)).indices[:, 0])


def share(found: Any) -> float:
    """P@1 where source and target of a row belong together."""
    return float((found == np.arange(len(found))).mean())


JOBS: dict[str, Job] = {
    "ours": ours,
    "faiss-flat": faiss_flat,
    "muse": muse,
    "vecmap": partial(vecmap.csls_precision, queries=ASKED),
    "fasttext": partial(fasttext.csls_precision, queries=ASKED, k=K),
}


def main() -> None:
    """Every job at every size, in turns; or, as a child, one of them."""
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
    keep(rows)


def keep(rows: list[dict[str, Any]]) -> None:
    """Put rows into the results, in place of those of the same code and size."""
    measured = {(row["words"], row["name"]) for row in rows}
    others = [row for row in load("csls").get("rows", []) if (row["words"], row["name"]) not in measured]
    save("csls", dimension=DIMENSION, asked=ASKED, rows=others + rows)


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[50_000, 200_000])
    parser.add_argument("--runs", type=int, default=1)
    for peer in ("vecmap", "fasttext", "muse"):
        parser.add_argument(f"--{peer}", type=Path, help="its checkout")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


def write_rows(place: Path, size: int) -> None:
    """Source and target rows of unit length."""
    rng = np.random.default_rng(0)
    source = rng.standard_normal((size, DIMENSION), np.float32)
    target = source + np.float32(NOISE) * rng.standard_normal((size, DIMENSION), np.float32)
    for side, rows in (("source", source), ("target", target)):
        np.save(place / f"{side}.npy", unit_rows(rows))


def measure(name: str, place: Path, folder: Path) -> dict[str, float]:
    """Run one job as a child and read what it reports."""
    command = [sys.executable, "-m", "benchmarks.studies.csls", "--child", name, str(place), str(folder)]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT).stdout
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    return found


def child(name: str, place: str, folder: str) -> None:
    """Do one job; print its seconds, its megabytes beyond what was there before it, and P@1."""
    source, target = (np.load(Path(place) / f"{side}.npy") for side in ("source", "target"))
    before = megabytes(os.getpid(), PEAK)
    start = time.perf_counter()
    precision = JOBS[name](source, target, Path(folder))
    seconds, most = time.perf_counter() - start, megabytes(os.getpid(), PEAK)
    print(json.dumps({"seconds": seconds, "megabytes": most - before, "p_at_1": precision}))


if __name__ == "__main__":
    main()
