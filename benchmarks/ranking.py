"""What the ranker adds to the map, and whether its probabilities hold, on test dictionaries.

    python -m benchmarks.ranking --data DIR --work DIR [--pairs en-fr fr-en ...]

DIR holds ``<lang>.vec`` and ``dictionaries/xling.<src>-<tgt>.{train,test}.txt``. Alignments by the whole
training dictionary are kept in the work folder. Results go to ``benchmarks/results/ranking.json``.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.bli import RESULTS, machine
from translator import Alignment, align, evaluate, load_lexicon, load_vectors
from translator.diagnosis.certainty import LEVELS, certainty
from translator.evaluation import RERANKED, answers


def main() -> None:
    """Measure each pair."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--pairs", nargs="+", default=["en-fr", "fr-en", "en-fi", "fi-en", "fr-fi", "fi-fr"])
    given = parser.parse_args()
    rows = [measure(pair, given.data, given.work / f"final-{pair}") for pair in given.pairs]
    result = {"machine": machine(), "levels": LEVELS, "rows": rows}
    (RESULTS / "ranking.json").write_text(json.dumps(result, indent=1) + "\n")


def measure(pair: str, data: Path, folder: Path) -> dict[str, Any]:
    """P@1 of map and ranker, calibration, and the parts of the test words that are surest."""
    stem = data / "dictionaries" / f"xling.{pair}"
    if not folder.exists():
        sides = [load_vectors(data / f"{language}.vec") for language in pair.split("-")]
        align(sides[0], sides[1], load_lexicon(f"{stem}.train.txt")).save(folder)
    alignment, test = Alignment.load(folder), load_lexicon(f"{stem}.test.txt")
    found, given = evaluate(alignment, test), answers(alignment, test)
    assert given.probability is not None, "the whole training dictionary is enough for a ranker"
    own = certainty(given.probability, given.ranks[RERANKED] == 1)
    return {
        "pair": pair,
        "words": found.covered,
        "map": asdict(found["csls"].p_at_1),
        "reranked": asdict(found["reranked"].p_at_1),
        "calibration_error": own.error,
        "parts": [{"share": part.share, "precision": part.met} for part in own.parts],
    }


if __name__ == "__main__":
    main()
