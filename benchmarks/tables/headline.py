"""The table of the README: ours and the best peer, by size of the dictionary."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchmarks.comparison import MAP, OURS
from benchmarks.tables.lexicon import SEEDS, by_pair, mean_of_all
from benchmarks.tables.markdown import Record, table

MARKS = re.compile(r"(<!-- headline[^>]*-->\n).*?(<!-- /headline -->)", re.DOTALL)


def headline(studies: Sequence[Record]) -> str:
    """Return the table of mean P@1 by study: ours, and the best peer among those that ran on all pairs."""
    rows = [[title, *(cell(study["rows"], seeds) for study in studies)] for seeds, title in SEEDS.items()]
    return table(["dictionary", *(languages(study["rows"]) for study in studies)], rows)


def languages(rows: Sequence[Record]) -> str:
    """Name the languages of a study."""
    pairs = {row["pair"] for row in rows}
    names = sorted({name for pair in pairs for name in pair.split("-")})
    return f"{', '.join(names)} ({len(pairs)} directions)"


def cell(rows: Sequence[Record], seeds: str) -> str:
    """Format our mean P@1 and that of the best peer, for one size of dictionary."""
    rows = [row for row in rows if row["seeds"] == seeds]
    pairs = {row["pair"] for row in rows}
    means = {
        name: value
        for name in {row["system"] for row in rows}
        if (value := mean_of_all(by_pair(rows, name, pairs))) is not None
    }
    ours = means.pop(OURS, None)
    means.pop(MAP, None)
    if ours is None or not means:
        return "-"
    best = max(means, key=lambda name: means[name])
    return f"**{100 * ours:.1f}** / {100 * means[best]:.1f} ({best})"


def insert(page: str, shown: str) -> str:
    """Replace the table between the two marks of a page."""
    return MARKS.sub(lambda marks: f"{marks[1]}{shown}\n{marks[2]}", page)
