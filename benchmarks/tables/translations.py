"""The table of lexicons with a fixed and with a dynamic number of translations a word."""

from __future__ import annotations

from benchmarks.tables.markdown import Record, table


def translations(study: Record) -> list[str]:
    """Return the section on precision and recall of lists of translations."""
    lines = []
    for row in study["rows"].values():
        for words in ("all", "several"):
            lines += [
                [f"{row['vectors']} {row['pair']}", _described(words, row[words]), label, *_cells(scores)]
                for label, scores in row[words]["lists"].items()
            ]
    return [
        "## One translation a word, or all that are probable",
        "Lists for the test words of XLING by an alignment with all training pairs: the best translations, "
        "or, as `translator lexicon --at-least` keeps them, all that are right with at least a probability, "
        "at most ten a word. Right are the translations that XLING or FreeDict list, training and test, both "
        "directions. They list few of all right translations, so the real precision is higher. Covered: "
        "share of the test words with a translation in the list.",
        table(["pair", "test words", "list", "precision", "recall", "F1", "a word", "covered"], lines),
    ]


def _described(words: str, row: Record) -> str:
    kind = "all" if words == "all" else "with several translations"
    return f"{row['words']:,} {kind}, {row['listed']:.2f} listed a word"


def _cells(scores: dict[str, float]) -> list[str]:
    shares = [f"{100 * scores[name]:.1f}" for name in ("precision", "recall", "f1")]
    return [*shares, f"{scores['size']:.2f}", f"{100 * scores['covered']:.1f}"]
