"""Time of the exact scan on a GPU, compared with the bare matrix product, with MUSE, and with the CPU.

    python -m benchmarks.studies.gpu [--runs 5] [--sizes 50000 200000] [--muse DIR]

Random vectors of 300 dimensions, as many sources as targets. Ours starts from matrices in the CPU's memory
and returns its result there; the matrices of the product and of MUSE are on the GPU already. Results go to
``benchmarks/results/gpu.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks.command_line import study_parser
from benchmarks.peers.muse import mean_similarities
from benchmarks.records import save_row
from benchmarks.studies.csls import K
from benchmarks.studies.memory import DIMENSION
from benchmarks.studies.speed import Row, both_means, compare, lexicon, random_rows, top_ten
from translator.vectors import Floats

SIDE = 8192  # rows and columns of a block of the bare product
ON_CPU = 50_000  # words up to which the CPU is measured

Scan = Callable[[Floats, Floats, str], object]

SCANS: dict[str, Scan] = {
    "exact top 10": top_ten,
    "both CSLS means": both_means,
    "mutual CSLS lexicon": lexicon,
}


def main() -> None:
    """Measure and save every row."""
    parser = study_parser(__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50_000, 200_000])
    parser.add_argument("--muse", type=Path, help="its checkout")
    options = parser.parse_args()
    for size in options.sizes:
        rows, columns = (random_rows(size, DIMENSION, seed) for seed in (1, 2))
        sizes = f"{size:,} x {size:,} x {DIMENSION}"
        for name, scan in SCANS.items():
            store(against_product(f"{name}, {sizes}", scan, rows, columns, options.runs))
            if size <= ON_CPU:
                store(against_cpu(f"{name}, {sizes}", scan, rows, columns))
        if options.muse:
            store(against_muse(options.muse.resolve(), rows, columns, options.runs))


def store(row: Row) -> None:
    """Print a row and save it."""
    row |= {"gpu": torch.cuda.get_device_name()}
    print(json.dumps(row), flush=True)
    save_row("gpu", f"{row['name']} against {row['other_name']}", row)


def against_product(name: str, scan: Scan, rows: Floats, columns: Floats, runs: int) -> Row:
    """Compare a scan with the product of its matrices."""
    sides = [torch.from_numpy(side).cuda() for side in (rows, columns)]
    block = torch.empty(SIDE * SIDE, device="cuda")

    def product() -> None:
        for top in range(0, len(rows), SIDE):
            block_rows = sides[0][top : top + SIDE]
            for left in range(0, len(columns), SIDE):
                others = sides[1][left : left + SIDE]
                torch.matmul(
                    block_rows, others.T, out=block[: len(block_rows) * len(others)].view(len(block_rows), -1)
                )
        torch.cuda.synchronize()

    scan(rows, columns, "cuda")
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    scan(rows, columns, "cuda")
    peak = (torch.cuda.max_memory_allocated() - before) / 2**20
    product()
    row = timed(name, partial(scan, rows, columns, "cuda"), "the bare product", product, runs)
    return row | {"note": f"{peak:,.0f} MiB of the GPU, {matrices(rows, columns):,.0f} of them the matrices"}


def against_cpu(name: str, scan: Scan, rows: Floats, columns: Floats) -> Row:
    """Compare a scan with the same scan on the CPU."""
    job, other = (partial(scan, rows, columns, device) for device in ("cuda", "cpu"))
    return timed(name, job, "ours on the CPU", other, 1)


def against_muse(folder: Path, rows: Floats, columns: Floats, runs: int) -> Row:
    """Compare neighbourhood means in both directions with those of MUSE, without faiss."""
    means = mean_similarities(folder)
    sides = [torch.from_numpy(side).cuda() for side in (rows, columns)]

    def theirs() -> None:
        means(sides[0], sides[1], K)
        means(sides[1], sides[0], K)

    theirs()
    name = f"both CSLS means, {len(rows):,} x {len(columns):,} x {DIMENSION}"
    return timed(name, partial(both_means, rows, columns, "cuda"), "MUSE, get_nn_avg_dist", theirs, runs)


def timed(name: str, job: Callable[[], Any], other: str, peer: Callable[[], Any], runs: int) -> Row:
    """Time both in turns."""
    return compare(name, job, {other: peer}, runs) | {"runs": runs}


def matrices(rows: Floats, columns: Floats) -> float:
    """Return the MiB of both matrices."""
    return (rows.nbytes + columns.nbytes) / 2**20


if __name__ == "__main__":
    main()
