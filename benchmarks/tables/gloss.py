"""The table of captions that are searched as glosses."""

from __future__ import annotations

from benchmarks.tables.markdown import Record, table


def gloss(study: Record) -> list[str]:
    """Return the section on sentence retrieval across languages."""
    lines = [
        [row["language"], row["pairs"], scores["encoder"], scores["reading"], *_cells(scores)]
        for row in study["rows"].values()
        for scores in row["rows"]
    ]
    queries = max((row["queries"] for row in study["rows"].values()), default=0)
    head = ["language", "seed pairs", "encoder", "the query", "R@1", "R@5", "R@10", "R@1 centred"]
    return [
        "## Captions of other languages searched among English ones",
        f"{queries:,} captions of Multi30k a language, each searched among 1,000 English ones, one of "
        "them its original, by two encoders that only know English: the sentence encoder "
        "all-MiniLM-L6-v2, and the mean of word vectors. Recall in percent; centred: after the mean of "
        "the queries and that of the gallery are subtracted. The standard error of R@1 is about 1. Without "
        "a dictionary the alignments start from names of CLDR. BLEU "
        "and chrF (sacrebleu) compare the text of the query with the English original, without letter "
        "case. `gloss, in context` prefers candidates near the expected vectors of the other words; "
        "`translator gloss` does not do that. Its row and that of several senses are written without the "
        "punctuation that the best words keep; [methods.md](methods.md) compares them without that "
        "difference. The word vectors have 120 dimensions and were trained on text that includes the "
        "training captions of this data set, so texts of other domains may give lower numbers.",
        table([*head, "BLEU", "chrF"], lines),
    ]


def _cells(scores: Record) -> list[str]:
    recalls = [*scores["plain"].values(), scores["centred"]["R@1"]]
    overlap = [f"{scores[name]:.1f}" if name in scores else "-" for name in ("BLEU", "chrF")]
    return [*(f"{value:.1f}" for value in recalls), *overlap]
