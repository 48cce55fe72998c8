"""Words of the seed dictionary: how much their listed translations should gain in re-ranking.

    python -m benchmarks.studies.listed --alignments DIR --dictionaries DIR [--languages de fr]

DIR of the alignments holds the folders ``<lang>-en``, made with XLING's training pairs; that of the
dictionaries the files ``freedict.<lang>-en.{train,test}.txt``. The words are those that both dictionaries
list, and FreeDict says what is right. Results go to ``benchmarks/results/listed.json``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command_line import study_parser
from benchmarks.records import save_row
from translator import Alignment, Lexicon, load_lexicon
from translator.maps.pairs import among
from translator.ranking.calibration import calibration_error
from translator.reranking import RankedCandidates, rerank_candidates, with_dictionary
from translator.vectors import Flags

FACTORS = (1.0, 5.0, 20.0, 100.0)


def main() -> None:
    """Measure each language."""
    parser = study_parser(__doc__, "--alignments", "--dictionaries")
    parser.add_argument("--languages", nargs="+", default=["de", "fr"])
    options = parser.parse_args()
    for language in options.languages:
        alignment = Alignment.from_pretrained(options.alignments / f"{language}-en")
        files = sorted(Path(options.dictionaries).glob(f"freedict.{language}-en.*.txt"))
        other = Lexicon(tuple(pair for file in files for pair in load_lexicon(file)))
        row = {"language": language, **measure(alignment, other)}
        save_row("listed", language, row)
        print(row, flush=True)


def measure(alignment: Alignment, other: Lexicon) -> dict[str, Any]:
    """Return the likelihood ratio of a listed candidate, and the scores of each factor."""
    source, target = alignment.source.mapped, alignment.target.mapped
    truth = other.match(source, target).rows
    words = np.intersect1d(truth[:, 0], alignment.dictionary[:, 0])
    unaware = replace(alignment, dictionary=alignment.dictionary[:0])
    found = rerank_candidates(unaware, [source.words[row] for row in words], source.matrix[words])
    right, listed = (among(pairs, words[:, None], found.indices) for pairs in (truth, alignment.dictionary))
    return {
        "words": len(words),
        "listed": {"right": float(listed[right].mean()), "wrong": float(listed[~right].mean())},
        "factors": {factor: scores(found, listed, right, factor) for factor in FACTORS},
    }


def scores(found: RankedCandidates, listed: Flags, right: Flags, factor: float) -> dict[str, float]:
    """Return P@1 and the calibration error if the odds of listed candidates are multiplied by a factor."""
    probabilities = with_dictionary(found.probabilities, listed, factor)
    word, best = np.arange(len(right)), probabilities.argmax(axis=1)
    hits = right[word, best]
    error = calibration_error(probabilities[word, best], hits, 10)
    return {"p_at_1": float(hits.mean()), "calibration_error": error}


if __name__ == "__main__":
    main()
