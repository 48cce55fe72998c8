"""Alignments as processes: each is ``translator align`` run anew, here or on a Dask cluster.

What runs them is a pool of ``concurrent.futures``, whose places each watch one process. A process that dies
takes nothing with it but its own alignment, which is begun again in a new one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import uuid4

SETTLED = (0, 1, 2)  # exit statuses that another try would not change: done, bad data, bad command line
POLL = 0.2  # seconds between two looks at whether to stop
GRACE = 5.0  # seconds to tidy up before a process is killed
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Stop(Protocol):
    """A flag that tells all processes to end: an ``Event`` of ``threading`` or of ``distributed``."""

    def is_set(self) -> bool:
        """Whether to end."""

    def set(self) -> None:
        """Tell all to end."""


@dataclass(frozen=True)
class Job:
    """One alignment to run.

    :param arguments: of ``translator align``.
    :param folder: where it writes.
    :param environment: variables to set for it.
    :param tries: how many processes may die over it.
    """

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    tries: int


@dataclass(frozen=True)
class Ended:
    """How a job came out.

    :param seconds: wall time of all tries.
    :param status: exit status of the last process; less than 0, the signal that killed it.
    :param said: what that process wrote to stderr.
    """

    seconds: float
    tries: int
    status: int
    said: str

    def why(self) -> str:
        """Why it failed, in one line."""
        if self.status < 0:
            often = "; often too little memory: use fewer --jobs" if self.status == -signal.SIGKILL else ""
            return f"{signal.strsignal(-self.status)} (signal {-self.status}, try {self.tries}){often}"
        _, told, message = f"\n{self.said}".partition("\nError: ")
        last = self.said.strip().rpartition("\n")[2]  # of a traceback
        return " ".join((message if told else last).split()) or f"exit status {self.status}"


def run(job: Job, stop: Stop) -> Ended:
    """Run a job in a process of its own, and in another where that one dies."""
    from translator.writing import sweep

    start, tries = time.perf_counter(), 0
    status, said = -signal.SIGINT, ""
    while tries < job.tries and status not in SETTLED and not stop.is_set():
        tries += 1
        status, said = _process(job, stop)
        sweep(job.folder)
    return Ended(time.perf_counter() - start, tries, status, said)


@contextmanager
def local(places: int) -> Iterator[tuple[Executor, Stop]]:
    """A pool that runs so many jobs at once on this machine; leaving it ends what still runs."""
    stop = threading.Event()
    with ThreadPoolExecutor(places) as pool:
        try:
            yield pool, stop
        finally:
            stop.set()


@contextmanager
def on_dask(address: str) -> Iterator[tuple[Executor, Stop]]:
    """The workers of a Dask cluster as a pool; leaving it ends what still runs.

    :param address: of its scheduler, such as ``tcp://host:8786``.
    :raises MissingDependencyError: the extra ``dask`` is not installed.
    :raises DataError: no scheduler answers there.
    """
    from translator.errors import DataError, MissingDependencyError

    try:
        from distributed import Client, Event
    except ImportError:
        raise MissingDependencyError("distributed", "dask", "a Dask cluster") from None
    try:
        client = Client(address)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{address}: no Dask scheduler answers ({error})", "Start one with: dask scheduler"
        ) from None
    with client, client.get_executor(pure=False) as pool:
        stop = Event(f"align-many-{uuid4().hex}")
        try:
            yield pool, stop
        finally:
            stop.set()


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads(count: int) -> dict[str, str]:
    """Variables by which numpy and torch use so many threads."""
    return dict.fromkeys(THREADS, str(count))


def _process(job: Job, stop: Stop) -> tuple[int, str]:
    """One process to its end: exit status and stderr.

    It has a session of its own, so that Ctrl-C in a terminal reaches this program only, which then ends it.
    """
    command = [sys.executable, "-P", "-m", "translator_cli", "align", *job.arguments]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **job.environment},
        text=True,
        errors="backslashreplace",
        start_new_session=True,
    )
    with process:
        try:
            while not stop.is_set():
                try:
                    said = process.communicate(timeout=POLL)[1]
                except subprocess.TimeoutExpired:
                    continue
                return process.returncode, said
        finally:
            _end(process)
    return process.returncode, ""


def _end(process: subprocess.Popen[str]) -> None:
    """End a process, if it still runs: first as Ctrl-C would, so that it leaves nothing half-written."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
