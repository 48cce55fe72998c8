"""MUSE (Conneau et al. 2018): its mapping, and its mean similarities for CSLS."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from benchmarks.peers.spaces import OLD_TORCH, load, mapped
from benchmarks.systems import System, Task
from translator import Alignment
from translator.vectors import Floats


def muse(folder: Path, mode: Literal["supervised", "identical"], *, gpu: bool = False) -> System:
    """Return MUSE's ``supervised.py``: Procrustes and five refinements, of which MUSE selects the best.

    :param mode: ``supervised`` starts from the dictionary and selects on the *test* dictionary, as its
        instructions say and to its advantage here; ``identical`` starts from words spelled alike and
        selects by MUSE's own measure.
    """
    name = f"muse-{mode}"
    needs = mode == "supervised"

    def command(task: Task) -> Sequence[str]:
        dictionary = str(task.dictionary) if needs else "identical_char"
        shutil.rmtree(task.work / name, ignore_errors=True)  # MUSE refuses an existing folder
        return [
            sys.executable, "-c", OLD_TORCH, str(folder / "supervised.py"),
            "--cuda", str(gpu), "--src_lang", "source", "--tgt_lang", "target",
            "--src_emb", str(task.source), "--tgt_emb", str(task.target),
            "--emb_dim", str(load(task.source).dimension), "--normalize_embeddings", "renorm,center,renorm",
            "--dico_train", dictionary, "--dico_eval", str(task.test), "--n_refinement", "5", "--seed", "0",
            "--exp_path", str(task.work), "--exp_name", name, "--exp_id", "run",
        ]  # fmt: skip

    def result(task: Task) -> Alignment:
        run = task.work / name / "run"
        return mapped(load(run / "vectors-source.txt"), load(run / "vectors-target.txt"))

    return System(name, command, result, lambda seeds: needs == (seeds != "0"), gpu)


def mean_similarities(folder: Path) -> Callable[[Any, Any, int], Floats]:
    """Return ``get_nn_avg_dist``, run without faiss.

    The function takes two tensors and k, and returns the mean similarity of each row of the second with its k
    nearest rows of the first.
    """
    sys.modules["faiss"] = None  # type: ignore[assignment]
    sys.path.insert(0, str(folder))
    from src.utils import get_nn_avg_dist  # type: ignore[import-not-found]

    function: Callable[[Any, Any, int], Floats] = get_nn_avg_dist
    return function
