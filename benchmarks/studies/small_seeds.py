"""Small dictionaries or none: training pairs of RCSLS, and rankers.

    python -m benchmarks.studies.small_seeds [--tasks DIR/en-fr ...] [--rankers DIR/en-fr ...]

DIR holds ``<lang>.vec`` and ``dictionaries/xling.<src>-<tgt>.train.txt``. Results are on a held-out sixth of
the source words of the *training* dictionary; the test dictionary is not touched. They go to
``benchmarks/results/small_seeds.json``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from translator.learning.self_learning import mutual_pairs, self_learning

from benchmarks.command_line import study_parser
from benchmarks.held_out import lexicon_of, precision, read
from benchmarks.records import load, machine, save
from translator import Options, align, load_lexicon, load_vectors
from translator.learning import UNVALIDATED_STEPS
from translator.learning.seed_pairs import SeedPairs
from translator.lexicon import identical
from translator.maps.procrustes import procrustes
from translator.maps.rcsls import rcsls
from translator.options import SELF_LEARNING_WORDS
from translator.ranking.cross_fit import LabelledCandidates, label, score
from translator.ranking.ranker import PULL, Ranker
from translator.vectors import Indices

SIZES = ("0", "100")  # dictionary words; with none, words spelled alike are the seed pairs
LEARNT_FROM = (100, 300)  # words that rankers are trained on, and as many others for their map
TEST_WORDS, DRAWS = 1000, 10  # words to evaluate rankers on, and the most dictionaries to train on
PULLS = (5, int(PULL), 100)  # towards the general ranker, of an adapted one


def main() -> None:
    """Run one of the two studies or both; keep the results of the other."""
    parser = study_parser(__doc__)
    parser.add_argument("--tasks", type=Path, nargs="*", default=[])
    parser.add_argument("--rankers", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    result: dict[str, Any] = load("small_seeds") | {"machine": machine()}
    if options.tasks:
        result["seeds"] = [
            row for task in options.tasks for size in SIZES for row in seeds(task.parent, task.name, size)
        ]
    if options.rankers:
        result["rankers"] = [row for task in options.rankers for row in rankers(task.parent, task.name)]
    save("small_seeds", **result)


def seeds(data: Path, pair: str, size: str) -> list[dict[str, Any]]:
    """Measure P@1 by the training pairs of RCSLS and by whether self-learning keeps the seed pairs."""
    task = read(data, pair, size if size != "0" else "all")
    spaces, tables = task.spaces(), task.tables
    seed_pairs = identical(*tables).match(*tables).rows if size == "0" else task.train
    rows = []
    for kept in (True, False):
        start = self_learning(spaces, seed_pairs, procrustes, kept=seed_pairs if kept else seed_pairs[:0])
        induced = mutual_pairs(spaces.frequent(SELF_LEARNING_WORDS), start)
        origin: Literal["identical", "dictionary"] = "identical" if size == "0" else "dictionary"
        both = SeedPairs(seed_pairs, origin, "").joined(induced)
        maps = [
            start,
            *(rcsls(spaces, pairs, start, steps=UNVALIDATED_STEPS) for pairs in (seed_pairs, induced, both)),
        ]
        scores = [precision(one.source, spaces, task.held) for one in maps]
        row = {"vectors": data.name, "pair": pair, "size": size, "kept": kept, "seed": len(seed_pairs)}
        rows.append(row | dict(zip(("before", "seed_only", "found_only", "both"), scores, strict=True)))
        print(rows[-1], flush=True)
    return rows


def rankers(data: Path, pair: str) -> list[dict[str, Any]]:
    """Measure P@1 and calibration error of rankers trained on as many words as the map."""
    source, target = (load_vectors(data / f"{language}.vec").table() for language in pair.split("-"))
    lexicon = load_lexicon(data / "dictionaries" / f"xling.{pair}.train.txt")
    pairs = lexicon.match(source, target).rows
    covered = lexicon_of((source, target), pairs)
    rows = []
    for count in LEARNT_FROM:
        dictionary = covered.sample(count)
        alignment = align(source, target, dictionary, Options(rerank=False))
        new: Indices = pairs[~np.isin(pairs[:, 0], dictionary.match(source, target).rows[:, 0])]
        seen = label(new, pairs, alignment.source.mapped, alignment.target.mapped, alignment.means)
        order = np.random.default_rng(0).permutation(len(seen.right))
        test, others = part(seen, order[:TEST_WORDS]), order[TEST_WORDS:]
        draws = [
            part(seen, others[start : start + count]) for start in range(0, len(others) - count + 1, count)
        ]
        rows.append({"vectors": data.name, "pair": pair, "words": count, **drawn(draws[:DRAWS], test)})
        print(rows[-1], flush=True)
    return rows


def drawn(draws: list[LabelledCandidates], test: LabelledCandidates) -> dict[str, Any]:
    """Average P@1 and calibration error of rankers over draws; return means and deviations."""
    general = Ranker.general()
    alone = score((general, test))
    scores = {"map": [alone.map_p_at_1], "general": [alone.reranked_p_at_1, alone.calibration_error]}
    fits: dict[str, Callable[[LabelledCandidates], Ranker]] = {
        "from nothing": lambda draw: Ranker.fit(draw.candidates, draw.right),
        **{f"pull {pull}": partial(adapted, pull=pull) for pull in PULLS},
    }
    for name, fit in fits.items():
        results = [score((fit(draw), test)) for draw in draws]
        each = np.array([[one.reranked_p_at_1, one.calibration_error] for one in results])
        scores[name] = [*each.mean(axis=0).tolist(), *each.std(axis=0).tolist()]
    return {"draws": len(draws), "scores": scores}


def adapted(draw: LabelledCandidates, pull: float) -> Ranker:
    """Train a ranker that starts from the general one."""
    return Ranker.fit(draw.candidates, draw.right, Ranker.general(), pull=pull)


def part(answers: LabelledCandidates, rows: Indices) -> LabelledCandidates:
    """Select words by row."""
    return LabelledCandidates(answers.candidates[rows], answers.right[rows])


if __name__ == "__main__":
    main()
