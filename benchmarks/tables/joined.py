"""The table of answers that another dictionary accepts."""

from __future__ import annotations

from benchmarks.tables.markdown import Record, table


def joined(study: Record) -> list[str]:
    """Return the section on P@1 by one dictionary, and by all dictionaries of a pair joined."""
    lines = []
    for row in study["rows"].values():
        cells = [
            f"{100 * row[lexicon][order]:.1f}"
            for order in ("csls", "reranked")
            for lexicon in ("test", "joined")
        ]
        listed = f"{row['test']['translations']:.2f} / {row['joined']['translations']:.2f}"
        lines.append([f"{row['vectors']} {row['pair']}", listed, *cells])
    return [
        "## What one dictionary does not list",
        "The same answers scored by the test dictionary, and by all dictionaries of the pair joined (XLING "
        "and FreeDict, training and test, both directions; the test words are the same). All training pairs. "
        "A person accepts still more: of 45 answers to English words that the French test dictionary counts "
        "as wrong, read one by one, about a third were right and a fifth were another inflection of a right "
        "one (by hand).",
        table(
            [
                "pair",
                "translations a word: test / joined",
                *("map, test", "map, joined", "re-ranked, test", "re-ranked, joined"),
            ],
            lines,
        ),
    ]
