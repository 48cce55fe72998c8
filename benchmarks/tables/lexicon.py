"""Tables of the lexicon benchmark: accuracy, comparison with the best peer, subsets of the words, cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from statistics import mean

from benchmarks.comparison import MAP, OURS
from benchmarks.tables.markdown import Record, bold_columns, table
from translator.diagnosis.bands import ENDS

SEEDS = {
    "all": "all training pairs",
    "1000": "1,000 source words",
    "100": "100 source words",
    "10": "10 source words",
    "0": "no dictionary",
}


def bli(study: Record) -> list[str]:
    """Return the section on one study."""
    rows: list[Record] = study["rows"]
    pairs = sorted({row["pair"] for row in rows}, key=lambda pair: (sorted(pair.split("-")), pair))
    parts = [
        f"## Lexicon accuracy: {study['title']}",
        "P@1 in percent. Candidates are the whole target vocabulary; any listed translation counts as right; "
        'test words outside the vocabulary are left out. Peers and "ours, map alone" retrieve by CSLS '
        "(k = 10). The best of each column is bold; - means not run. Several random dictionaries of one "
        "size are averaged. MUSE selects among its iterations on the test dictionary; the other systems do "
        "not see it. The 95 % bootstrap interval of each number is 2 to 3 points to either side; the "
        "paired comparisons below "
        "are sharper. " + study["note"],
    ]
    for seeds, title in SEEDS.items():
        chosen = [row for row in rows if row["seeds"] == seeds]
        if chosen:
            parts += [f"### {title}", accuracy(chosen, pairs)]
    parts += ["### Difference from the best peer", *against(study["comparisons"])]
    parts += ["### By frequency and by number of listed translations", *by_part(rows)]
    parts += calibration(rows)
    parts += ["### Cost, one thread", cost(rows)]
    if study["failed"]:
        names = sorted({f"{one['system']} ({one['pair']}, {one['seeds']})" for one in study["failed"]})
        parts.append(f"Without a result: {', '.join(names)}.")
    return parts


def ordered(rows: Sequence[Record]) -> list[str]:
    """List the systems, ours first."""
    names = dict.fromkeys(row["system"] for row in rows)
    return sorted(names, key=lambda name: (name != OURS, name != MAP, name))


def average(rows: Sequence[Record], value: Callable[[Record], float | None]) -> float | None:
    """Return the mean over runs; None without any."""
    values = [one for one in map(value, rows) if one is not None]
    return mean(values) if values else None


def accuracy(rows: Sequence[Record], pairs: Sequence[str]) -> str:
    """Return a table of P@1: a row per system, a column per pair, and the mean of systems that ran on all."""
    systems = ordered(rows)
    cells = []
    for system in systems:
        of_pairs = by_pair(rows, system, pairs)
        cells.append([*of_pairs, mean_of_all(of_pairs)])
    draws = {name: len({row["draw"] for row in rows if row["system"] == name}) for name in systems}
    names = [name if draws[name] == 1 else f"{name}, {draws[name]} draws" for name in systems]
    lines = [[name, *line] for name, line in zip(names, bold_columns(cells), strict=True)]
    return table(["system", *pairs, "mean"], lines)


def by_pair(rows: Sequence[Record], system: str, pairs: Iterable[str]) -> list[float | None]:
    """Return P@1 of a system on each pair, averaged over draws; None where it was not run."""
    return [
        average([row for row in rows if (row["system"], row["pair"]) == (system, pair)], p_at_1)
        for pair in pairs
    ]


def mean_of_all(values: Sequence[float | None]) -> float | None:
    """Return the mean; None if a value is missing."""
    present = [value for value in values if value is not None]
    return mean(present) if present and len(present) == len(values) else None


def p_at_1(row: Record) -> float:
    """Return P@1 of one run."""
    value: float = row["p_at_1"]["value"]
    return value


def against(comparisons: Sequence[Record]) -> list[str]:
    """Return the table of differences from the best peer."""
    lines = []
    for seeds, title in SEEDS.items():
        for pair in dict.fromkeys(one["pair"] for one in comparisons if one["seeds"] == seeds):
            mine = {one["system"]: one for one in comparisons if (one["seeds"], one["pair"]) == (seeds, pair)}
            shown = [
                f"{one['value']:+.1%} ({one['low']:+.1%} to {one['high']:+.1%}), p {one['p']:.2g}".replace(
                    "%", ""
                )
                for one in (mine[OURS], mine[MAP])
            ]
            lines.append([title, pair, mine[OURS]["peer"], *shown])
    return [
        "P@1 less that of the best peer, in points, paired by test word: the 95 % bootstrap interval in "
        "brackets, and p of a sign-flip permutation test.",
        table(["dictionary", "pair", "best peer", "ours", "map alone"], lines),
    ]


def by_part(rows: Sequence[Record]) -> list[str]:
    """Return the table of P@1 by subset of the test words, for systems that ran on all pairs."""
    largest = next(seeds for seeds in SEEDS if any(row["seeds"] == seeds for row in rows))
    chosen = [row for row in rows if row["seeds"] == largest]
    pairs = {row["pair"] for row in chosen}
    systems = [
        name for name in ordered(chosen) if {row["pair"] for row in chosen if row["system"] == name} == pairs
    ]
    edges = ["1", *(f"{band + 1:,}" for band in ENDS)]
    bands = [f"{low} to {high:,}" for low, high in zip(edges, ENDS, strict=False)] + [f"{edges[-1]} on"]
    heads = [*(f"rank {band}" for band in bands), *(f"{number} listed" for number in ("1", "2", "3 or more"))]
    cells = []
    for system in systems:
        mine = [row for row in chosen if row["system"] == system]
        cells.append(
            [
                pooled([row[kind][place] for row in mine])
                for kind, size in (("bands", len(bands)), ("listed", 3))
                for place in range(size)
            ]
        )
    lines = [[name, *line] for name, line in zip(systems, bold_columns(cells), strict=True)]
    return [
        f"P@1 in percent with {SEEDS[largest]}, on the test words of all language pairs together: by "
        "frequency rank of the source word, and by the number of translations listed for it in the test "
        "dictionary.",
        table(["system", *heads], lines),
    ]


def pooled(parts: Sequence[Record]) -> float | None:
    """Return P@1 on the words of several runs together."""
    words = sum(part["words"] for part in parts)
    return sum(part["words"] * part["p_at_1"] for part in parts if part["words"]) / words if words else None


def calibration(rows: Sequence[Record]) -> list[str]:
    """Return the tables on the calibration of our probabilities, a row per run."""
    runs = [row for row in rows if "calibration" in row]
    if not runs:
        return []
    levels = [
        f"{part['level']:.0%} expected: share, measured" for part in runs[0]["calibration"]["selections"]
    ]
    lines = []
    for row in sorted(runs, key=lambda row: (list(SEEDS).index(row["seeds"]), row["pair"], row["draw"])):
        measures = row["calibration"]
        parts = [
            f"{part['share']:.0%}, " + ("-" if part["observed"] is None else f"{part['observed']:.1%}")
            for part in measures["selections"]
        ]
        errors = [f"{measures[kind]:.3f}" for kind in ("error", "chance")]
        lines.append([SEEDS[row["seeds"]], row["pair"], *errors, *parts])
    bins = [one for row in runs for one in row["calibration"]["bins"]]
    return [
        "### Calibration of the probabilities",
        "Expected calibration error of the best candidate's probability on the test words, and the mean "
        "error of exact probabilities on as many words. For each expected precision: the largest share of "
        "the words that should reach it, and the precision measured on these words.",
        table(["dictionary", "pair", "calibration error", "of exact probabilities", *levels], lines),
        "Reliability: the test words of all runs by predicted probability.",
        reliability(bins),
    ]


def reliability(bins: Sequence[Record]) -> str:
    """Return the table of expected and measured precision in ten ranges of probability."""
    lines = []
    for step in range(10):
        chosen = [one for one in bins if step <= 10 * one["expected"] < step + 1]
        if chosen:
            words = sum(one["words"] for one in chosen)
            expected, observed = (
                sum(one["words"] * one[kind] for one in chosen) / words for kind in ("expected", "observed")
            )
            lines.append(
                [
                    f"{step / 10:.1f} to {(step + 1) / 10:.1f}",
                    f"{words:,}",
                    f"{expected:.1%}",
                    f"{observed:.1%}",
                ]
            )
    return table(["probability", "words", "expected", "measured"], lines)


def cost(rows: Sequence[Record]) -> str:
    """Return the table of processor time and peak memory, averaged over runs."""
    lines = []
    for seeds, title in SEEDS.items():
        chosen = [row for row in rows if row["seeds"] == seeds and row["system"] != MAP]
        for system, gpu in product(ordered(chosen), (False, True)):
            costs = [row["cost"] for row in chosen if (row["system"], row["gpu"]) == (system, gpu)]
            if costs:
                cpu, peak = (mean(cost[part] for cost in costs) for part in ("cpu", "peak"))
                name = f"{system}, with a GPU" if gpu else system
                lines.append([title, name, str(len(costs)), f"{cpu:.0f} s", f"{peak:.0f} MB"])
    return table(["dictionary", "system", "runs", "processor", "peak memory"], lines)
