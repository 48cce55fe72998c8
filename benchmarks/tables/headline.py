"""The lexicon benchmark in one small table, for the README: ours and the best peer, by size of dictionary."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchmarks.comparison import MAP, OURS
from benchmarks.tables.lexicon import SEEDS, by_pair, mean_of_all
from benchmarks.tables.markdown import Record, table

PLACE = re.compile(r"(<!-- headline[^>]*-->\n).*?(<!-- /headline -->)", re.DOTALL)


def headline(studies: Sequence[Record]) -> str:
    """Means over the pairs of each study, ours and those of the best peer that was run on all of them."""
    rows = [[title, *(cell(study["rows"], seeds) for study in studies)] for seeds, title in SEEDS.items()]
    return table(["dictionary", *(languages(study["rows"]) for study in studies)], rows)


def languages(rows: Sequence[Record]) -> str:
    """What a study is about."""
    pairs = {row["pair"] for row in rows}
    names = sorted({name for pair in pairs for name in pair.split("-")})
    return f"{', '.join(names)} ({len(pairs)} directions)"


def cell(rows: Sequence[Record], seeds: str) -> str:
    """Ours against the best peer."""
    rows = [row for row in rows if row["seeds"] == seeds]
    pairs = {row["pair"] for row in rows}
    means = {
        name: found
        for name in {row["system"] for row in rows}
        if (found := mean_of_all(by_pair(rows, name, pairs))) is not None
    }
    ours = means.pop(OURS, None)
    means.pop(MAP, None)
    if ours is None or not means:
        return "-"
    best = max(means, key=lambda name: means[name])
    return f"**{100 * ours:.1f}** / {100 * means[best]:.1f} ({best})"


def placed(text: str, shown: str) -> str:
    """A page with the table at its place."""
    return PLACE.sub(lambda found: f"{found[1]}{shown}\n{found[2]}", text)
