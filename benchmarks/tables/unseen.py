"""The table of words that are not in the vocabulary."""

from __future__ import annotations

from benchmarks.tables.markdown import Record, table
from translator.diagnosis.bands import ENDS


def unseen(study: Record) -> list[str]:
    """Return the section on words withheld from the vocabulary: by their own vector, and by subwords."""
    edges = ["1", *(f"{end + 1:,}" for end in ENDS)]
    bands = [f"rank {low} to {high:,}" for low, high in zip(edges, ENDS, strict=False)]
    lines = []
    for row in study["rows"]:
        for name in ("their own vectors", "subwords alone"):
            for order, shown in (("map", "map alone"), ("reranked", "re-ranked")):
                found = row[name][order]
                total = found["p_at_1"]
                parts = [
                    "-" if one["p_at_1"] is None else f"{100 * one['p_at_1']:.1f}" for one in found["bands"]
                ]
                interval = f"{100 * total['value']:.1f} ({100 * total['low']:.1f}-{100 * total['high']:.1f})"
                lines.append([row["pair"], str(row["words"]), name, shown, interval, *parts])
    return [
        "## Words outside the vocabulary",
        "The test words were removed from the source vocabulary before the alignment. Then they were "
        "translated by the same map twice: with the vectors that the model has for them, and with vectors "
        "composed of their subwords alone. P@1 in percent with 95 % intervals, overall and by frequency "
        f"rank. The {study['limit']:,} most frequent words per language, 120 dimensions. The n-gram vectors "
        "were trained on a text that contains the test words.",
        table(["pair", "words", "vectors", "order", "P@1", *bands, f"rank {edges[-1]} on"], lines),
    ]
