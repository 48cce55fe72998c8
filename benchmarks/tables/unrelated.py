"""The table of the consistency of real and of meaningless alignments."""

from __future__ import annotations

from benchmarks.tables.markdown import Record, table

USEFUL = 0.1  # P@1 from which a warning is counted as a false alarm


def unrelated(study: Record) -> list[str]:
    """Return the section on warnings without a dictionary: false alarms, misses, and every case."""
    rows = study["rows"]
    useful = [row for row in rows if row["p_at_1"] >= USEFUL]
    useless = [row for row in rows if row["p_at_1"] < USEFUL]
    lines = [
        [
            row["pair"],
            row["kind"],
            row["seeds"],
            f"{row['words']:,}",
            str(row["dimensions"]),
            f"{100 * row['p_at_1']:.1f}",
            "-" if row["consistency"] is None else f"{row['consistency']:.2f}",
            "yes" if row["warned"] else "no",
        ]
        for row in rows
    ]
    return [
        "## Is it a translation map? Consistency without a dictionary",
        "Alignments without dictionary, of real languages and of spaces without translations: *shuffled* "
        "has the target's vectors assigned to other words at random (seeds from spelling), or each of its "
        "principal components shuffled by itself (seeds from structure); *random* has normally distributed "
        "vectors. P@1 in percent of the map on XLING; consistency is what `align` prints, and warns of. "
        f"False alarms: {sum(row['warned'] for row in useful)} of {len(useful)} maps with P@1 of "
        f"{100 * USEFUL:.0f} % and more. Misses: {sum(not row['warned'] for row in useless)} of "
        f"{len(useless)} others.",
        table(["pair", "vectors", "seeds", "words", "dimensions", "P@1", "consistency", "warned"], lines),
    ]
