"""fastText's alignment scripts: RCSLS (Joulin et al. 2018), and their retrieval by CSLS."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers.spaces import load, mapped
from benchmarks.systems import System, Task
from translator import Alignment
from translator.vectors import Floats


def align_py(folder: Path, lr: float) -> System:
    """Return fastText's ``alignment/align.py`` (RCSLS) with ten iterations at one learning rate."""
    name = f"align.py-lr{lr:g}"

    def command(task: Task) -> Sequence[str]:
        dictionary = str(task.dictionary)
        return [
            sys.executable, str(folder / "alignment" / "align.py"),
            "--src_emb", str(task.source), "--tgt_emb", str(task.target), "--center",
            "--dico_train", dictionary, "--dico_test", dictionary,
            "--lr", str(lr), "--niter", "10", "--output", str(task.work / f"{name}.vec"),
        ]  # fmt: skip

    def result(task: Task) -> Alignment:
        # align.py scales, centres and scales the target, and writes only the mapped source
        return mapped(load(task.work / f"{name}.vec"), load(task.target), "unit,center,unit")

    return System(name, command, result, lambda seeds: seeds != "0")


def csls_precision(source: Floats, target: Floats, folder: Path, queries: int, k: int) -> float:
    """Return P@1 of the first sources by ``compute_csls_accuracy``, in float32; its reader makes float64."""
    sys.path.insert(0, str(folder / "alignment"))
    from utils import compute_csls_accuracy  # type: ignore[import-not-found]

    return float(compute_csls_accuracy(source, target, {row: {row} for row in range(queries)}, k=k))
