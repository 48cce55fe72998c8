"""Time of single jobs by peers and by ours, on the same input, in turns.

    python -m benchmarks.studies.speed [--quick] [--runs 3] [--data DIR] [--align-py DIR] [--only NAME...]

DIR of ``--data`` holds ``en.vec``, ``fr.vec`` and ``dictionaries/xling.en-fr.{train,test}.txt``; that of
``--align-py`` is a checkout of fastText. Without them, the jobs that need them are skipped. The measured rows
are replaced in ``benchmarks/results/speed.json``; ``--quick`` takes small sizes and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from runpy import run_path
from statistics import median
from timeit import timeit
from typing import Any

import numpy as np

from benchmarks.command_line import study_parser
from benchmarks.records import ROOT, save_row
from translator import load_lexicon, load_vectors
from translator.maps.base import Spaces
from translator.maps.history import RcslsStep
from translator.maps.pairs import WeightedPairs
from translator.maps.procrustes import procrustes
from translator.maps.rcsls import rcsls
from translator.retrieval import MEMORY, csls_bias, neighbourhoods, reciprocal, search, search_both
from translator.retrieval.scan import COLUMNS, MAX_ROWS
from translator.vectors import Floats
from translator.vectors.normalize import NormalizationStep, Normalizer, unit_rows

STEPS = 10  # of align.py, its default
MOST_STEPS = 20  # of ours, to find how many are needed for align.py's loss
DECIMALS = 4  # of the losses that align.py prints
REFINE = "import sys; from benchmarks.studies.speed import refine; refine(*sys.argv[1:])"

Job = Callable[[], object]
Row = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """Sizes, number of runs, and files; ``vectors`` are searched and read, ``words`` aligned."""

    folder: Path
    runs: int
    data: Path
    align_py: Path
    queries: int = 20_000
    vectors: int = 200_000
    dimension: int = 300
    words: int = 200_000


def main() -> None:
    """Measure the chosen jobs and save their rows."""
    options = parse()
    sizes = {"queries": 2_000, "vectors": 10_000, "words": 3_000} if options.quick else {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TRANSLATOR_CACHE"] = str(Path(folder) / "cache")
        setting = Setting(Path(folder), options.runs, options.data, options.align_py, **sizes)
        for name in options.only:
            row = {**MEASURES[name](setting), "runs": options.runs}
            print(json.dumps(row), flush=True)
            if not options.quick:
                save_row("speed", name, row, MEASURES)


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = study_parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes; writes nothing")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--align-py", type=Path, help="a checkout of fastText, for alignment/align.py")
    parser.add_argument("--only", nargs="+", choices=list(MEASURES), metavar="NAME")
    options = parser.parse_args()
    missing = set() if options.data and options.align_py else NEED_FASTTEXT
    options.only = options.only or [name for name in MEASURES if name not in missing]
    if lacking := missing.intersection(options.only):
        parser.error(f"{', '.join(sorted(lacking))}: give --data and --align-py")
    return options


def compare(
    name: str, ours: Job, others: Mapping[str, Job], runs: int, repeat: int = 1, note: str = ""
) -> Row:
    """Time all jobs in turns, in reversed order every other run; return ours and the fastest other."""
    jobs = {"ours": ours, **others}
    times: dict[str, list[float]] = {label: [] for label in jobs}
    for run in range(runs):
        for label in list(jobs)[:: -1 if run % 2 else 1]:
            times[label].append(timeit(jobs[label], number=repeat) / repeat)
    other = min(others, key=lambda label: median(times[label]))
    return {
        "name": name,
        "ours": median(times["ours"]),
        "other": median(times[other]),
        "other_name": other,
        "ratio": median(mine / its for mine, its in zip(times["ours"], times[other], strict=True)),
        "note": note,
    }


def output_of(*command: str | Path) -> str:
    """Return the output of a process, run in the root of the checkout."""
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT).stdout


def top_ten(rows: Floats, columns: Floats, device: str = "cpu") -> None:
    """Find the ten best columns of each row."""
    search(rows, columns, 10, device=device)


def both_means(rows: Floats, columns: Floats, device: str = "cpu") -> None:
    """Compute both CSLS means."""
    neighbourhoods(rows, columns, device=device)


def lexicon(rows: Floats, columns: Floats, device: str = "cpu") -> None:
    """Find all mutual pairs under CSLS."""
    means = neighbourhoods(rows, columns, device=device)
    forward, backward = search_both(
        rows,
        columns,
        1,
        source_bias=csls_bias(means.source),
        target_bias=csls_bias(means.target),
        device=device,
    )
    reciprocal(forward.indices[:, 0], backward.indices[:, 0])


def retrieval(setting: Setting, name: str, job: Callable[[Floats, Floats], None]) -> Row:
    """Compare a search with the bare matrix product in the same blocks."""
    import torch

    queries = random_rows(setting.queries, setting.dimension, random_state=1)
    candidates = random_rows(setting.vectors, setting.dimension, random_state=2)
    tensors = torch.from_numpy(queries), torch.from_numpy(candidates)
    tracemalloc.start()
    job(queries, candidates)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return compare(
        f"{name}, {setting.queries:,} x {setting.vectors:,} x {setting.dimension}",
        lambda: job(queries, candidates),
        {
            "the bare product, numpy": lambda: product(np, queries, candidates),
            "the bare product, torch": lambda: product(torch, *tensors),
        },
        setting.runs,
        note=f"peak {peak / 2**20:.0f} MiB in addition to the input; the budget is {MEMORY / 2**20:.0f} MiB",
    )


def random_rows(n: int, dimension: int, random_state: int) -> Floats:
    """Return unit rows in random directions, float32 [n, dimension]."""
    return unit_rows(np.random.default_rng(random_state).standard_normal((n, dimension), np.float32))


def product(library: Any, rows: Any, columns: Any) -> None:
    """Compute every block of ``rows @ columns.T`` into one buffer; the library is numpy or torch."""
    block = library.empty(MAX_ROWS * COLUMNS, dtype=library.float32)
    for top in range(0, len(rows), MAX_ROWS):
        block_rows = rows[top : top + MAX_ROWS]
        for left in range(0, len(columns), COLUMNS):
            others = columns[left : left + COLUMNS]
            scores = block[: len(block_rows) * len(others)].reshape(len(block_rows), len(others))
            library.matmul(block_rows, others.T, out=scores)


def reading(setting: Setting) -> Row:
    """Compare parsing a text file with gensim."""
    from gensim.models import KeyedVectors

    file = generated(setting.folder, setting.vectors, setting.dimension)
    return read_against(
        "gensim load_word2vec_format", partial(KeyedVectors.load_word2vec_format, str(file)), setting
    )


def reading_fasttext(setting: Setting) -> Row:
    """Compare parsing a text file with the loader of fastText's alignment scripts."""
    file = setting.align_py.resolve() / "alignment" / "utils.py"
    load = run_path(str(file))["load_vectors"]
    vectors = generated(setting.folder, setting.vectors, setting.dimension)
    job = partial(load, str(vectors), maxload=-1, norm=False, verbose=False)
    return read_against("fastText alignment/utils.py", job, setting)


def read_against(peer: str, job: Job, setting: Setting) -> Row:
    """Compare parsing a text file with another reader."""
    file = generated(setting.folder, setting.vectors, setting.dimension)
    name = f"reading a .vec of {setting.vectors:,} x {setting.dimension}"
    return compare(name, lambda: load_vectors(file, cache=False), {peer: job}, setting.runs)


def reloading(setting: Setting) -> Row:
    """Compare reading from the cache with parsing."""
    file = generated(setting.folder, setting.vectors, setting.dimension)
    load_vectors(file)
    return compare(
        "reading it again, from the cache",
        lambda: load_vectors(file).table().matrix.sum(),
        {"parsing it": lambda: load_vectors(file, cache=False)},
        setting.runs,
        note="every value of the memory map is read",
    )


def generated(folder: Path, vectors: int, dimension: int) -> Path:
    """Return a text file of random vectors with four decimals, written on first use."""
    file = folder / "random.vec"
    if not file.exists():
        line = "word%d" + " %.4f" * dimension + "\n"
        with file.open("w", encoding="utf-8") as stream:
            stream.write(f"{vectors} {dimension}\n")
            for number, row in enumerate(random_rows(vectors, dimension, random_state=3)):
                stream.write(line % (number, *row.tolist()))
    return file


def helping(setting: Setting) -> Row:
    """Compare the help of the command line with that of the smallest click program."""
    smallest = setting.folder / "smallest.py"
    smallest.write_text("import click\nclick.command()(lambda: None)()\n")
    return compare(
        "translator --help",
        lambda: output_of(Path(sys.executable).with_name("translator"), "--help"),
        {"the smallest click program": lambda: output_of(sys.executable, smallest, "--help")},
        setting.runs,
        repeat=10,
    )


def refining(setting: Setting, lr: float) -> Row:
    """Compare whole processes of RCSLS, from the files to align.py's lowest loss, without writing vectors.

    :raises ValueError: the two start from different losses, hence solve different problems; or ours does not
        reach align.py's loss.
    """
    data, script = setting.data.resolve(), setting.align_py.resolve() / "alignment" / "align.py"
    source, target = data / "en.vec", data / "fr.vec"
    train, test = (data / "dictionaries" / f"xling.en-fr.{part}.txt" for part in ("train", "test"))
    words = str(setting.words)

    peer = partial(
        output_of, sys.executable, script, "--center", "--lr", str(lr), "--niter", str(STEPS),
        "--src_emb", source, "--tgt_emb", target, "--dico_train", train, "--dico_test", test,
        "--maxload", words,
    )  # fmt: skip
    ours = partial(output_of, sys.executable, "-c", REFINE, source, target, train, words)
    theirs = [float(loss) for loss in re.findall(r"\] f = (\S+)", peer())]
    lowest = min(theirs)
    losses = [round(loss, DECIMALS) for loss in json.loads(ours(str(MOST_STEPS)))]
    steps = next((step for step, loss in enumerate(losses) if loss <= lowest), None)
    if steps is None or abs(losses[0] - theirs[0]) > 2 * 10**-DECIMALS:
        raise ValueError(f"not comparable: losses {losses} of ours, {theirs} of align.py")
    return compare(
        "RCSLS en-fr to the same loss or lower",
        partial(ours, str(steps)),
        {f"align.py, lr {lr:g}, {STEPS} steps": peer},
        setting.runs,
        note=f"loss {losses[steps]:.4f} after {steps} steps; align.py {lowest:.4f}; start {theirs[0]:.4f}",
    )


def refine(source: str, target: str, dictionary: str, words: str, steps: str) -> None:
    """Print the loss before and after each step of ours; run as a process by :func:`refining`."""
    tables = [load_vectors(file, limit=int(words), cache=False).table() for file in (source, target)]
    recipe: tuple[NormalizationStep, ...] = ("unit", "center")
    spaces = Spaces(*(Normalizer.fit(table.matrix, recipe).space(table.matrix) for table in tables))
    pairs = WeightedPairs.certain(load_lexicon(dictionary).match(*tables).rows)
    maps = rcsls(spaces, pairs, procrustes(spaces, pairs), steps=int(steps))
    print(json.dumps([step.loss for step in maps.history if isinstance(step, RcslsStep)]))


MEASURES: dict[str, Callable[[Setting], Row]] = {
    "search": partial(retrieval, name="exact top 10", job=top_ten),
    "means": partial(retrieval, name="both CSLS means", job=both_means),
    "lexicon": partial(retrieval, name="mutual CSLS lexicon", job=lexicon),
    "read": reading,
    "read-fasttext": reading_fasttext,
    "reload": reloading,
    "help": helping,
    "rcsls-lr1": partial(refining, lr=1),
    "rcsls-lr10": partial(refining, lr=10),
}

NEED_FASTTEXT = {"read-fasttext", "rcsls-lr1", "rcsls-lr10"}

if __name__ == "__main__":
    main()
