"""The table of recall@10 kept between two sentence encoders."""

from __future__ import annotations

from benchmarks.tables.markdown import Record, spread, table


def encoders(study: Record) -> list[str]:
    """Return the section on neighbours kept after a change of the embedding model."""
    cells = {
        (row["source"], row["target"], row["method"], row["pairs"]): row["kept"] for row in study["rows"]
    }
    directions = dict.fromkeys((source, target) for source, target, *_ in cells)
    sizes = sorted({size for *_, size in cells})
    lines = [
        [
            f"{source} -> {target}",
            method,
            *(spread([100 * share for share in cells[source, target, method, size]]) for size in sizes),
        ]
        for source, target in directions
        for method in dict.fromkeys(method for *_, method, _ in cells)
    ]
    widths = ", ".join(f"{name} {width}" for name, width in study["widths"].items())
    return [
        "## A change of the embedding model",
        "Recall@10 kept in percent ([embedding-change.md](embedding-change.md)): the share of the 10 nearest "
        "rows of a held-out row's own vector in the target model that its mapped source vector has, too, by "
        f"cosine in the raw target space. {study['sentences']:,} English captions of Multi30k, encoded twice "
        f"(dimensions: {widths}), {study['held_out']:,} of them held out; mean and standard deviation of "
        "three draws, by the number of pairs. The first three methods are those of `align` without "
        "self-learning. RidgeCV chooses its penalty by leave-one-out.",
        table(["queries -> database", "method", *(f"{size:,} pairs" for size in sizes)], lines),
    ]
