"""The table of names of CLDR as seed dictionary."""

from __future__ import annotations

from benchmarks.tables.markdown import Record, table

SEEDS = {
    "nothing": "no dictionary",
    "words": "100 words",
    "names": "CLDR",
    "names and identical": "CLDR and identical",
}


def names(study: Record) -> list[str]:
    """Return the section on alignments from names of CLDR, from a small dictionary and from nothing."""
    cells = {(row["pair"], row["seeds"]): row for row in study["rows"]}
    lines = []
    for pair in dict.fromkeys(pair for pair, _ in cells):
        shown = [cells.get((pair, seeds)) for seeds in SEEDS]
        named = cells[pair, "names"]
        scores = [f"{100 * row['map']:.1f} / {100 * row['reranked']:.1f}" if row else "-" for row in shown]
        lines.append([pair, str(named["dimensions"]), str(named["pairs"]), str(named["words"]), *scores])
    return [
        "## Names of CLDR as seed dictionary",
        "P@1 in percent of the map (CSLS) / re-ranked, by seed pairs: none (words spelled alike, or "
        "structure for Russian); 100 random words of XLING; the single-word names of countries, languages, "
        "emoji and more in CLDR (`--dict cldr`); these together with the words spelled alike. Test words are "
        f"the words of XLING that are in no seed pair. The {study['limit']:,} most frequent words per "
        "language; - means not run.",
        table(["pair", "dimensions", "names found", "test words", *SEEDS.values()], lines),
    ]
