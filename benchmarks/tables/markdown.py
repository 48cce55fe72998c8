"""Markdown tables and the numbers in them."""

from __future__ import annotations

from statistics import mean, stdev
from typing import Any

Record = dict[str, Any]


def table(head: list[str], rows: list[list[str]]) -> str:
    """Format a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def spread(values: list[float]) -> str:
    """Format the mean, and the standard deviation if there are several values."""
    return f"{mean(values):.1f}" + (f" ± {stdev(values):.1f}" if len(values) > 1 else "")


def bold_columns(cells: list[list[float | None]]) -> list[list[str]]:
    """Format rows of shares as percentages, the largest of each column in bold; ``-`` for None."""
    best = [
        max((round(100 * value, 1) for value in column if value is not None), default=None)
        for column in zip(*cells, strict=True)
    ]
    return [
        [
            "-"
            if value is None
            else f"**{100 * value:.1f}**"
            if round(100 * value, 1) == top
            else f"{100 * value:.1f}"
            for value, top in zip(row, best, strict=True)
        ]
        for row in cells
    ]
