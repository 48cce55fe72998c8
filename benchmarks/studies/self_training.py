"""Self-training by the least probability of pairs and the number of rounds, with a small dictionary or none.

    python -m benchmarks.studies.self_training --tasks DIR/en-fi:0 DIR/fi-en:50 ...

DIR holds ``<lang>.vec`` and ``dictionaries/xling.<src>-<tgt>.train.txt``; the number is that of the source
words of the dictionary. Results are on a held-out sixth of the source words of the *training* dictionary; the
test dictionary is not touched. With enough words, the plan holds out pairs of its own, which decide whether
self-training is kept. The measured rows are replaced in ``benchmarks/results/self_training.json``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from translator.learning.map_learner import FindPairs, MapLearner
from translator.learning.plan import plan

from benchmarks.command_line import study_parser
from benchmarks.held_out import Task, lexicon_of, read
from benchmarks.records import save_row
from translator import Options
from translator.learning import SELF_TRAINING_ROUNDS, learn_maps
from translator.learning.probable_pairs import PROBABLE, probable_pairs
from translator.learning.seed_pairs import SeedPairs, choose_seed_pairs
from translator.maps.base import Spaces
from translator.ranking.cross_fit import label, score
from translator.ranking.ranker import Ranker
from translator.retrieval import neighbourhoods
from translator.vectors import Indices, WordVectors

TRIED = ((0, PROBABLE), (1, PROBABLE), *((SELF_TRAINING_ROUNDS, least) for least in (0.1, PROBABLE, 0.3)))
KEY = ("vectors", "pair", "size", "rounds", "least")


def main() -> None:
    """Run the study."""
    parser = study_parser(__doc__)
    parser.add_argument("--tasks", nargs="+", required=True)
    for name in parser.parse_args().tasks:
        for row in study(*name.rsplit(":", 1)):
            save_row("self_training", " ".join(str(row[key]) for key in KEY), row)
            print(row, flush=True)


def study(folder: str, size: str) -> Iterator[dict[str, Any]]:
    """Yield P@1 of map and general ranker, and calibration error, by rounds and least probability."""
    path, options = Path(folder), Options()
    task = read(path.parent, path.name, "all" if size == "0" else size)
    spaces, seed = task.spaces(), seed_of(task, size)
    chosen = plan(options, seed)
    for rounds, least in TRIED if chosen.self_train else TRIED[:2]:
        judge = limited(partial(probable_pairs, task.tables, csls_k=options.csls_k, least=least), rounds)
        fitted = learn_maps(MapLearner(spaces, options, judge if rounds else None), seed, chosen)
        row = {"vectors": path.parent.name, "pair": path.name, "size": size, "rounds": rounds, "least": least}
        row["taken"] = fitted.plan.self_train
        yield row | scored(task, spaces.mapped(fitted.maps))


def seed_of(task: Task, size: str) -> SeedPairs:
    """Return the seed pairs: the dictionary, or what is used without one."""
    source, target = task.tables
    if size == "0":
        return choose_seed_pairs(source, target, task.spaces(), None)
    return choose_seed_pairs(source, target, task.spaces(), lexicon_of(task.tables, task.train))


def limited(judge: FindPairs, rounds: int) -> FindPairs:
    """Return a judge that finds no pairs after a number of rounds."""
    left = iter(range(rounds))

    def judge_of_round(shared: Spaces) -> Indices:
        return judge(shared) if next(left, None) is not None else np.empty((0, 2), np.int64)

    return judge_of_round


def scored(task: Task, shared: Spaces) -> dict[str, float]:
    """Score the map and the general ranker on the held-out pairs."""
    source, target = (
        WordVectors(table.words, rows)
        for table, rows in zip(task.tables, (shared.source, shared.target), strict=True)
    )
    means = neighbourhoods(source.matrix, target.matrix)
    return asdict(score((Ranker.general(), label(task.held, task.held, source, target, means))))


if __name__ == "__main__":
    main()
