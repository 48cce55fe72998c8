"""Vary the constants of learning, one at a time, on held-out words of training dictionaries.

    python -m benchmarks.studies.learning --tasks DIR/en-fr:0 DIR/fi-en:1000 DIR/fi-en:all ... [--limit 10000]

DIR holds ``<lang>.vec`` and ``dictionaries/xling.<src>-<tgt>.train.txt``; the number is that of the source
words of the dictionary. Results are on a held-out sixth of the source words of the *training* dictionary; the
test dictionary is not touched. The measured rows are replaced in ``benchmarks/results/learning.json``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks.command_line import study_parser
from benchmarks.held_out import Task, lexicon_of, read
from benchmarks.records import save_row
from translator import Options
from translator.learning import ENOUGH, PROBABLE, ROUNDS, SETTLED, MapLearner
from translator.learning.probable_pairs import LEAST, probable_pairs
from translator.learning.seed_pairs import WORDS, SeedPairs, choose_seed_pairs
from translator.maps.base import Maps, Spaces
from translator.maps.pairs import WeightedPairs
from translator.maps.procrustes import procrustes
from translator.maps.rcsls import STEPS
from translator.maps.ridge import STRENGTH, ridge
from translator.ranking.cross_fit import label, score
from translator.ranking.ranker import Ranker
from translator.ranking.shared_space import SharedSpace
from translator.retrieval import neighbourhoods
from translator.vectors import Indices

Value = TypeVar("Value")


@dataclass(frozen=True)
class Constants:
    """The constants of learning, with their defaults.

    :param strength: of ridge; None fits the rotation.
    """

    strength: float | None = STRENGTH
    steps: int = STEPS
    enough: int = ENOUGH
    rounds: int = ROUNDS
    settled: float = SETTLED
    least: float = LEAST
    probable: float = PROBABLE
    words: int = WORDS


TRIED: dict[str, tuple[Any, ...]] = {
    "steps": (0, 2, 8, 16),
    "rounds": (0, 1, 2, 3),
    "enough": (1000, 4000),
    "probable": (LEAST, 0.5),
    "settled": (0.0, 0.1),
    "strength": (3.0, 10.0, 40.0, None),
    "words": (5000,),
    "least": (0.01, 0.2),
}


def main() -> None:
    """Run the study."""
    parser = study_parser(__doc__)
    parser.add_argument("--tasks", nargs="+", required=True)
    parser.add_argument("--constants", nargs="+", choices=list(TRIED), default=list(TRIED))
    parser.add_argument("--limit", type=int, help="read only the most frequent words of each side")
    options = parser.parse_args()
    for name in options.tasks:
        folder, size = name.rsplit(":", 1)
        for row in study(Experiment.read(Path(folder), size, options.limit), options.constants):
            row = {"vectors": Path(folder).parent.name, "pair": Path(folder).name, "size": size, **row}
            save_row("learning", " ".join(str(value) for value in list(row.values())[:5]), row)
            print(row, flush=True)


def study(experiment: Experiment, names: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the scores of the defaults, then those of every other value of the named constants."""
    yield {"constant": "default", "value": None, **experiment.run(Constants())}
    for name in names:
        for value in TRIED[name]:
            yield {"constant": name, "value": value, **experiment.run(replace(Constants(), **{name: value}))}


@dataclass(frozen=True, eq=False)
class Learner(MapLearner):
    """Learns maps with a ridge of any strength, or with the rotation alone."""

    strength: float | None = STRENGTH

    def fit(self, pairs: WeightedPairs) -> Maps:
        """Return the ridge maps of the pairs, or their rotation."""
        if self.strength is None:
            return procrustes(self.spaces, pairs)
        return ridge(self.spaces, pairs, self.strength)


@dataclass(frozen=True, eq=False)
class Experiment:
    """One task and its seed pairs; what several settings share is computed once.

    :param found: probable pairs from the smallest ``least`` on, by the digest of the shared space.
    :param scores: scores of maps, by the digest of the shared space.
    """

    task: Task
    spaces: Spaces
    seed_pairs: SeedPairs
    found: dict[bytes, WeightedPairs] = field(default_factory=dict)
    scores: dict[bytes, dict[str, float]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path, size: str, limit: int | None = None) -> Experiment:
        """Read a task and choose its seed pairs as :func:`translator.align` does."""
        task = read(folder.parent, folder.name, "all" if size == "0" else size, limit)
        spaces = task.spaces()
        lexicon = None if size == "0" else lexicon_of(task.tables, task.train)
        return cls(task, spaces, choose_seed_pairs(*task.tables, spaces, lexicon))

    def run(self, constants: Constants) -> dict[str, Any]:
        """Learn with some constants; return the scores, the rounds and the expected number of right pairs."""
        options = Options(steps=constants.steps) if constants.steps else Options(refine="none")
        chosen = asdict(constants)
        del chosen["steps"]
        find_pairs = partial(self.probable_pairs, least=chosen.pop("least"))
        learned = Learner(self.spaces, options, find_pairs, **chosen).learn(self.seed_pairs)
        rounds = sum(step.method == "induction" for step in learned.maps.history)
        shared = self.spaces.mapped(learned.maps)
        scores = self.remembered(self.scores, shared, partial(self.scored, anchors=learned.anchors))
        return {
            "vocabularies": self.spaces.sizes,
            **scores,
            "rounds": rounds,
            "expected": learned.induced.expected,
        }

    def probable_pairs(self, shared: Spaces, least: float) -> WeightedPairs:
        """Return the probable pairs of mapped spaces."""
        find_pairs = partial(
            probable_pairs, self.task.tables, csls_k=Options().csls_k, least=min(LEAST, *TRIED["least"])
        )
        found = self.remembered(self.found, shared, find_pairs)
        return found[np.flatnonzero(found.weights >= least)]

    def remembered(
        self, values: dict[bytes, Value], shared: Spaces, compute: Callable[[Spaces], Value]
    ) -> Value:
        """Return the value of mapped spaces, computed at most once; the target space is never mapped."""
        key = blake2b(shared.source.tobytes()).digest()
        if key not in values:
            values[key] = compute(shared)
        return values[key]

    def scored(self, shared: Spaces, anchors: Indices) -> dict[str, float]:
        """Score the map and the general ranker on the held-out pairs."""
        means = neighbourhoods(shared.source, shared.target)
        space = SharedSpace.of(self.task.tables, shared, means, anchors)
        labelled = label(self.task.held, self.task.held, space)
        return asdict(score((Ranker.general(), labelled)))


if __name__ == "__main__":
    main()
