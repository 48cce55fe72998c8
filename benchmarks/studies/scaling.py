"""Time of ``translator align-many`` by number of processes, and cost of one pair by vocabulary size.

    python -m benchmarks.studies.scaling [--pairs 4] [--words 10000] [--runs 3] [--sizes 12500 25000 50000]

The languages are synthetic: each is the space of the hub, rotated, with noise. The same pairs are aligned by
one process with all cores, by two processes with half of the cores each, and so on, in turns. Then a single
pair is aligned on one core at several vocabulary sizes. ``benchmarks/render.py`` extrapolates from them to
200,000 words and 157 languages. Results go to ``benchmarks/results/scaling.json``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command_line import study_parser
from benchmarks.records import RESULTS, save
from benchmarks.systems import Task, ours, run
from translator import WordVectors, save_vectors

NOISE = 4.5  # deviation per coordinate; that of the words is 0.5 to 2: most, not all, find their translation
DAY = 86_400.0  # seconds; longer alignments are stopped


def main() -> None:
    """Measure both and save the results."""
    options = parse()
    times: dict[str, list[float]] = {str(jobs): [] for jobs in options.jobs}
    with tempfile.TemporaryDirectory() as folder:
        table = made_up(Path(folder), options.pairs, options.words, options)
        for turn in range(options.runs):
            for jobs in options.jobs[:: -1 if turn % 2 else 1]:
                times[str(jobs)].append(align_all(table, jobs, Path(folder) / f"out-{turn}-{jobs}"))
                print(f"run {turn + 1}, {jobs} at once: {times[str(jobs)][-1]:.1f} s", flush=True)
    sizes = [one_pair(size, options) for size in options.sizes]
    about = {name: getattr(options, name) for name in ("dimension", "dictionary", "pairs", "words")}
    save(options.output, **about, seconds=times, sizes=sizes)
    print(f"wrote {options.output}")


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = study_parser(__doc__)
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--words", type=int, default=10_000, help="of each language")
    parser.add_argument("--dimension", type=int, default=300)
    parser.add_argument("--dictionary", type=int, default=5_000, help="pairs of words")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=[12_500, 25_000, 50_000])
    parser.add_argument("--output", type=Path, default=RESULTS / "scaling.json")
    return parser.parse_args()


def made_up(folder: Path, languages: int, words: int, options: argparse.Namespace) -> Path:
    """Write vectors of a hub and other languages, a dictionary, and a table of pairs; return the table."""
    rng = np.random.default_rng(0)
    shape = (words, options.dimension)
    hub = rng.standard_normal(shape, np.float32) * np.linspace(2, 0.5, options.dimension, dtype=np.float32)
    save_vectors(WordVectors([f"hub{row}" for row in range(words)], hub), folder / "hub.npz")
    rows = rng.permutation(words)[: options.dictionary]
    (folder / "pairs.txt").write_text("".join(f"word{row}\thub{row}\n" for row in rows), "utf-8")
    lines = ["source\ttarget\tdictionary"]
    for number in range(languages):
        turn = np.linalg.qr(rng.standard_normal((options.dimension, options.dimension)))[0].astype(np.float32)
        space = hub @ turn + np.float32(NOISE) * rng.standard_normal(shape, np.float32)
        name = f"language{number}.npz"
        save_vectors(WordVectors([f"word{row}" for row in range(words)], space), folder / name)
        lines.append(f"{name}\thub.npz\tpairs.txt")
    table = folder / "pairs.tsv"
    table.write_text("\n".join([*lines, ""]), "utf-8")
    return table


def align_all(table: Path, jobs: int, output: Path) -> float:
    """Return the seconds of ``align-many`` with a number of processes."""
    command = [sys.executable, "-m", "translator_cli", "align-many", str(table), "-o", str(output), "--quiet"]
    start = time.perf_counter()
    subprocess.run([*command, "--jobs", str(jobs)], check=True)
    return time.perf_counter() - start


def one_pair(words: int, options: argparse.Namespace) -> dict[str, Any]:
    """Measure one pair on one core: seconds and megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        made_up(place, 1, words, options)
        pairs = place / "pairs.txt"
        task = Task(place / "language0.npz", place / "hub.npz", pairs, pairs, "all", place / "work")
        row = {"words": words, **asdict(run(ours(), task, timeout=DAY))}
    print(json.dumps(row), flush=True)
    return row


if __name__ == "__main__":
    main()
