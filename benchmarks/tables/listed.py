"""The table of the seed dictionary as evidence in re-ranking."""

from __future__ import annotations

from benchmarks.tables.markdown import Record, table


def listed(study: Record) -> list[str]:
    """Return the section on words of the seed dictionary, judged by another dictionary."""
    rows = list(study["rows"].values())
    lines = [
        [
            row["language"],
            f"{row['words']:,}",
            f"{100 * row['listed']['right']:.0f}% / {100 * row['listed']['wrong']:.1f}%",
            *(
                f"{100 * score['p_at_1']:.1f}, {score['calibration_error']:.3f}"
                for score in row["factors"].values()
            ),
        ]
        for row in rows
    ]
    factors = [f"odds times {float(factor):.0f}" for factor in rows[0]["factors"]]
    return [
        "## Words of the seed dictionary",
        "Words that are in XLING's training pairs, which the alignment into English was made from, and in "
        "FreeDict, which says what is right. How often the seed dictionary lists right and wrong candidates, "
        "and P@1 and calibration error if re-ranking multiplies the odds of listed candidates (by 20, as "
        "`translate` does; times 1 is the ranker alone).",
        table(["from", "words", "listed: right, wrong", *factors], lines),
    ]
