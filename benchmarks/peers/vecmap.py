"""VecMap (Artetxe et al. 2018): its mapping, and its retrieval by CSLS."""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers.spaces import load, mapped
from benchmarks.systems import System, Task
from translator import Alignment
from translator.vectors import Floats


def vecmap(folder: Path, mode: str, cutoff: int | None = None, *, gpu: bool = False) -> System:
    """Return VecMap's ``map_embeddings.py`` with one of its recommended settings.

    :param cutoff: most frequent words used by its self-learning. VecMap's default, 20,000, takes hours on one
        core.
    :param gpu: run it on a GPU, which needs cupy.
    """
    learns = cutoff is not None and mode != "supervised"
    name = f"vecmap-{mode}" + (f"-{cutoff}" if learns else "")
    fewer = ["--vocabulary_cutoff", str(cutoff)] if learns else []
    needs = mode in ("supervised", "semi_supervised")
    place = ["--cuda"] if gpu else []

    def command(task: Task) -> Sequence[str]:
        dictionary = [str(task.dictionary)] if needs else []
        outputs = [str(task.work / f"{name}.{side}.vec") for side in ("source", "target")]
        script = str(folder / "map_embeddings.py")
        files = [str(task.source), str(task.target), *outputs]
        return [sys.executable, script, f"--{mode}", *dictionary, *fewer, *place, *files]

    def result(task: Task) -> Alignment:
        return mapped(load(task.work / f"{name}.source.vec"), load(task.work / f"{name}.target.vec"))

    return System(name, command, result, lambda seeds: needs == (seeds != "0"), gpu)


def csls_precision(source: Floats, target: Floats, folder: Path, queries: int) -> float:
    """Return P@1 of the first sources by ``eval_translation.py``, whose reading of files is replaced."""
    sys.path.insert(0, str(folder))
    import embeddings  # type: ignore[import-not-found]

    words = [f"w{row}" for row in range(len(source))]
    sides = iter([source, target])
    embeddings.read = lambda *_, **__: (words, next(sides))
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as dictionary, contextlib.chdir(folder):
        dictionary.write("".join(f"w{row} w{row}\n" for row in range(queries)))
        dictionary.flush()
        files = [os.devnull, os.devnull, "-d", dictionary.name]
        sys.argv = ["eval_translation.py", *files, "--retrieval", "csls"]
        with contextlib.redirect_stdout(io.StringIO()) as output:
            runpy.run_path("eval_translation.py", run_name="__main__")
    accuracy = re.search(r"Accuracy: *([\d.]+)%", output.getvalue())
    assert accuracy, output.getvalue()
    return float(accuracy[1]) / 100
