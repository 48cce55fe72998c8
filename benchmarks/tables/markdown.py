"""Small pieces of Markdown that the tables of the results share."""

from __future__ import annotations

from statistics import mean, stdev
from typing import Any

Record = dict[str, Any]


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def spread(values: list[float]) -> str:
    """Mean, and standard deviation of several."""
    return f"{mean(values):.1f}" + (f" ± {stdev(values):.1f}" if len(values) > 1 else "")


def best_bold(values: list[float]) -> list[str]:
    """Percentages, the largest in bold."""
    return [f"**{100 * value:.1f}**" if value == max(values) else f"{100 * value:.1f}" for value in values]


def bold_columns(cells: list[list[float | None]]) -> list[list[str]]:
    """Percentages row by row, the largest of each column in bold; - where there is none."""
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
