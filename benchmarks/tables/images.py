"""Tables of the image half: recall of recipes, effect of bfloat16 on recall, time of an epoch."""

from __future__ import annotations

from statistics import mean, median, stdev

from benchmarks.tables.markdown import Record, spread, table

GROUPS = {  # of the records -> headings
    "no pictures": "Zero-shot: no images with captions in the language",
    "100 pictures": "100 training images with captions in the language",
    "all pictures": "All training images with captions in the language",
}


def recipes(study: Record) -> list[str]:
    """Return the section on recall, a table for each amount of training images."""
    records: list[Record] = study["records"]
    groups = {record["group"] for record in records}
    captions = ", ".join(f"{number} captions in {code}" for code, number in study["sizes"]["test"].items())
    parts = [
        "## Images and captions",
        f"flickr1k (650/80/150 images); its test images have {captions}. Every run takes {study['steps']} "
        "steps of 128 captions, or of all captions if there are fewer. Runs that start from the English "
        "model take these steps after as many on English. BLI: words are read by the map (`--through map`). "
        "The learning rate is 0.001 throughout. Mean and standard deviation over random seeds; "
        "the standard error of R@1 over 150 images is 2 to 3 points. Other systems on English, text to "
        "image, R@1 / R@5 / R@10: a plain GRU 15 / 42 / 55, tf-idf with CCA 19 / 46 / 61 (German 16 / 40 / "
        "54).",
    ]
    for group, title in GROUPS.items():
        if group in groups:
            chosen = [record for record in records if record["group"] == group]
            parts += [f"### {title}", recall_table(chosen, study["chance"])]
    return parts


WAYS = {  # of reading a language -> rows
    "monolingual": "trained on all its captions",
    "zero-shot, map": "zero-shot: mapped vector",
    "zero-shot, nearest by CSLS": "zero-shot: nearest word",
    "zero-shot, best of the ranker": "zero-shot: best word of the ranker",
    "zero-shot, ten nearest by CSLS": "zero-shot: ten nearest words, softmax over CSLS",
    "zero-shot, lexicon": "**zero-shot: through the lexicon (default)**",
    "100 images, map": "100 images with captions: mapped vector",
    "100 images, lexicon": "100 images with captions: through the lexicon",
}


def reading(study: Record) -> list[str]:
    """Return the section on how words of a language are read by a model of English."""
    parts = [
        "## Words through the map and through the lexicon",
        "rsum (the sum of the six recalls, at most 600) on the test split, of a model trained on English "
        "captions, 560 steps: mean over random seeds, with standard deviation where there are several. "
        "Zero-shot: no caption of the language was seen. *Through the lexicon*: a word is the mean of the "
        "English vectors of its ten best translations, by their probabilities. With 100 images, training "
        "starts from the English model, with a learning rate of 0.0001, and keeps the best epoch, the start "
        "included. Alignments with all pairs of the training dictionaries. The next section has more models "
        "of one language alone, after as many steps.",
    ]
    for data in sorted({row["data"] for row in study["rows"]}):
        rows = [row for row in study["rows"] if row["data"] == data]
        languages = list(dict.fromkeys(row["language"] for row in rows))
        lines = [[shown, *(_rsums(rows, code, way) for code in languages)] for way, shown in WAYS.items()]
        luck = {row["language"]: f"{row['chance']:.0f}" for row in rows}
        lines = [line for line in lines if any(cell != "-" for cell in line[1:])]
        lines.append(["*chance*", *(luck[code] for code in languages)])
        parts += [f"### {data}", table(["", *languages], lines)]
    return parts


def _rsums(rows: list[Record], code: str, way: str) -> str:
    found = [row["test"] for row in rows if (row["language"], row["way"]) == (code, way)]
    if not found:
        return "-"
    return spread(found) if len(found) > 1 else f"{found[0]:.1f} (one seed)"


def precision(study: Record) -> list[str]:
    """Return the section on training in bfloat16: rsum in both precisions, and the paired difference."""
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
        "## Training in bfloat16",
        "rsum (the sum of the six recalls, at most 600) on the test split of flickr1k after "
        f"{study['steps']} steps: mean and standard deviation over random seeds. The difference is between "
        "runs of the same random seed: mean and standard error.",
        table(["recipe", "language", "seeds", "float32", "bfloat16", "difference"], rows),
    ]


def recall_table(records: list[Record], luck: Record) -> str:
    """Return the table of recalls: languages, and the recipes of each."""
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
    """Return the six recalls and rsum, each as a list over random seeds."""
    names = [(way, depth) for way in ("t2i", "i2t") for depth in ("r1", "r5", "r10")]
    return [[one[way][depth] for one in found] for way, depth in names] + [[one["rsum"] for one in found]]


def epoch(study: Record) -> list[str]:
    """Return the section on the time of a training epoch."""
    machine, seconds = study["machine"], study["seconds"]
    device = machine.get("device", "cpu")
    plainest = seconds["float32"]["plain"]
    rows = []
    rounded = (
        " With bfloat16, ours rounds the factors of the GRU's products; the plain loop rounds all factors, "
        "by torch.autocast."
    )
    for precision, times in seconds.items():
        for who, shown in (("ours", "ours"), ("plain", "plain PyTorch loop")):
            ratio = median(mine / theirs for mine, theirs in zip(times[who], plainest, strict=True))
            span = f"{min(times[who]):.1f} to {max(times[who]):.1f} s"
            rows.append([shown, precision, span, f"{ratio:.2f}"])
    return [
        "## One epoch of training" + (f" on one {device}" if device != "cpu" else ""),
        f"{study['captions']:,} captions with features of width 2048, GRU 512, joint space 512, batch 128, "
        f"{machine['threads']} threads, torch {machine['torch']}; {len(plainest)} runs of each, "
        "interleaved. The ratio is the median of the times divided by those of the plain loop in float32 "
        "in the "
        "same turn." + (rounded if "bfloat16" in seconds else ""),
        table(["system", "factors", "time", "ratio"], rows),
    ]
