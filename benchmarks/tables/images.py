"""Tables of the image half: recall of recipes, what half precision costs, how long an epoch takes."""

from __future__ import annotations

from statistics import mean, median, stdev

from benchmarks.tables.markdown import Record, spread, table


def recipes(study: Record) -> list[str]:
    """Recall of every recipe, a table a group and language."""
    records: list[Record] = study["records"]
    groups = list(dict.fromkeys(record["group"] for record in records))
    asked = ", ".join(f"{number} captions in {code}" for code, number in study["sizes"]["test"].items())
    parts = [
        "## Pictures and captions",
        f"flickr1k (650/80/150 pictures); its test pictures have {asked}. Every run takes "
        f"{study['steps']} steps of 128 captions, or of all there are if fewer; those that start from the "
        "English model, after as many on English. Mean and standard deviation over seeds. The standard error "
        "of R@1 over 150 pictures is 2 to 3 points. Known from elsewhere on English, text to image: a plain "
        "GRU 15 / 42 / 55, tf-idf with CCA 19 / 46 / 61 (German 16 / 40 / 54).",
    ]
    for group in ("no pictures", "100 pictures", "all pictures"):
        if group in groups:
            chosen = [record for record in records if record["group"] == group]
            parts += [f"### Trained on {group} of the language", recall_table(chosen, study["chance"])]
    return parts


def precision(study: Record) -> list[str]:
    """A row a recipe and language: the sum of recalls in both precisions, and their difference by seed."""
    found: dict[tuple[str, str], dict[str, dict[int, float]]] = {}
    for record in study["records"]:
        for code, metrics in record["test"].items():
            of = found.setdefault((record["name"], code), {"float32": {}, "bfloat16": {}})
            of[record["group"]][record["seed"]] = metrics["rsum"]
    rows = []
    for (name, code), of in found.items():
        pairs = [(of["float32"][seed], of["bfloat16"][seed]) for seed in sorted(of["bfloat16"])]
        changes = [half - single for single, half in pairs]
        error = stdev(changes) / len(changes) ** 0.5
        sums = [spread(list(side)) for side in zip(*pairs, strict=True)]
        rows.append([name, code, str(len(pairs)), *sums, f"{mean(changes):+.1f} ± {error:.1f}"])
    return [
        "## Training with products in bfloat16",
        f"flickr1k, {study['steps']} steps, the test split: sums of recalls (600 at most), mean and standard "
        "deviation over seeds; then the difference between runs of one seed, its mean and standard error.",
        table(["recipe", "language", "seeds", "float32", "bfloat16", "difference"], rows),
    ]


def recall_table(records: list[Record], luck: Record) -> str:
    """Recipes down, a block a language."""
    rows = []
    for code in luck:
        of_code = [record for record in records if code in record["test"]]
        for name in sorted({r["name"] for r in of_code}, key=lambda n: (not n.startswith("mono"), n)):
            found = [record["test"][code] for record in of_code if record["name"] == name]
            rows.append([code, name, str(len(found)), *map(spread, recalls(found))])
        if of_code:
            rows.append([code, "*chance*", "", *(f"{value[0]:.1f}" for value in recalls([luck[code]]))])
    ways = [f"{way} R@{depth}" for way in ("t2i", "i2t") for depth in (1, 5, 10)]
    return table(["", "recipe", "seeds", *ways, "rsum"], rows)


def recalls(found: list[Record]) -> list[list[float]]:
    """The six recalls and rsum, a list of seeds each."""
    names = [(way, depth) for way in ("t2i", "i2t") for depth in ("r1", "r5", "r10")]
    return [[one[way][depth] for one in found] for way, depth in names] + [[one["rsum"] for one in found]]


def epoch(study: Record) -> list[str]:
    """A row for each precision; the ratio is to the plain loop in float32."""
    machine, seconds = study["machine"], study["seconds"]
    device = machine.get("device", "cpu")
    plainest = seconds["float32"]["plain"]
    rows = []
    rounded = " In bfloat16 ours rounds the factors of its GRU, the plain loop all, by torch.autocast."
    for precision, times in seconds.items():
        for who, shown in (("ours", "ours"), ("plain", "the plainest PyTorch loop")):
            ratio = median(mine / theirs for mine, theirs in zip(times[who], plainest, strict=True))
            span = f"{min(times[who]):.1f} to {max(times[who]):.1f} s"
            rows.append([shown, precision, span, f"{ratio:.2f}"])
    return [
        "## One epoch of training" + (f" on one {device}" if device != "cpu" else ""),
        f"{study['captions']:,} captions with features of width 2048, GRU 512, joint space 512, batch 128, "
        f"{machine['threads']} threads, torch {machine['torch']}; {len(plainest)} runs in turns. The ratio "
        "is the median of those to the plain loop in float32 of the same turn."
        + (rounded if "bfloat16" in seconds else ""),
        table(["system", "factors", "time", "ratio"], rows),
    ]
