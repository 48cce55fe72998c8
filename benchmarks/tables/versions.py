"""The table of ours before and after a change of method."""

from __future__ import annotations

from benchmarks.tables.markdown import Record, table

SHOWN = {
    "bli-words300": "words300",
    "bli-words": "words, 120 dimensions",
    "bli-freedict": "FreeDict, 120 dimensions",
}
SIZES = {"all": "all", "0": "none"}


def versions(study: Record) -> list[str]:
    """Return the section on accuracy and cost before and after the one loop of learning."""
    lines = []
    for row in study["rows"]:
        old, new = row["means"]
        cells = [f"{100 * old[name]:.1f} -> {100 * new[name]:.1f}" for name in ("map_p_at_1", "p_at_1")]
        cells.append(f"{old['calibration_error']:.3f} -> {new['calibration_error']:.3f}")
        cells.append(f"{old['cpu']:.0f} -> {new['cpu']:.0f}")
        size = SIZES.get(row["seeds"], row["seeds"])
        lines.append([SHOWN[row["study"]], size, str(row["runs"]), *cells])
    return [
        "## Before and after the one loop",
        "Self-learning, trials on held-out pairs and self-training, and the loop that replaced them: mean "
        "P@1 on the test words in percent, calibration error, and processor seconds of the whole command, on "
        "one thread. The earlier version was measured on another, faster machine: its seconds are too few. "
        "The present one was measured next to other work: its seconds are too many.",
        table(
            [
                *("vectors", "dictionary", "runs"),
                *("map", "re-ranked", "calibration error", "processor seconds"),
            ],
            lines,
        ),
    ]
