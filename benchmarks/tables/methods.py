"""Tables of the studies behind the defaults: methods, small dictionaries, self-training, approximations."""

from __future__ import annotations

from benchmarks.tables.markdown import Record, best_bold, bold_columns, spread, table

RCSLS_ON = ("before RCSLS", "on the seed", "on the found", "on both")


def choices(study: Record) -> list[str]:
    """Held-out P@1 by start and number of RCSLS steps."""
    rows = [
        [row["pair"], row["size"], row["start"], *best_bold(row["p_at_1"])]
        for row in sorted(study["rows"], key=lambda row: (row["pair"], row["size"]))
    ]
    return [
        "## What the defaults rest on",
        "P@1 (CSLS) in percent on a sixth of the training dictionary that was held out, after so many RCSLS "
        "steps of the default size, by where RCSLS started from and how many source words it was given.",
        table(["pair", "words", "start", *(f"{step} steps" for step in study["steps"])], rows),
    ]


def small_seeds(study: Record) -> list[str]:
    """What RCSLS learns from with a small seed; the general ranker against others."""
    maps = ("before", "seed_only", "found_only", "both")
    seeds = [
        [
            f"{row['vectors']} {row['pair']}",
            "none" if row["size"] == "0" else row["size"],
            f"{row['seed']:,}",
            "kept" if row["kept"] else "let go",
            *best_bold([row[name] for name in maps]),
        ]
        for row in study["seeds"]
    ]
    ways = [name for name in study["rankers"][0]["scores"] if name != "map"]
    rankers = [
        [
            f"{row['vectors']} {row['pair']}",
            f"{row['words']:,}",
            str(row["draws"]),
            f"{100 * row['scores']['map'][0]:.1f}",
            *(f"{100 * row['scores'][way][0]:.1f}; {row['scores'][way][1]:.3f}" for way in ways),
        ]
        for row in study["rankers"]
    ]
    return [
        "## Few dictionary words, or none",
        "P@1 (CSLS) in percent on a sixth of the training dictionary that was held out: self-learning from "
        "so many pairs (with no dictionary, words spelled alike), which stay in every round or are let go, "
        "then eight steps of RCSLS on the seed, on what self-learning found, or on both.",
        table(["pair", "dictionary", "seed pairs", "in self-learning", *RCSLS_ON], seeds),
        "P@1 in percent and calibration error of rankers on 1,000 words of the training dictionary that "
        "neither map nor ranker was told, means of several draws. The map knows so many others. The general "
        "ranker ships; the others learnt from so many words more, from nothing or from the general one on, "
        "which then weighs as much as the words of its pull.",
        table(["pair", "words", "draws", "the map", *ways], rankers),
    ]


def self_training(study: Record) -> list[str]:
    """What likely pairs do for a map, by rounds and by how likely they must be."""
    rows = [
        [
            f"{row['vectors']} {row['pair']}",
            "none" if row["size"] == "0" else f"{int(row['size']):,}",
            str(row["rounds"]) if row["taken"] or not row["rounds"] else f"{row['rounds']}, not taken",
            f"{row['least']:.1f}" if row["rounds"] else "-",
            f"{100 * row['map_p_at_1']:.1f}",
            f"{100 * row['reranked_p_at_1']:.1f}",
            f"{row['calibration_error']:.3f}",
        ]
        for row in study["rows"].values()
    ]
    return [
        "## Self-training",
        "P@1 in percent of the map (CSLS) and of the general ranker, and its calibration error, on a sixth "
        "of the training dictionary that was held out, after so many rounds of learning from the pairs that "
        "the ranker holds for so likely in both directions. Where the plan holds out pairs of its own, they "
        "decide whether these are learnt from.",
        table(["pair", "dictionary", "rounds", "at least", "the map", "re-ranked", "error"], rows),
    ]


def alternatives(study: Record) -> list[str]:
    """Held-out P@1 by method, a column a pair and size."""
    rows: list[Record] = study["rows"]
    tasks = list(dict.fromkeys((row["pair"], row["size"]) for row in rows))
    methods = list(dict.fromkeys(row["method"] for row in rows))
    found = {(row["method"], row["pair"], row["size"]): row["p_at_1"] for row in rows}
    cells = bold_columns([[found.get((method, *task)) for task in tasks] for method in methods])
    return [
        "## What was tried beside the defaults",
        "P@1 (CSLS) of the map in percent on a sixth of the training dictionary that was held out.",
        table(
            ["method", *(f"{pair}, {size}" for pair, size in tasks)],
            [[method, *line] for method, line in zip(methods, cells, strict=True)],
        ),
    ]


def approximations(study: Record) -> list[str]:
    """P@1 by size of the sample; steps of RCSLS by shortlists and by full scans."""
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
        "## What approximations cost",
        "`--csls-sample`: P@1 in percent of a Procrustes map on a fifth of the training dictionary that was "
        "held out, by how many random words CSLS sought neighbourhoods among (three draws).",
        table(["pair", "words asked", *heads], samples),
        "Shortlists in RCSLS: the loss by full scans and by shortlists at each step of the default size, the "
        "share of neighbourhoods whose mean differs, and processor time against that of full scans.",
        table(["pair", "step", "loss, full scans", "loss, shortlists", "differ", "time"], steps),
    ]
