"""Run alignments as processes of ``translator align``, on this machine or on a Dask cluster.

A pool of ``concurrent.futures`` runs the jobs, and each of its slots watches one process. If a process dies,
only its own alignment is lost, and a new process starts it again.
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

FINAL = (0, 1, 2)  # exit statuses that a retry would not change: success, bad data, bad command line
POLL = 0.2  # seconds between two checks of the stop flag
GRACE = 5.0  # seconds between the interrupt and the kill
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Stop(Protocol):
    """A flag that ends all processes: an ``Event`` of ``threading`` or of ``distributed``."""

    def is_set(self) -> bool:
        """Return whether to end."""

    def set(self) -> None:
        """End all processes."""


@dataclass(frozen=True)
class Job:
    """One alignment to run.

    :param arguments: of ``translator align``.
    :param folder: the output folder among them.
    :param environment: additional environment variables.
    :param tries: the most processes to start for it.
    """

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    tries: int


@dataclass(frozen=True)
class Outcome:
    """The result of a job.

    :param seconds: wall time of all tries.
    :param status: exit status of the last process; a negative one is the signal that killed it.
    :param stderr: what the last process wrote there.
    """

    seconds: float
    tries: int
    status: int
    stderr: str

    def error(self) -> str:
        """Return the reason of a failure, in one line."""
        if self.status < 0:
            hint = "; often for lack of memory: use fewer --jobs" if self.status == -signal.SIGKILL else ""
            return f"{signal.strsignal(-self.status)} (signal {-self.status}, try {self.tries}){hint}"
        _, found, message = f"\n{self.stderr}".partition("\nError: ")
        last_line = self.stderr.strip().rpartition("\n")[2]  # a traceback ends with the exception
        return " ".join((message if found else last_line).split()) or f"exit status {self.status}"


def run(job: Job, stop: Stop) -> Outcome:
    """Run a job in a process of its own, and again in a new one if the process dies."""
    from translator.writing import sweep

    start, tries = time.perf_counter(), 0
    status, stderr = -signal.SIGINT, ""
    while tries < job.tries and status not in FINAL and not stop.is_set():
        tries += 1
        status, stderr = _process(job, stop)
        sweep(job.folder)
    return Outcome(time.perf_counter() - start, tries, status, stderr)


@contextmanager
def local_pool(slots: int) -> Iterator[tuple[Executor, Stop]]:
    """Open a pool that runs up to ``slots`` jobs at once on this machine; leaving it ends running jobs."""
    stop = threading.Event()
    with ThreadPoolExecutor(slots) as pool:
        try:
            yield pool, stop
        finally:
            stop.set()


@contextmanager
def dask_pool(address: str) -> Iterator[tuple[Executor, Stop]]:
    """Open the workers of a Dask cluster as a pool; leaving it ends running jobs.

    :param address: of the scheduler, such as ``tcp://host:8786``.
    :raises MissingDependencyError: the extra ``dask`` is not installed.
    :raises DataError: no scheduler answers at the address.
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
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads(count: int) -> dict[str, str]:
    """Return environment variables that limit numpy and torch to ``count`` threads."""
    return dict.fromkeys(THREADS, str(count))


def _process(job: Job, stop: Stop) -> tuple[int, str]:
    """Run one process to its end: exit status and stderr.

    The process has a session of its own: Ctrl-C in a terminal reaches this program only, which then ends it.
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
                    stderr = process.communicate(timeout=POLL)[1]
                except subprocess.TimeoutExpired:
                    continue
                return process.returncode, stderr
        finally:
            _end(process)
    return process.returncode, ""


def _end(process: subprocess.Popen[str]) -> None:
    """End a process if it still runs: first by an interrupt, so that it removes half-written files."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
