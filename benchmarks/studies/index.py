"""Recall and time of approximate neighbours by CSLS, compared with the exact scan.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python -m benchmarks.studies.index --data DIR --work DIR

Everything runs on one core, which makes the times comparable. DIR holds ``<lang>.vec`` and
``dictionaries/xling.<src>-<tgt>.train.txt``. Alignments are saved in the work folder. faiss is measured
in addition to usearch if it is installed. Results go to ``benchmarks/results/index.json``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.command_line import study_parser
from benchmarks.records import machine, save
from translator import Alignment, Options, align, load_lexicon, load_vectors
from translator.retrieval import search
from translator.retrieval.ann import SETTINGS, recall
from translator.retrieval.inner_product import csls_queries, csls_targets, equal_lengths
from translator.vectors import Floats, Indices
from translator.versions import versions

QUERIES, DEEP = 2000, 10
EXPANSIONS = (64, 256, 512)  # candidates kept during the search of a graph
ROUNDS = 5  # of timing, interleaved; the fastest counts
ALONE = 100  # queries timed one by one

Search = Callable[[Floats], Indices]
Walk = Callable[[int, Floats], Indices]  # by an expansion


def main() -> None:
    """Measure each pair."""
    parser = study_parser(__doc__, "--data", "--work")
    parser.add_argument("--pairs", nargs="+", default=["en-fi", "fi-en"])
    options = parser.parse_args()
    rows = [row for pair in options.pairs for row in study(pair, options.data, options.work)]
    peers = versions(*(package for package in ("usearch", "faiss-cpu") if find_spec(package.split("-")[0])))
    save("index", machine=machine() | peers, settings=SETTINGS, expansions=EXPANSIONS, rows=rows)


def study(pair: str, data: Path, work: Path) -> list[dict[str, Any]]:
    """Return a row for each kind of candidates and engine, with random source words as queries."""
    alignment = aligned(pair, data, work / f"index-{pair}")
    source, target = alignment.source.mapped.matrix, alignment.target.mapped.matrix
    words = np.random.default_rng(0).choice(len(source), QUERIES, replace=False)
    queries = csls_queries(source[words])
    exported = csls_targets(target, alignment.means.target)
    none = np.zeros((QUERIES, 1), np.float32)
    table = alignment.target.vectors.table(alignment.target.limit).matrix
    raw = lengthened(target, table)
    jobs = [
        ("as exported", "faiss", exported, queries),
        ("as exported", "usearch", exported, queries),
        ("as exported, made equally long", "usearch", equal_lengths(exported), np.hstack([queries, none])),
        ("control", "usearch", raw, source[words]),
        ("control, made equally long", "usearch", equal_lengths(raw), np.hstack([source[words], none])),
    ]
    rows = []
    for kind, engine, candidates, questions in jobs:
        if find_spec(engine):
            measures = measure(ENGINES[engine], candidates, questions)
            rows.append({"pair": pair, "rows": kind, "engine": engine, **measures})
            print(rows[-1], flush=True)
    return rows


def aligned(pair: str, data: Path, folder: Path) -> Alignment:
    """Return the alignment by the whole training dictionary, made on first use."""
    if not folder.exists():
        sides = [load_vectors(data / f"{language}.vec") for language in pair.split("-")]
        lexicon = load_lexicon(data / "dictionaries" / f"xling.{pair}.train.txt")
        align(sides[0], sides[1], lexicon, Options(rerank=False)).save_pretrained(folder)
    return Alignment.from_pretrained(folder)


def lengthened(rows: Floats, table: Floats) -> Floats:
    """Scale unit rows to the lengths of other rows."""
    longer: Floats = rows * np.linalg.norm(table, axis=1, keepdims=True)
    return longer


def measure(build: Callable[[Floats], Walk], rows: Floats, queries: Floats) -> dict[str, Any]:
    """Measure seconds to build, recall, and milliseconds per query: in one batch, and one by one."""
    lengths = np.linalg.norm(rows, axis=1)
    begun = perf_counter()
    walk = build(rows)
    built = perf_counter() - begun
    searches: dict[str, Search] = {str(depth): partial(walk, depth) for depth in EXPANSIONS}
    searches["exact"] = lambda queries: search(queries, rows, DEEP).indices
    results = {name: one(queries) for name, one in searches.items()}
    return {
        "targets": rows.shape,
        "lengths": [float(lengths.min()), float(lengths.max())],
        "build": built,
        "recall": {name: recall(indices, results["exact"]) for name, indices in results.items()},
        "batch": timed(searches, [queries]),
        "alone": timed(searches, np.split(queries[:ALONE], ALONE)),
    }


def timed(searches: Mapping[str, Search], parts: list[Floats]) -> dict[str, float]:
    """Return milliseconds per query of each search, the best of interleaved rounds."""
    times: dict[str, list[float]] = {name: [] for name in searches}
    for _ in range(ROUNDS):
        for name, one in searches.items():
            begun = perf_counter()
            for part in parts:
                one(part)
            times[name].append(1000 * (perf_counter() - begun) / sum(map(len, parts)))
    return {name: min(values) for name, values in times.items()}


def with_usearch(rows: Floats) -> Walk:
    """Build a graph with the settings of :class:`translator.retrieval.ann.AnnIndex`."""
    from usearch.index import Index

    graph: Any = Index(ndim=rows.shape[1], metric="ip", dtype="f32", **SETTINGS)
    graph.add(np.arange(len(rows)), rows, threads=1)

    def walk(depth: int, queries: Floats) -> Indices:
        graph.expansion_search = depth
        return np.asarray(graph.search(queries, DEEP, threads=1).keys, np.int64)

    return walk


def with_faiss(rows: Floats) -> Walk:
    """Build the same kind of graph with faiss."""
    import faiss

    faiss.omp_set_num_threads(1)
    graph = faiss.IndexHNSWFlat(rows.shape[1], SETTINGS["connectivity"], faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = SETTINGS["expansion_add"]
    graph.add(rows)

    def walk(depth: int, queries: Floats) -> Indices:
        graph.hnsw.efSearch = depth
        return np.asarray(graph.search(queries, DEEP)[1], np.int64)

    return walk


ENGINES: dict[str, Callable[[Floats], Walk]] = {"usearch": with_usearch, "faiss": with_faiss}

if __name__ == "__main__":
    main()
