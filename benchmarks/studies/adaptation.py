"""Adapting the general ranker to a dictionary: how much it is pulled, by how many words and iterations.

    python -m benchmarks.studies.adaptation [--pulls DIR/en-fr ...] [--fits DIR/en-fr ...]

DIR holds ``<lang>.vec`` and ``dictionaries/xling.<src>-<tgt>.train.txt``. Rankers are fitted to, and
evaluated on, words of the *training* dictionary that the map was not trained on; the test dictionary is not
touched. Results go to ``benchmarks/results/adaptation.json``; those of a part that is not run stay.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command_line import study_parser
from benchmarks.held_out import lexicon_of
from benchmarks.records import load, machine, save
from translator import Options, align, load_lexicon, load_vectors
from translator.ranking.cross_fit import FIT_WORDS, ITERATIONS, LabelledCandidates, label, score
from translator.ranking.ranker import PULL, Ranker
from translator.vectors import Indices

LEARNT_FROM = (100, 300)  # words that rankers are trained on, and as many others for their map
TEST_WORDS, DRAWS = 1000, 10  # words to evaluate rankers on, and the most dictionaries to train on
PULLS = (5, int(PULL), 100)  # towards the general ranker, of an adapted one
MAP_WORDS = 1000  # that the map is trained on, where the size of the fit is varied
SIZES = ((500, ITERATIONS), (FIT_WORDS, 10), (FIT_WORDS, ITERATIONS), (FIT_WORDS, 400), (None, ITERATIONS))


def main() -> None:
    """Run one part of the study or both."""
    parser = study_parser(__doc__)
    parts: dict[str, Callable[[Path], Iterator[dict[str, Any]]]] = {"pulls": pulls, "fits": fits}
    for name in parts:
        parser.add_argument(f"--{name}", type=Path, nargs="*", default=[], metavar="DIR/PAIR")
    options = vars(parser.parse_args())
    result = load("adaptation") | {"machine": machine()}
    for name, part in parts.items():
        for task in options[name]:
            about = {"vectors": task.parent.name, "pair": task.name}
            rows = [about | row for row in part(task)]
            others = [row for row in result.get(name, []) if not about.items() <= row.items()]
            result[name] = others + rows
            print(name, *rows, sep="\n", flush=True)
    save("adaptation", **result)


def pulls(task: Path) -> Iterator[dict[str, Any]]:
    """Yield P@1 and calibration error of rankers trained on as many words as the map."""
    for count in LEARNT_FROM:
        test, others = candidates(task, count)
        draws = [select(others, slice(n, n + count)) for n in range(0, len(others.right) - count + 1, count)]
        yield {"words": count, **drawn(draws[:DRAWS], test)}


def fits(task: Path) -> Iterator[dict[str, Any]]:
    """Yield P@1, calibration error and processor seconds of rankers by words and iterations of the fit."""
    test, others = candidates(task, MAP_WORDS)
    for words, iterations in SIZES:
        part = select(others, slice(words))
        start = time.process_time()
        ranker = Ranker.fit(part.candidates, part.right, Ranker.general(), iterations=iterations)
        seconds = time.process_time() - start
        scores = score((ranker, test))
        yield {
            "words": len(part.right),
            "iterations": iterations,
            "seconds": seconds,
            "map": scores.map_p_at_1,
            "p_at_1": scores.reranked_p_at_1,
            "calibration_error": scores.calibration_error,
        }


def candidates(task: Path, count: int) -> tuple[LabelledCandidates, LabelledCandidates]:
    """Label the words that a map did not see: those to evaluate on, and the others.

    :param task: DIR/pair.
    :param count: number of source words that the map is trained on.
    """
    source, target = (load_vectors(task.parent / f"{name}.vec").table() for name in task.name.split("-"))
    lexicon = load_lexicon(task.parent / "dictionaries" / f"xling.{task.name}.train.txt")
    pairs = lexicon.match(source, target).rows
    dictionary = lexicon_of((source, target), pairs).sample(count)
    alignment = align(source, target, dictionary, Options(rerank=False))
    new: Indices = pairs[~np.isin(pairs[:, 0], dictionary.match(source, target).rows[:, 0])]
    labelled = label(new, pairs, alignment.space)
    order = np.random.default_rng(0).permutation(len(labelled.right))
    return select(labelled, order[:TEST_WORDS]), select(labelled, order[TEST_WORDS:])


def drawn(draws: list[LabelledCandidates], test: LabelledCandidates) -> dict[str, Any]:
    """Average P@1 and calibration error of rankers over draws; return means and deviations."""
    general = score((Ranker.general(), test))
    scores = {"map": [general.map_p_at_1], "general": [general.reranked_p_at_1, general.calibration_error]}
    rankers: dict[str, Callable[[LabelledCandidates], Ranker]] = {
        "from nothing": lambda draw: Ranker.fit(draw.candidates, draw.right),
        **{f"pull {pull}": partial(adapted, pull=pull) for pull in PULLS},
    }
    for name, fit in rankers.items():
        results = [score((fit(draw), test)) for draw in draws]
        each = np.array([[one.reranked_p_at_1, one.calibration_error] for one in results])
        scores[name] = [*each.mean(axis=0).tolist(), *each.std(axis=0).tolist()]
    return {"draws": len(draws), "scores": scores}


def adapted(draw: LabelledCandidates, pull: float) -> Ranker:
    """Train a ranker that starts from the general one."""
    return Ranker.fit(draw.candidates, draw.right, Ranker.general(), pull=pull)


def select(labelled: LabelledCandidates, words: Indices | slice) -> LabelledCandidates:
    """Select words."""
    return LabelledCandidates(labelled.candidates[words], labelled.right[words])


if __name__ == "__main__":
    main()
