"""Measure the parts of the default ``align``, in processor seconds of one thread and in products.

    python -m benchmarks.studies.cost --data DIR [--pair en-fr] [--sizes all 1000 100 0]

DIR holds ``<lang>.vec`` and ``dictionaries/xling.<src>-<tgt>.train.txt``; a size is a number of source words
of the dictionary, 0 for none. One product is the n x m x d float32 product of the two vocabularies on the
same thread, measured right before: a unit that any machine has. Each size is a process of its own. The
measured rows are replaced in ``benchmarks/results/cost.json``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from functools import wraps
from pathlib import Path
from statistics import median
from timeit import repeat
from typing import Any

import numpy as np

import translator
from benchmarks.command_line import study_parser
from benchmarks.held_out import lexicon_of
from benchmarks.records import ROOT, save_row
from benchmarks.studies.speed import product
from benchmarks.systems import THREADS
from translator.maps.rcsls import rcsls
from translator.ranking.candidates import describe
from translator.ranking.local_agreement import local_agreement
from translator.ranking.ranker import Ranker
from translator.ranking.spelling import similarity
from translator.retrieval import search, search_both
from translator.vectors.normalize import Normalizer

MEASURE = "import sys; from benchmarks.studies.cost import measure; measure(*sys.argv[1:])"
RCSLS, REST = "RCSLS", "the rest"

# The functions whose time is that of a part. A call inside another one counts for the inner part alone,
# except inside RCSLS, whose scans are its own.
PARTS: dict[str, tuple[Any, ...]] = {
    "reading and normalising": (
        translator.load_vectors,
        translator.load_lexicon,
        vars(Normalizer)["fit"],
        vars(Normalizer)["space"],
    ),
    "scans": (search, search_both),
    RCSLS: (rcsls,),
    "ranker: spelling features": (similarity,),
    "ranker: local agreement": (local_agreement,),
    "ranker: other features": (describe,),
    "ranker: probabilities": (vars(Ranker)["probabilities"],),
    "ranker: fits": (vars(Ranker)["fit"],),
}


def main() -> None:
    """Measure each size of the dictionary in a process of its own."""
    parser = study_parser(__doc__, "--data")
    parser.add_argument("--pair", default="en-fr")
    parser.add_argument("--sizes", nargs="+", default=["all", "1000", "100", "0"])
    options = parser.parse_args()
    for size in options.sizes:
        command = [sys.executable, "-c", MEASURE, str(options.data.resolve()), options.pair, size]
        environment = {**os.environ, **THREADS}
        process = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT, env=environment)
        row = json.loads(process.stdout)
        save_row("cost", f"{row['pair']} {size}", row)
        print(row, flush=True)


def measure(data: str, pair: str, size: str) -> None:
    """Print the cost of one alignment by part, in products, as JSON."""
    files = [Path(data) / f"{language}.vec" for language in pair.split("-")]
    dictionary = Path(data) / "dictionaries" / f"xling.{pair}.train.txt"
    tables = [translator.load_vectors(file).table() for file in files]  # from now on read from the cache
    lexicon = translator.load_lexicon(dictionary)
    if size not in ("all", "0"):
        covered = lexicon_of((tables[0], tables[1]), lexicon.match(*tables).rows)
        lexicon = covered.sample(int(size))
    matrices = [np.ascontiguousarray(table.matrix, np.float32) for table in tables]
    unit = median(repeat(lambda: product(np, *matrices), timer=time.process_time, repeat=3, number=1))
    clock = Clock()
    clock.install()
    vectors = [translator.load_vectors(file) for file in files]
    translator.align(vectors[0], vectors[1], None if size == "0" else lexicon)
    clock.switch()
    products = {part: clock.seconds[part] / unit for part in (*PARTS, REST)}
    about = {"vectors": Path(data).name, "pair": pair, "size": size, "product": unit}
    words = {"words": [len(table) for table in tables], "dimension": matrices[0].shape[1]}
    print(json.dumps({**about, **words, "products": products}))


class Clock:
    """Processor seconds by part, each counted for the innermost part that runs."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.running = [REST]
        self.since = time.process_time()

    def install(self) -> None:
        """Replace every function of :data:`PARTS`, wherever the package refers to it, by a timed one."""
        modules = [module for name, module in sys.modules.items() if name.split(".")[0] == "translator"]
        for part, functions in PARTS.items():
            for function in functions:
                for holder in (*modules, Ranker, Normalizer):
                    for name in [name for name, value in vars(holder).items() if value is function]:
                        setattr(holder, name, self.timed(function, part))

    def timed(self, function: Any, part: str) -> Any:
        """Return a function, or a class method, whose time counts for a part."""
        if isinstance(function, classmethod):
            return classmethod(self.timed(function.__func__, part))

        @wraps(function)
        def run(*arguments: Any, **keywords: Any) -> Any:
            if RCSLS in self.running:
                return function(*arguments, **keywords)
            self.switch()
            self.running.append(part)
            try:
                return function(*arguments, **keywords)
            finally:
                self.switch()
                self.running.pop()

        return run

    def switch(self) -> None:
        """Count the seconds since the last call for the part that runs."""
        now = time.process_time()
        self.seconds[self.running[-1]] += now - self.since
        self.since = now


if __name__ == "__main__":
    main()
