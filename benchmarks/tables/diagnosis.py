"""The table of what a diagnosis measures."""

from __future__ import annotations

from benchmarks.tables.markdown import Record, table


def diagnosis(study: Record) -> list[str]:
    """Return the section on the measures of a diagnosis."""
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
    head += ["wrong pairs suspected", "others suspected", "suspected in the unchanged dictionary"]
    return [
        "## Measures of a diagnosis",
        "words300, all training pairs, the map without a ranker. The eigenvalue divergence is computed on "
        f"{study['words']:,} words per language. The skewness is that of the 10-occurrence, under the map "
        "and under a random rotation instead of the map. To see which wrong pairs are suspected, a "
        "twentieth of the training pairs were made wrong; the last column counts suspects in the unchanged "
        f"dictionary. Between two halves of the words of {halves['language']}, the divergence is "
        f"{halves['eigenvalue_divergence']:,.0f} and the gap is {halves['singular_value_gap']:.2f}.",
        table(head, rows),
    ]
