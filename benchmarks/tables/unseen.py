"""The table of words that are not in the vocabulary."""

from __future__ import annotations

from benchmarks.tables.markdown import Record, table
from translator.diagnosis.bands import ENDS


def unseen(study: Record) -> list[str]:
    """Withheld words with the vectors they had and with those of their subwords, and by frequency."""
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
        "## Words never seen",
        "The test words were taken out of the source vocabulary before the alignment, then asked through the "
        "same map with the vectors the model had for them and with their subwords alone; P@1 in percent with "
        f"95 % intervals, and by the frequency rank they had. The {study['limit']:,} most frequent words a "
        "side, 120 dimensions. The n-grams were trained on a text that held these words.",
        table(["pair", "words", "vectors", "order", "P@1", *bands, f"rank {edges[-1]} on"], lines),
    ]
