"""Tables of the studies behind the defaults: methods, small dictionaries, self-training, approximations."""

from __future__ import annotations

from benchmarks.tables.markdown import Record, best_bold, bold_columns, spread, table

RCSLS_ON = ("before RCSLS", "seed pairs", "induced pairs", "both")


def choices(study: Record) -> list[str]:
    """Return the section on the start and the number of steps of RCSLS."""
    rows = [
        [row["pair"], row["size"], row["start"], *best_bold(row["p_at_1"])]
        for row in sorted(study["rows"], key=lambda row: (row["pair"], row["size"]))
    ]
    return [
        "## Start and steps of RCSLS",
        "P@1 (CSLS) in percent on a held-out sixth of the training dictionary. Rows: the number of source "
        "words in the rest of the dictionary, and the map that RCSLS starts from. Columns: the number of "
        "RCSLS steps, of the default size.",
        table(["pair", "words", "start", *(f"{step} steps" for step in study["steps"])], rows),
    ]


def small_seeds(study: Record) -> list[str]:
    """Return the section on small seed dictionaries: the training pairs of RCSLS, and the rankers."""
    maps = ("before", "seed_only", "found_only", "both")
    seeds = [
        [
            f"{row['vectors']} {row['pair']}",
            "none" if row["size"] == "0" else row["size"],
            f"{row['seed']:,}",
            "kept" if row["kept"] else "dropped",
            *best_bold([row[name] for name in maps]),
        ]
        for row in study["seeds"]
    ]
    names = [name for name in study["rankers"][0]["scores"] if name != "map"]
    rankers = [
        [
            f"{row['vectors']} {row['pair']}",
            f"{row['words']:,}",
            str(row["draws"]),
            f"{100 * row['scores']['map'][0]:.1f}",
            *(f"{100 * row['scores'][name][0]:.1f}; {row['scores'][name][1]:.3f}" for name in names),
        ]
        for row in study["rankers"]
    ]
    return [
        "## Few dictionary words, or none",
        "P@1 (CSLS) in percent on a held-out sixth of the training dictionary. Self-learning starts from the "
        "seed pairs (without a dictionary: words spelled alike) and keeps them in every round or drops them. "
        "Eight steps of RCSLS follow, on the seed pairs, on the pairs induced by self-learning, or on both.",
        table(["pair", "dictionary", "seed pairs", "in self-learning", *RCSLS_ON], seeds),
        "P@1 in percent and calibration error of rankers, averaged over several draws. They are measured "
        "on 1,000 words of the training dictionary on which neither the map nor the ranker was trained. "
        "`words` is the number of words the map was trained on, and the number of further words the ranker "
        "was trained on. The general ranker ships with the package and sees none of them. The others are "
        "trained from nothing, or start from the general ranker, which counts as much as the number of "
        "words given as pull.",
        table(["pair", "words", "draws", "map", *names], rankers),
    ]


def self_training(study: Record) -> list[str]:
    """Return the section on self-training: rounds, and the least probability of a pair."""
    rows = [
        [
            f"{row['vectors']} {row['pair']}",
            "none" if row["size"] == "0" else f"{int(row['size']):,}",
            str(row["rounds"]) if row["taken"] or not row["rounds"] else f"{row['rounds']}, rejected",
            f"{row['least']:.1f}" if row["rounds"] else "-",
            f"{100 * row['map_p_at_1']:.1f}",
            f"{100 * row['reranked_p_at_1']:.1f}",
            f"{row['calibration_error']:.3f}",
        ]
        for row in study["rows"].values()
    ]
    return [
        "## Self-training",
        "P@1 in percent of the map (CSLS) and of the general ranker, and the ranker's calibration error, "
        "on a held-out sixth of the training dictionary. In each round the map is trained on the pairs "
        "whose probability by the ranker is at least the given one in both directions. With enough words, "
        "`align` holds out pairs of its own and rejects self-training that makes the map worse on them.",
        table(
            ["pair", "dictionary", "rounds", "probability at least", "map", "re-ranked", "calibration error"],
            rows,
        ),
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
        "language pair and the number of source words in the rest of the dictionary.",
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
