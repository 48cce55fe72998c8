"""The tables of time and memory on the page of results."""

from __future__ import annotations

import math
from statistics import median

from benchmarks.tables.markdown import Record, table

LANGUAGES, FULL = 157, 200_000  # those that fastText has vectors of, and the words taken of each by default
PEERS = {
    "ours": "ours",
    "faiss-flat": "faiss, flat index",
    "muse": "MUSE, get_nn_avg_dist",
    "vecmap": "VecMap, eval_translation.py",
    "fasttext": "fastText, compute_csls_accuracy",
}


def csls(study: Record) -> list[str]:
    """The retrieval of whole vocabularies by the peers' own code."""
    sizes = sorted({row["words"] for row in study["rows"]})
    names = [name for name in PEERS if any(row["name"] == name for row in study["rows"])]

    def cell(name: str, words: int) -> list[str]:
        found = [row for row in study["rows"] if (row["name"], row["words"]) == (name, words)]
        if not found:
            return ["-", "-", "-"]
        seconds, ours = (
            median(row["seconds"] for row in study["rows"] if (row["name"], row["words"]) == (one, words))
            for one in (name, "ours")
        )
        megabytes = max(row["megabytes"] for row in found)
        return [f"{seconds:.1f} s", f"{seconds / ours:.2f}", f"{megabytes:,.0f} MB"]

    head = [part for words in sizes for part in (f"{words:,} words", "times ours", "memory")]
    rows = [[PEERS[name], *(part for words in sizes for part in cell(name, words))] for name in names]
    found = [
        " or ".join(sorted({f"{100 * row['p_at_1']:.1f}" for row in study["rows"] if row["words"] == words}))
        for words in sizes
    ]
    return [
        "## Retrieval by CSLS, peers and ours",
        "The mean similarity of every target with its ten nearest sources, and with it the best target of "
        f"{study['asked']:,} sources; by all of them P@1 is {' and '.join(found)} %. As many sources as "
        f"targets, {study['dimension']} dimensions, float32, {study['machine']['cores']} cores; each in a "
        "process of its own, memory besides the two matrices.",
        table(["code", *head], rows),
    ]


def memory(study: Record) -> list[str]:
    """Seconds and peak memory of whole commands."""
    rows = [
        [
            row["job"],
            row["system"],
            f"{row['seconds']:.0f} s",
            f"{row['matrices']:,.0f} MB",
            f"{row['peak']:,.0f} MB",
            row["note"].strip(),
        ]
        for row in study["rows"].values()
    ]
    return [
        "## Memory",
        f"Whole processes on {study['machine']['cores']} cores; 300 dimensions. The matrices are the vectors "
        "a job works on or makes, in float32; the peak is of anonymous memory, since pages of mapped files "
        "come and go as the machine has room.",
        table(["job", "system", "time", "matrices", "peak", "note"], rows),
    ]


def profile(study: Record) -> list[str]:
    """The lines that most of the time is spent in."""
    parts = [
        "## Where the time goes",
        f"Samples by py-spy, {study['rate']} a second: lines by their own time.",
    ]
    for job in study["jobs"]:
        rows = [[f"{100 * one['share']:.0f}%", one["place"], f"`{one['text']}`"] for one in job["lines"]]
        parts += [f"{job['name']} ({job['seconds']:.0f} s):", table(["share", "in", "line"], rows)]
    return parts


def speed(study: Record) -> list[str]:
    """One row a comparison."""
    return [
        "## Speed",
        f"Medians of paired runs on {study['machine']['cores']} cores, numpy "
        f"{study['machine']['numpy']}. The ratio is ours divided by the other: below 1 is faster.",
        compared(study),
    ]


def gpu(study: Record) -> list[str]:
    """The same on a GPU."""
    cards = sorted({row["gpu"] for row in study["rows"].values()})
    return [
        "## The exact scan on a GPU",
        f"Medians of paired runs on one {' and one '.join(cards)}, {study['machine']['cores']} cores beside "
        "it. Ours takes its matrices from the processor's memory and brings its answer back there; the bare "
        "product and MUSE have theirs on the GPU. The ratio is ours divided by the other.",
        compared(study),
    ]


def compared(study: Record) -> str:
    """Ours and another, a row a job."""
    rows = [
        [
            row["name"],
            f"{row['ours']:.2f} s",
            f"{row['other']:.2f} s",
            row["other_name"],
            f"{row['ratio']:.2f}",
            str(row["runs"]),
            row.get("note", ""),
        ]
        for row in study["rows"].values()
    ]
    return table(["job", "ours", "other", "the other is", "ratio", "runs", "note"], rows)


def scaling(study: Record) -> list[str]:
    """Wall time by number of processes, the cost of one pair by size, and an estimate for 157 languages."""
    times: dict[str, list[float]] = study["seconds"]
    alone = next(iter(times))
    rows = [
        [
            jobs,
            f"{median(seconds):.0f} s",
            f"{median(one / many for one, many in zip(times[alone], seconds, strict=True)):.2f}",
        ]
        for jobs, seconds in times.items()
    ]
    sizes = [[f"{row['words']:,}", f"{row['cpu']:.0f} s", f"{row['peak']:.0f} MB"] for row in study["sizes"]]
    return [
        "## Many pairs at once",
        f"`translator align-many` on {study['pairs']} made-up pairs of {study['words']:,} words and "
        f"{study['dimension']} dimensions, {study['dictionary']:,} pairs of words in each dictionary, "
        f"{study['machine']['cores']} cores divided among the processes: medians of {len(times[alone])} "
        f"paired runs; the gain is the time with {alone} at once divided by this one.",
        table(["at once", "wall time", "gain"], rows),
        "One such pair on one core, by size of both vocabularies:",
        table(["words", "processor time", "peak memory"], sizes),
        estimate(study["sizes"]),
    ]


def estimate(sizes: list[Record]) -> str:
    """What 157 languages with a hub would take: between two ways to go on from what was measured."""
    before, last = sorted(sizes, key=lambda row: row["words"])[-2:]
    seen = math.log(last["cpu"] / before["cpu"]) / math.log(last["words"] / before["words"])
    growth = FULL / last["words"]
    low, high = (last["cpu"] * growth**power for power in sorted((seen, 2.0)))
    hours = " to ".join(f"{LANGUAGES * seconds / 3600:,.0f}" for seconds in (low, high))
    return (
        f"Estimate, not measured: a pair of {FULL:,} words would take {low:,.0f} to {high:,.0f} s of one "
        f"core, as time grows like words^{seen:.1f} between the two largest sizes above, or like words^2, as "
        f"exact search does; and {last['peak'] * growth / 1024:.1f} GB, as memory grows like words. "
        f"{LANGUAGES} languages against a hub would be {hours} hours, divided by the number of cores."
    )


def index(study: Record) -> list[str]:
    """A row for each pair, kind of rows and engine: recall and times by expansion, the exact scan beside."""
    found = [*map(str, study["expansions"]), "exact"]
    rows = [
        [
            row["pair"],
            row["rows"],
            f"{row['lengths'][0]:.2f}-{row['lengths'][1]:.2f}",
            row["engine"],
            f"{row['build']:.0f} s",
            *(
                f"{100 * row['recall'][name]:.1f}: {row['batch'][name]:.2f}, {row['alone'][name]:.2f}"
                for name in found
            ),
        ]
        for row in study["rows"]
    ]
    made, graph = study["machine"], study["settings"]
    engines = ", ".join(f"{name} {made[name]}" for name in ("usearch", "faiss-cpu") if name in made)
    sizes = {row["pair"]: f"{row['targets'][0]:,} targets in {row['pair']}" for row in study["rows"]}
    return [
        "## CSLS by approximate neighbours",
        f"words300, all training pairs, 2,000 random source words, {', '.join(sizes.values())}; "
        f"one core, {engines}; HNSW with {graph['connectivity']} neighbours a node, built with "
        f"expansion {graph['expansion_add']}. By expansion of the search: recall@10 in percent against the "
        "exact scan of the same rows, then milliseconds a query, all in one batch and one by one. In "
        "the control the rows have the lengths of the raw vectors, and so another ranking.",
        table(["pair", "rows", "lengths", "engine", "built in", *found], rows),
    ]
