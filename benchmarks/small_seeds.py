"""Few dictionary words, or none: what RCSLS should learn from, and which ranker should order the candidates.

    python -m benchmarks.small_seeds --tasks DIR/en-fr ... [--rankers DIR/en-fr ...]

DIR holds ``<lang>.vec`` and ``dictionaries/xling.<src>-<tgt>.train.txt``. A sixth of the source words of the
*training* dictionary is held out and asked; the test dictionary is not touched. Results go to
``benchmarks/results/small_seeds.json``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Literal

import numpy as np

from benchmarks.bli import RESULTS, machine
from benchmarks.held_out import precision, read
from translator import Options, align, load_lexicon, load_vectors
from translator.candidates import Candidates
from translator.cross_fit import Answers, ask, score
from translator.fitting import UNCHECKED_STEPS
from translator.lexicon import identical
from translator.maps.procrustes import procrustes
from translator.maps.rcsls import rcsls
from translator.maps.self_learning import VOCABULARY, mutual_pairs, self_learning
from translator.ranker import Ranker
from translator.seeds import Seed
from translator.vectors import Indices

SIZES = ("0", "100")  # dictionary words; with none, words spelled alike are the seed
LEARNT_FROM = (100, 300, 1000)  # words that rankers learn from
TOLD, ASKED = 1000, 1000  # words that the map of the rankers was fitted on, and words they are asked


def main() -> None:
    """Run both studies."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=Path, nargs="+", required=True)
    parser.add_argument("--rankers", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    result: dict[str, Any] = {"machine": machine(), "seeds": [], "rankers": []}
    for task in given.tasks:
        for size in SIZES:
            result["seeds"] += seeds(task.parent, task.name, size)
    for task in given.rankers:
        result["rankers"] += rankers(task.parent, task.name)
    (RESULTS / "small_seeds.json").write_text(json.dumps(result, indent=1) + "\n")


def seeds(data: Path, pair: str, size: str) -> list[dict[str, Any]]:
    """P@1 by whether self-learning keeps the seed, before RCSLS and after it, by what that learnt from."""
    task = read(data, pair, size if size != "0" else "all")
    spaces, tables = task.spaces(), task.tables
    seed = identical(*tables).match(*tables).rows if size == "0" else task.train
    rows = []
    for kept in (True, False):
        start = self_learning(spaces, seed, procrustes, keep_seed=kept)
        found = mutual_pairs(spaces.frequent(VOCABULARY), start)
        origin: Literal["identical", "dictionary"] = "identical" if size == "0" else "dictionary"
        both = Seed(seed, origin, "").beside(found)
        maps = [start, *(rcsls(spaces, pairs, start, steps=UNCHECKED_STEPS) for pairs in (seed, found, both))]
        scores = [precision(one.source, spaces, task.held) for one in maps]
        row = {"vectors": data.name, "pair": pair, "size": size, "kept": kept, "seed": len(seed)}
        rows.append(row | dict(zip(("before", "seed_only", "found_only", "both"), scores, strict=True)))
        print(rows[-1], flush=True)
    return rows


def rankers(data: Path, pair: str) -> list[dict[str, Any]]:
    """P@1 and calibration error of the general ranker, of one learnt from nothing, and of one adapted."""
    source, target = (load_vectors(data / f"{language}.vec").table() for language in pair.split("-"))
    lexicon = load_lexicon(data / "dictionaries" / f"xling.{pair}.train.txt")
    told = lexicon.sample(TOLD)
    alignment = align(source, target, told, Options(rerank="no"))
    pairs, known = (part.match(source, target).rows for part in (lexicon, told))
    new: Indices = pairs[~np.isin(pairs[:, 0], known[:, 0])]
    seen = ask(new, pairs, alignment.source.mapped, alignment.target.mapped, alignment.means)
    order = np.random.default_rng(0).permutation(len(seen.right))
    asked, rows = part(seen, order[:ASKED]), []
    general = Ranker.general()
    for count in LEARNT_FROM:
        own = part(seen, order[ASKED : ASKED + count])
        made = {
            "general": general,
            "from_nothing": Ranker.fit(own.seen, own.right),
            "adapted": Ranker.fit(own.seen, own.right, general),
        }
        row = {"vectors": data.name, "pair": pair, "words": count, "map": [float(asked.right[:, 0].mean())]}
        for name, ranker in made.items():
            scores = score((ranker, asked))
            row[name] = [scores["reranked_p_at_1"], scores["calibration_error"]]
        rows.append(row)
        print(rows[-1], flush=True)
    return rows


def part(answers: Answers, rows: Indices) -> Answers:
    """Some of the words."""
    seen = answers.seen
    chosen = Candidates(
        seen.indices[rows], seen.scores[rows], seen.features[rows], seen.queries[rows], seen.mutual[rows]
    )
    return Answers(chosen, answers.right[rows])


if __name__ == "__main__":
    main()
