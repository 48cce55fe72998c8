"""Few dictionary words, or none: what RCSLS should learn from, and which ranker should order the candidates.

    python -m benchmarks.studies.small_seeds [--tasks DIR/en-fr ...] [--rankers DIR/en-fr ...]

DIR holds ``<lang>.vec`` and ``dictionaries/xling.<src>-<tgt>.train.txt``. A sixth of the source words of the
*training* dictionary is held out and asked; the test dictionary is not touched. Results go to
``benchmarks/results/small_seeds.json``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from benchmarks.held_out import lexicon_of, precision, read
from benchmarks.records import load, machine, save
from translator import Options, align, load_lexicon, load_vectors
from translator.learning import UNVALIDATED_STEPS
from translator.learning.seed_pairs import SeedPairs
from translator.learning.self_learning import mutual_pairs, self_learning
from translator.lexicon import identical
from translator.maps.procrustes import procrustes
from translator.maps.rcsls import rcsls
from translator.options import SELF_LEARNING_WORDS
from translator.ranking.cross_fit import LabelledCandidates, label, score
from translator.ranking.ranker import PULL, Ranker
from translator.vectors import Indices

SIZES = ("0", "100")  # dictionary words; with none, words spelled alike are the seed
LEARNT_FROM = (100, 300)  # words that rankers learn from, and as many others that their map was told
ASKED, DRAWS = 1000, 10  # words that rankers are asked, and dictionaries each is learnt from at the most
PULLS = (5, int(PULL), 100)  # of the general ranker on one that is adapted


def main() -> None:
    """Run what is asked for of both studies; the other stays as it was."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=Path, nargs="*", default=[])
    parser.add_argument("--rankers", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    result: dict[str, Any] = load("small_seeds") | {"machine": machine()}
    if given.tasks:
        result["seeds"] = [
            row for task in given.tasks for size in SIZES for row in seeds(task.parent, task.name, size)
        ]
    if given.rankers:
        result["rankers"] = [row for task in given.rankers for row in rankers(task.parent, task.name)]
    save("small_seeds", **result)


def seeds(data: Path, pair: str, size: str) -> list[dict[str, Any]]:
    """P@1 by whether self-learning keeps the seed, before RCSLS and after it, by what that learnt from."""
    task = read(data, pair, size if size != "0" else "all")
    spaces, tables = task.spaces(), task.tables
    seed = identical(*tables).match(*tables).rows if size == "0" else task.train
    rows = []
    for kept in (True, False):
        start = self_learning(spaces, seed, procrustes, kept=seed if kept else seed[:0])
        found = mutual_pairs(spaces.frequent(SELF_LEARNING_WORDS), start)
        origin: Literal["identical", "dictionary"] = "identical" if size == "0" else "dictionary"
        both = SeedPairs(seed, origin, "").joined(found)
        maps = [
            start,
            *(rcsls(spaces, pairs, start, steps=UNVALIDATED_STEPS) for pairs in (seed, found, both)),
        ]
        scores = [precision(one.source, spaces, task.held) for one in maps]
        row = {"vectors": data.name, "pair": pair, "size": size, "kept": kept, "seed": len(seed)}
        rows.append(row | dict(zip(("before", "seed_only", "found_only", "both"), scores, strict=True)))
        print(rows[-1], flush=True)
    return rows


def rankers(data: Path, pair: str) -> list[dict[str, Any]]:
    """P@1 and calibration error of rankers learnt from as many words as the map was told."""
    source, target = (load_vectors(data / f"{language}.vec").table() for language in pair.split("-"))
    lexicon = load_lexicon(data / "dictionaries" / f"xling.{pair}.train.txt")
    pairs = lexicon.match(source, target).rows
    covered = lexicon_of((source, target), pairs)
    rows = []
    for count in LEARNT_FROM:
        told = covered.sample(count)
        alignment = align(source, target, told, Options(rerank=False))
        new: Indices = pairs[~np.isin(pairs[:, 0], told.match(source, target).rows[:, 0])]
        seen = label(new, pairs, alignment.source.mapped, alignment.target.mapped, alignment.means)
        order = np.random.default_rng(0).permutation(len(seen.right))
        asked, others = part(seen, order[:ASKED]), order[ASKED:]
        draws = [
            part(seen, others[start : start + count]) for start in range(0, len(others) - count + 1, count)
        ]
        rows.append({"vectors": data.name, "pair": pair, "words": count, **drawn(draws[:DRAWS], asked)})
        print(rows[-1], flush=True)
    return rows


def drawn(draws: list[LabelledCandidates], asked: LabelledCandidates) -> dict[str, Any]:
    """Mean P@1, calibration error, and deviation of both, of rankers learnt from each draw."""
    general = Ranker.general()
    alone = score((general, asked))
    scores = {"map": [alone.map_p_at_1], "general": [alone.reranked_p_at_1, alone.calibration_error]}
    ways: dict[str, Callable[[LabelledCandidates], Ranker]] = {
        "from nothing": lambda own: Ranker.fit(own.candidates, own.right),
        **{f"pull {pull}": partial(adapted, pull=pull) for pull in PULLS},
    }
    for name, way in ways.items():
        found = [score((way(own), asked)) for own in draws]
        each = np.array([[one.reranked_p_at_1, one.calibration_error] for one in found])
        scores[name] = [*each.mean(axis=0).tolist(), *each.std(axis=0).tolist()]
    return {"draws": len(draws), "scores": scores}


def adapted(own: LabelledCandidates, pull: float) -> Ranker:
    """The general ranker, moved."""
    return Ranker.fit(own.candidates, own.right, Ranker.general(), pull=pull)


def part(labelled: LabelledCandidates, rows: Indices) -> LabelledCandidates:
    """Some of the words."""
    return LabelledCandidates(labelled.candidates[rows], labelled.right[rows])


if __name__ == "__main__":
    main()
