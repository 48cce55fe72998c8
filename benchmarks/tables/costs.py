"""Tables of time and memory."""

from __future__ import annotations

import math
from statistics import median

from benchmarks.tables.lexicon import SEEDS
from benchmarks.tables.markdown import Record, table

LANGUAGES, FULL = 157, 200_000  # languages with fastText vectors; words read of each by default
PEERS = {
    "ours": "ours",
    "faiss-flat": "faiss, flat index",
    "muse": "MUSE, get_nn_avg_dist",
    "vecmap": "VecMap, eval_translation.py",
    "fasttext": "fastText, compute_csls_accuracy",
}


def csls(study: Record) -> list[str]:
    """Return the section on retrieval of whole vocabularies by the code of the peers."""
    sizes = sorted({row["words"] for row in study["rows"]})
    names = [name for name in PEERS if any(row["name"] == name for row in study["rows"])]

    def cell(name: str, words: int) -> list[str]:
        runs = [row for row in study["rows"] if (row["name"], row["words"]) == (name, words)]
        if not runs:
            return ["-", "-", "-"]
        seconds, ours = (
            median(row["seconds"] for row in study["rows"] if (row["name"], row["words"]) == (one, words))
            for one in (name, "ours")
        )
        megabytes = max(row["megabytes"] for row in runs)
        return [f"{seconds:.1f} s", f"{seconds / ours:.2f}", f"{megabytes:,.0f} MB"]

    head = [part for words in sizes for part in (f"{words:,} words", "times ours", "memory")]
    rows = [[PEERS[name], *(part for words in sizes for part in cell(name, words))] for name in names]
    precisions = [
        " or ".join(sorted({f"{100 * row['p_at_1']:.1f}" for row in study["rows"] if row["words"] == words}))
        for words in sizes
    ]
    return [
        "## Retrieval by CSLS, peers and ours",
        "The job: compute the mean similarity of every target with its ten nearest sources, then the best "
        f"target of {study['asked']:,} sources by CSLS. P@1 is {' and '.join(precisions)} % with all codes. "
        f"As many sources as targets, {study['dimension']} dimensions, float32, {study['machine']['cores']} "
        "cores. Each job runs in its own process; the memory excludes the two matrices.",
        table(["code", *head], rows),
    ]


def memory(study: Record) -> list[str]:
    """Return the section on time and peak memory of whole commands."""
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
        f"Whole processes on {study['machine']['cores']} cores; 300 dimensions. `matrices` is the size of "
        "the vectors that a job reads or writes, in float32. `peak` counts anonymous memory only, because "
        "the operating system drops the pages of mapped files when it needs room.",
        table(["job", "system", "time", "matrices", "peak", "note"], rows),
    ]


def cost(study: Record) -> list[str]:
    """Return the section on the cost of the default by part, in products."""
    rows = list(study["rows"].values())
    parts = list(rows[0]["products"])
    lines = [[part, *(f"{row['products'][part]:.1f}" for row in rows)] for part in parts]
    lines.append(["**all**", *(f"**{sum(row['products'].values()):.1f}**" for row in rows)])
    units = dict.fromkeys(
        f"{row['vectors']} {row['pair']}: {row['words'][0]:,} x {row['words'][1]:,} x {row['dimension']}"
        for row in rows
    )
    seconds = median(row["product"] for row in rows)
    heads = [f"{row['pair']}, {SEEDS[row['size']]}" for row in rows]
    return [
        "## Cost of the default by part",
        "Processor time of `align` on one thread, in products. One product is the float32 product of the "
        f"two vocabularies ({'; '.join(units)}), measured right before: {seconds:.1f} s here. The scans "
        "inside RCSLS count as RCSLS. Files are read from the cache.",
        table(["part", *heads], lines),
    ]


def speed(study: Record) -> list[str]:
    """Return the section on the speed of single jobs."""
    return [
        "## Speed",
        f"Medians of paired runs on {study['machine']['cores']} cores, numpy {study['machine']['numpy']}. "
        "The ratio is our time divided by the other: below 1, ours is faster.",
        compared(study),
    ]


def gpu(study: Record) -> list[str]:
    """Return the section on the speed of the exact scan on a GPU."""
    cards = sorted({row["gpu"] for row in study["rows"].values()})
    return [
        "## The exact scan on a GPU",
        f"Medians of paired runs on one {' and one '.join(cards)}, {study['machine']['cores']} CPU cores. "
        "Ours starts from matrices in the CPU's memory and returns its result there; the matrices of the "
        "bare product and of MUSE are on the GPU already. The ratio is our time divided by the other: "
        "below 1, ours is faster.",
        compared(study),
    ]


def compared(study: Record) -> str:
    """Return the table of our times and others, a row per job."""
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
    return table(["job", "ours", "other", "other system", "ratio", "runs", "note"], rows)


def scaling(study: Record) -> list[str]:
    """Return the section on many pairs: time by number of processes, cost of a pair by size, an estimate."""
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
        f"`translator align-many` on {study['pairs']} synthetic language pairs of {study['words']:,} words "
        f"and {study['dimension']} dimensions, with dictionaries of {study['dictionary']:,} word pairs. The "
        f"{study['machine']['cores']} cores are divided among the processes. Medians of {len(times[alone])} "
        f"paired runs; the speed-up is relative to {alone} process.",
        table(["processes", "wall time", "speed-up"], rows),
        "One such pair on one core, by the size of both vocabularies:",
        table(["words", "processor time", "peak memory"], sizes),
        estimate(study["sizes"]),
    ]


def estimate(sizes: list[Record]) -> str:
    """Extrapolate the cost of 157 languages, each with a hub, between two powers of the number of words."""
    before, last = sorted(sizes, key=lambda row: row["words"])[-2:]
    measured = math.log(last["cpu"] / before["cpu"]) / math.log(last["words"] / before["words"])
    growth = FULL / last["words"]
    low, high = (last["cpu"] * growth**power for power in sorted((measured, 2.0)))
    hours = " to ".join(f"{LANGUAGES * seconds / 3600:,.0f}" for seconds in (low, high))
    return (
        f"Estimate, not measured: a pair of {FULL:,} words would take {low:,.0f} to {high:,.0f} s of one "
        f"core. The time grows like words^{measured:.1f} between the two largest sizes above; exact search "
        f"grows like words^2. It would take {last['peak'] * growth / 1024:.1f} GB, if memory grows like "
        f"words. {LANGUAGES} languages with one hub would take {hours} hours, divided by the number of "
        "cores."
    )


def index(study: Record) -> list[str]:
    """Return the section on approximate neighbours: recall and time by expansion, and the exact scan."""
    searches = [*map(str, study["expansions"]), "exact"]
    rows = [
        [
            row["pair"],
            row["rows"],
            f"{row['lengths'][0]:.2f}-{row['lengths'][1]:.2f}",
            row["engine"],
            f"{row['build']:.0f} s",
            *(
                f"{100 * row['recall'][name]:.1f}: {row['batch'][name]:.2f}, {row['alone'][name]:.2f}"
                for name in searches
            ),
        ]
        for row in study["rows"]
    ]
    made, graph = study["machine"], study["settings"]
    engines = ", ".join(f"{name} {made[name]}" for name in ("usearch", "faiss-cpu") if name in made)
    sizes = {row["pair"]: f"{row['targets'][0]:,} targets in {row['pair']}" for row in study["rows"]}
    return [
        "## CSLS by approximate neighbours",
        f"words300, all training pairs, 2,000 random source words, {', '.join(sizes.values())}; one core, "
        f"{engines}; HNSW with {graph['connectivity']} neighbours a node, built with expansion "
        f"{graph['expansion_add']}. For each expansion of the search: recall@10 in percent of the exact "
        "scan of the same rows, then milliseconds a query in one batch, then one by one. In the control, "
        "the rows have the lengths of the raw vectors, which results in another ranking.",
        table(["pair", "rows", "lengths", "engine", "built in", *searches], rows),
    ]
