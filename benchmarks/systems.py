"""The systems compared: each is a command line on two `.vec` files and perhaps a dictionary.

A peer is run as it is, from the folder its user gives; nothing of it is part of this project.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from translator import Alignment, load_vectors
from translator.affine import SideMap
from translator.alignment import Side
from translator.normalize import Normalizer
from translator.retrieval import neighbourhoods


@dataclass(frozen=True)
class Task:
    """Two vector files, the seed dictionary (space separated) or None, and a folder to work in."""

    source: Path
    target: Path
    dictionary: Path | None
    work: Path


@dataclass(frozen=True)
class Cost:
    """What one process took: seconds, and megabytes at its peak."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class System:
    """A name, the command for a task, and how its result is read.

    :param handles: whether the system can be asked with so many seed pairs (0: no dictionary).
    """

    name: str
    command: Callable[[Task], Sequence[str]]
    result: Callable[[Task], Alignment]
    handles: Callable[[int], bool]


def run(system: System, task: Task, timeout: float) -> Cost:
    """Run a system in a process of its own.

    :raises subprocess.SubprocessError: it failed or took longer than ``timeout`` seconds.
    """
    task.work.mkdir(parents=True, exist_ok=True)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with (task.work / f"{system.name}.log").open("w") as log:
        process = subprocess.Popen(system.command(task), stdout=log, stderr=log)
        peak = _watch(process, start + timeout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, system.name)
    return Cost(time.perf_counter() - start, cpu, peak)


def _watch(process: subprocess.Popen[bytes], deadline: float) -> float:
    """Wait for a process; its peak resident memory in megabytes, read while it runs."""
    status, peak = Path(f"/proc/{process.pid}/status"), 0.0
    while process.poll() is None:
        if time.perf_counter() > deadline:
            process.kill()
            raise subprocess.TimeoutExpired(process.args, deadline)
        try:
            lines = status.read_text().splitlines()
        except OSError:
            break
        peak = max([peak, *(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))])
        time.sleep(0.05)
    process.wait()
    return peak


def ours(name: str = "ours", *flags: str) -> System:
    """This project's command line with its defaults, or with further flags."""

    def command(task: Task) -> Sequence[str]:
        seed = ["--dict", str(task.dictionary)] if task.dictionary else []
        files = [str(task.source), str(task.target), "-o", str(task.work / name)]
        return [sys.executable, "-m", "translator_cli", "align", *files, *seed, "--quiet", *flags]

    return System(name, command, lambda task: Alignment.load(task.work / name), lambda seeds: True)


def vecmap(folder: Path, mode: str) -> System:
    """VecMap's ``map_embeddings.py`` with one of its recommended settings."""
    name = f"vecmap-{mode}"
    needs = mode in ("supervised", "semi_supervised")

    def command(task: Task) -> Sequence[str]:
        seed = [str(task.dictionary)] if needs else []
        outputs = [str(task.work / f"{name}.{side}.vec") for side in ("source", "target")]
        script = str(folder / "map_embeddings.py")
        return [sys.executable, script, f"--{mode}", *seed, str(task.source), str(task.target), *outputs]

    def result(task: Task) -> Alignment:
        return _mapped(task.work / f"{name}.source.vec", task.work / f"{name}.target.vec", center=False)

    return System(name, command, result, lambda seeds: needs == (seeds != 0))


def align_py(folder: Path, lr: float) -> System:
    """fastText's ``alignment/align.py`` (RCSLS), ten iterations, at one learning rate."""
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
        return _mapped(task.work / f"{name}.vec", task.target, center=True)

    return System(name, command, result, lambda seeds: seeds != 0)


def _mapped(source: Path, target: Path, *, center: bool) -> Alignment:
    """Two spaces that a peer has mapped; ``center`` prepares the target as the peer did inside."""
    vectors = load_vectors(source, cache=False), load_vectors(target, cache=False)
    steps = ("unit", "center", "unit") if center else ("unit",)
    fitted = (
        Normalizer.fit(vectors[0].table().matrix, ("unit",))[0],
        Normalizer.fit(vectors[1].table().matrix, steps)[0],  # type: ignore[arg-type]
    )
    same = np.eye(vectors[0].dimension, dtype=np.float32)
    sides = [
        Side(role, side, None, SideMap(normalizer, same))
        for role, side, normalizer in zip(("source", "target"), vectors, fitted, strict=True)
    ]
    means = neighbourhoods(sides[0].mapped.matrix, sides[1].mapped.matrix)
    return Alignment(sides[0], sides[1], means, {})
