"""The table of what a diagnosis measures."""

from __future__ import annotations

from benchmarks.tables.markdown import Record, table


def diagnosis(study: Record) -> list[str]:
    """A row a pair: what a diagnosis measures; then the planted pairs."""
    rows = [
        [
            row["pair"],
            f"{100 * row['p_at_1']:.1f}",
            f"{row['eigenvalue_divergence']:,.0f}",
            f"{row['singular_value_gap']:.2f}",
            f"{row['condition_number']:.0f}",
            *(f"{value:.1f}" for value in row["hubs"]["skewness"]),
            *(f"{value:.1f}" for value in row["hubs_of_no_map"]["skewness"]),
            f"{row['planted_found']} of {row['planted']}",
            f"{row['others_suspected']} of {row['others']:,} ({row['others_suspected'] / row['others']:.1%})",
            str(row["suspects"]),
        ]
        for row in study["rows"]
    ]
    halves = study["halves"]
    head = ["pair", "P@1", "eigenvalue divergence", "singular value gap", "condition number"]
    head += [f"{criterion} skewness{of}" for of in ("", ", no map") for criterion in ("cosine", "CSLS")]
    head += ["planted pairs suspected", "others suspected", "suspected as it is"]
    return [
        "## What a diagnosis measures",
        "words300, all training pairs, the map alone. Eigenvalue divergence over "
        f"{study['words']:,} words a side; skewness of the 10-occurrence under the map, and under a random "
        "rotation in its place. For the last columns a twentieth of the training pairs were made wrong; the "
        "very last is of the dictionary as it is. Between two halves of the words of "
        f"{halves['language']} the divergence is "
        f"{halves['eigenvalue_divergence']:,.0f} and the gap {halves['singular_value_gap']:.2f}.",
        table(head, rows),
    ]
