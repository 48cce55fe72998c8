"""Starts and step counts of RCSLS on held-out training pairs: the measurements behind the defaults.

    python -m benchmarks.studies.choices --data DIR [--pairs en-fr fi-en] [--sizes 100 1000 all]

One sixth of the source words of the *training* dictionary is held out; the test dictionary is not touched.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from translator.learning.self_learning import self_learning

from benchmarks.command_line import study_parser
from benchmarks.held_out import precision, read
from benchmarks.records import save
from translator.maps import CLOSED_FORM
from translator.maps.base import Maps, Spaces
from translator.maps.rcsls import RcslsLoss, default_step
from translator.vectors import Indices

STEPS = (0, 4, 8, 12, 16)

STARTS: dict[str, Callable[[Spaces, Indices], Maps]] = {
    **CLOSED_FORM,
    "self-learning": lambda spaces, pairs: self_learning(spaces, pairs, CLOSED_FORM["procrustes"]),
}


def main() -> None:
    """Run the study and write ``results/choices.json``."""
    parser = study_parser(__doc__, "--data")
    parser.add_argument("--pairs", nargs="+", default=["en-fr", "fi-en"])
    parser.add_argument("--sizes", nargs="+", default=["100", "1000", "all"])
    options = parser.parse_args()
    rows = [row for pair in options.pairs for row in study(options.data, pair, options.sizes)]
    save("choices", steps=STEPS, rows=rows)


def study(data: Path, pair: str, sizes: list[str]) -> list[dict[str, Any]]:
    """Return a row for each dictionary size and start."""
    rows = []
    for size in sizes:
        task = read(data, pair, size)
        spaces = task.spaces()
        for name, start in STARTS.items():
            scores = curve(spaces, task.train, task.held, start(spaces, task.train))
            rows.append({"pair": pair, "size": size, "start": name, "p_at_1": scores})
            print(pair, size, name, [f"{100 * score:.1f}" for score in scores], flush=True)
    return rows


def curve(spaces: Spaces, train: Indices, test: Indices, start: Maps) -> list[float]:
    """Return held-out P@1 (CSLS) after each number of plain RCSLS steps."""
    shared = spaces.mapped(start)
    W = np.eye(shared.source.shape[1], dtype=np.float32)
    scores, criterion = [], RcslsLoss(shared, train)
    for step in range(max(STEPS) + 1):
        if step in STEPS:
            scores.append(precision(W, shared, test))
        _, gradient = criterion(W)
        W = W - np.float32(default_step(len(train))) * gradient
    return scores


if __name__ == "__main__":
    main()
