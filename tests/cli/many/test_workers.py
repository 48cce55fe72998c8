"""Processes of jobs: begun again when they die, ended on request, several at once; a script plays them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from translator_cli.many import workers
from translator_cli.many.workers import Job, Outcome, local_pool, run, threads

Script = Callable[[str], None]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Let jobs run a shell script in the place of Python: ``$5`` is the first argument of ``align``."""

    def write(text: str) -> None:
        file = tmp_path / "script"
        file.write_text(f"#!/bin/sh\ncd {tmp_path}\n{text}\n")
        file.chmod(0o755)
        monkeypatch.setattr(workers.sys, "executable", str(file))

    return write


def job(folder: Path, *arguments: str, tries: int = 2) -> Job:
    return Job(arguments, folder, threads(3), tries)


def alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(file: Path) -> str:
    for _ in range(300):
        if file.exists() and file.read_text():
            return file.read_text()
        time.sleep(0.05)
    raise AssertionError(f"{file} never came")


@pytest.mark.parametrize(
    ("end", "status", "tries"),
    [
        ("exit 0", 0, 1),
        ("echo 'Error: bad file' >&2; exit 1", 1, 1),
        ("exit 2", 2, 1),
        ("kill -9 $$", -9, 3),
        ("kill -SEGV $$", -11, 3),
        ("exit 130", 130, 3),
        ("[ $(wc -l < tries) -lt 2 ] && kill -9 $$; exit 0", 0, 2),
    ],
)
def test_only_what_dies_is_begun_again(
    script: Script, tmp_path: Path, end: str, status: int, tries: int
) -> None:
    script(f"echo try >> tries\n{end}")
    ended = run(job(tmp_path / "x", tries=3), threading.Event())
    assert (ended.status, ended.tries) == (status, tries)
    assert (tmp_path / "tries").read_text().count("try") == tries


def test_a_process_is_given_its_arguments_and_threads(script: Script, tmp_path: Path) -> None:
    script('echo "$*" $OMP_NUM_THREADS $OPENBLAS_NUM_THREADS > seen')
    run(job(tmp_path / "x", "a.vec", "b.vec"), threading.Event())
    assert (tmp_path / "seen").read_text() == "-P -m translator_cli align a.vec b.vec 3 3\n"


@pytest.mark.parametrize("end", ["exit 0", "kill -9 $$"])
def test_what_a_killed_process_left_aside_is_swept(script: Script, tmp_path: Path, end: str) -> None:
    script(f"mkdir -p .en-fr.aside-abcd1234/en-fr .other.aside-abcd1234 .en-fr.settings\n{end}")
    run(job(tmp_path / "en-fr"), threading.Event())
    assert {path.name for path in tmp_path.iterdir()} == {
        "script",
        ".other.aside-abcd1234",
        ".en-fr.settings",
    }


def test_so_many_run_at_once_and_no_more(script: Script, tmp_path: Path) -> None:
    script("echo > at-work.$$; ls at-work.* | wc -l >> counts; sleep 0.5; rm at-work.$$")
    with local_pool(2) as (pool, stop):
        list(pool.map(run, [job(tmp_path / "x")] * 4, [stop] * 4))
    assert max(map(int, (tmp_path / "counts").read_text().split())) == 2


@pytest.mark.parametrize("trap", ["", "trap '' INT"])
def test_leaving_ends_what_runs_and_begins_nothing(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trap: str
) -> None:
    monkeypatch.setattr(workers, "GRACE", 0.2)
    script(f"{trap}\necho $$ > $5\nexec sleep 60")
    names = ["one", "two", "three"]
    with pytest.raises(KeyboardInterrupt), local_pool(2) as (pool, stop):
        futures = [pool.submit(run, job(tmp_path / "x", name), stop) for name in names]
        numbers = [int(wait_for(tmp_path / name)) for name in names[:2]]
        assert all(map(alive, numbers))
        assert list(map(os.getsid, numbers)) == numbers, "Ctrl-C in a terminal would reach them, too"
        left = time.monotonic()
        raise KeyboardInterrupt
    assert time.monotonic() - left < 30
    assert not any(map(alive, numbers))
    assert not (tmp_path / "three").exists()
    assert futures[2].result().tries == 0


@pytest.mark.parametrize(
    ("status", "said", "why"),
    [
        (1, "Warning: w\nError: x.vec: bad\nDo this.\n", "x.vec: bad Do this."),
        (1, "Traceback ...\n  line\nValueError: odd\n", "ValueError: odd"),
        (2, "Usage: translator\n\nError: No such option\n", "No such option"),
        (3, "", "exit status 3"),
        (-11, "", "Segmentation fault (signal 11, try 2)"),
        (-9, "", "Killed (signal 9, try 2); often for lack of memory: use fewer --jobs"),
    ],
)
def test_why_a_job_failed(status: int, said: str, why: str) -> None:
    assert Outcome(1.0, 2, status, said).error() == why
