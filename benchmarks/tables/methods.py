"""Tables of the studies behind the defaults: constants, adaptation, alternatives, approximations."""

from __future__ import annotations

from statistics import fmean

from benchmarks.tables.markdown import Record, bold_columns, spread, table

CONSTANTS = {
    "strength": "ridge strength",
    "steps": "RCSLS steps",
    "enough": "pairs for RCSLS",
    "probable": "least probability of a pair for RCSLS",
    "rounds": "most rounds",
    "settled": "growth that ends the rounds",
    "least": "least probability of a pair",
    "words": "words a side",
}
SIZES = {"0": "none", "100": "100", "1000": "1,000", "all": "all"}


def learning(study: Record) -> list[str]:
    """Return the section on the constants of learning: the defaults, and differences of other values."""
    rows: list[Record] = list(study["rows"].values())
    defaults = {task(row): row for row in rows if row["constant"] == "default"}
    absolute = [
        [
            f"{row['vectors']} {row['pair']}",
            SIZES[row["size"]],
            f"{row['vocabularies'][0]:,} x {row['vocabularies'][1]:,}",
            str(row["words"]),
            f"{100 * row['map_p_at_1']:.1f}",
            f"{100 * row['reranked_p_at_1']:.1f}",
            f"{row['calibration_error']:.3f}",
            str(row["rounds"]),
            f"{row['expected']:,.0f}",
        ]
        for row in sorted(defaults.values(), key=lambda row: (*task(row)[:2], list(SIZES).index(row["size"])))
    ]
    relative = [
        [
            CONSTANTS[name],
            "rotation" if value is None else f"{value:,g}",
            SIZES[size],
            *difference(runs, defaults),
        ]
        for name in CONSTANTS
        for value in dict.fromkeys(row["value"] for row in rows if row["constant"] == name)
        for size in SIZES
        if (
            runs := [
                row for row in rows if (row["constant"], row["value"], row["size"]) == (name, value, size)
            ]
        )
    ]
    return [
        "## Constants of learning",
        "P@1 in percent of the map (CSLS) and of the general ranker, the ranker's calibration error, and the "
        "expected number of right pairs found in the last round, on a held-out sixth of the training "
        "dictionary. `dictionary` is the number of source words in the rest. The defaults:",
        table(
            [
                *("pair", "dictionary", "vocabularies", "held-out words", "map", "re-ranked"),
                *("calibration error", "rounds", "right pairs"),
            ],
            absolute,
        ),
        "One constant changed at a time: the difference from the default, averaged over the tasks. With a "
        "few hundred held-out words per task, a difference of a point or two is noise.",
        table(
            [
                *("constant", "value", "dictionary", "tasks", "map", "re-ranked"),
                *("calibration error", "right pairs"),
            ],
            relative,
        ),
    ]


def task(row: Record) -> tuple[str, str, str]:
    """Return vectors, language pair and size of the dictionary of a run."""
    return row["vectors"], row["pair"], row["size"]


def difference(runs: list[Record], defaults: dict[tuple[str, str, str], Record]) -> list[str]:
    """Format the number of runs, and their mean differences from the defaults on the same tasks."""

    def less(name: str) -> float:
        return fmean(row[name] - defaults[task(row)][name] for row in runs)

    before = fmean(defaults[task(row)]["expected"] for row in runs)
    return [
        str(len(runs)),
        *(f"{100 * less(name):+.1f}" for name in ("map_p_at_1", "reranked_p_at_1")),
        f"{less('calibration_error'):+.3f}",
        f"{less('expected') / before:+.0%}" if before else "-",
    ]


def adaptation(study: Record) -> list[str]:
    """Return the section on the adaptation of the general ranker: its pull, words and iterations."""
    names = [name for name in study["pulls"][0]["scores"] if name != "map"]
    pulls = [
        [
            f"{row['vectors']} {row['pair']}",
            f"{row['words']:,}",
            str(row["draws"]),
            f"{100 * row['scores']['map'][0]:.1f}",
            *(f"{100 * row['scores'][name][0]:.1f}; {row['scores'][name][1]:.3f}" for name in names),
        ]
        for row in study["pulls"]
    ]
    fits = [
        [
            f"{row['vectors']} {row['pair']}",
            f"{row['words']:,}",
            str(row["iterations"]),
            f"{100 * row['map']:.1f}",
            f"{100 * row['p_at_1']:.1f}",
            f"{row['calibration_error']:.3f}",
            f"{row['seconds']:.1f} s",
        ]
        for row in study.get("fits", [])
    ]
    section = [
        "## Adapting the ranker",
        "P@1 in percent and calibration error of rankers, averaged over several draws. They are measured "
        "on 1,000 words of the training dictionary on which neither the map nor the ranker was trained. "
        "`words` is the number of words the map was trained on, and the number of further words the ranker "
        "was trained on. The general ranker ships with the package and sees none of them. The others are "
        "trained from nothing, or start from the general ranker, which counts as much as the number of "
        "words given as pull.",
        table(["pair", "words", "draws", "map", *names], pulls),
    ]
    if not fits:
        return section
    return [
        *section,
        "The size of one fit: rankers adapted to more or fewer words by at most so many iterations, under a "
        "map of 1,000 other words, and the processor time of the fit.",
        table(["pair", "words", "iterations", "map", "re-ranked", "calibration error", "time"], fits),
    ]


def alternatives(study: Record) -> list[str]:
    """Return the section on methods that are not defaults."""
    rows: list[Record] = study["rows"]
    tasks = list(dict.fromkeys((row["pair"], row["size"]) for row in rows))
    methods = list(dict.fromkeys(row["method"] for row in rows))
    scores = {(row["method"], row["pair"], row["size"]): row["p_at_1"] for row in rows}
    cells = bold_columns([[scores.get((method, *task)) for task in tasks] for method in methods])
    return [
        "## Alternatives to the default methods",
        "P@1 (CSLS) of the map in percent on a held-out sixth of the training dictionary. Columns: the "
        "language pair and the number of source words in the rest of the dictionary."
        + (f" Vocabularies of {limit:,} words." if (limit := study.get("limit")) else ""),
        table(
            ["method", *(f"{pair}, {size}" for pair, size in tasks)],
            [[method, *line] for method, line in zip(methods, cells, strict=True)],
        ),
    ]


def approximations(study: Record) -> list[str]:
    """Return the section on approximations: CSLS on a sample of words, and shortlists in RCSLS."""
    sizes = list(study["samples"][0]["p_at_1"])
    heads = [
        "no correction" if size == "0" else "all words" if size == "all" else f"{int(size):,}"
        for size in sizes
    ]
    samples = [
        [
            row["pair"],
            str(row["words"]),
            *(spread([100 * one for one in row["p_at_1"][size]]) for size in sizes),
        ]
        for row in study["samples"]
    ]
    steps = [
        [
            row["pair"],
            str(row["step"]),
            f"{row['exact_loss']:.6f}",
            f"{row['loss']:.6f}",
            f"{row['wrong']:.2%}",
            f"{row['seconds'] / row['full_seconds']:.2f}",
        ]
        for row in study["shortlists"]
    ]
    return [
        "## Cost of approximations",
        "`--csls-sample`: P@1 in percent of a Procrustes map on a held-out fifth of the training dictionary. "
        "Columns: the number of random words among which CSLS searches neighbourhoods, three draws each.",
        table(["pair", "held-out words", *heads], samples),
        "Shortlists in RCSLS: at each step of the default size, the loss computed by full scans and by "
        "shortlists, the share of neighbourhoods whose mean similarity differs, and the processor time "
        "divided by that of full scans.",
        table(["pair", "step", "loss, full scans", "loss, shortlists", "differ", "time"], steps),
    ]
