"""Systems under comparison: commands that map two vector files, with a dictionary or without."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from translator import Alignment

# One thread a process: systems then differ by their work, and two can run side by side
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Task:
    """Two vector files, the seed dictionary or None, and a work folder.

    :param dictionary: one "source target" a line.
    :param test: the test dictionary, for a system that chooses among its iterations by it.
    :param seeds: size of the dictionary: ``all``, or a number of source words.
    """

    source: Path
    target: Path
    dictionary: Path | None
    test: Path
    seeds: str
    work: Path


@dataclass(frozen=True)
class Cost:
    """Cost of one process: wall and processor seconds, peak megabytes."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class System:
    """A name, the command for a task, and a function that reads its result.

    :param handles: whether the system works with a dictionary of that size (``0``: none).
    :param gpu: whether the system computes on a GPU. Its cost is then not comparable.
    """

    name: str
    command: Callable[[Task], Sequence[str]]
    result: Callable[[Task], Alignment]
    handles: Callable[[str], bool]
    gpu: bool = False


def run(system: System, task: Task, timeout: float) -> Cost:
    """Run a system in its own process.

    :raises subprocess.SubprocessError: the process failed or took longer than ``timeout`` seconds.
    """
    task.work.mkdir(parents=True, exist_ok=True)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with (task.work / f"{system.name}.log").open("w") as log:
        process = subprocess.Popen(
            system.command(task), stdout=log, stderr=log, cwd=task.work, env={**os.environ, **THREADS}
        )
        peak = _watch(process, timeout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, system.name)
    return Cost(time.perf_counter() - start, cpu, peak)


def _watch(process: subprocess.Popen[bytes], timeout: float) -> float:
    """Wait for a process; return its peak resident memory in megabytes."""
    peak, start = 0.0, time.perf_counter()
    while process.poll() is None:
        if time.perf_counter() - start > timeout:
            process.kill()
            process.wait()  # else its time would count for the next process
            raise subprocess.TimeoutExpired(process.args, timeout)
        peak = max(peak, megabytes(process.pid, "VmHWM"))
        time.sleep(0.05)
    return peak


def megabytes(process: int, kind: str) -> float:
    """Return the megabytes of a running process; 0 when it has ended.

    :param kind: a field of ``/proc/<process>/status``: ``VmHWM`` is peak resident memory, ``RssAnon`` current
        resident memory without pages of files.
    """
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(kind)), 0.0)


def ours(name: str = "ours", *flags: str) -> System:
    """Return this project's command line, with its defaults or further flags."""

    def command(task: Task) -> Sequence[str]:
        dictionary = ["--dict", str(task.dictionary)] if task.dictionary else []
        files = [str(task.source), str(task.target), "-o", str(task.work / name)]
        return [sys.executable, "-m", "translator_cli", "align", *files, *dictionary, "--quiet", *flags]

    return System(name, command, lambda task: Alignment.from_pretrained(task.work / name), lambda seeds: True)
