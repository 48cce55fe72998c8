"""Commands whose standard streams are closed."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from running import command

CLOSED = "standard input is closed, expected data\nPipe the data in, or name a file."


@pytest.mark.parametrize(
    ("line", "closed", "status", "message"),
    [
        (["info"], ">&-", 0, ""),
        (["info"], "2>&-", 0, ""),
        (["translate"], "<&-", 1, f"Error: {CLOSED}\n"),
    ],
)
def test_a_standard_stream_may_be_closed(
    line: list[str], closed: str, status: int, message: str, made: Path, here: Path
) -> None:
    shell = [*shlex.split(f"sh -c 'exec \"$@\" {closed}' sh"), *command([*line, made])]
    ran = subprocess.run(shell, cwd=here, capture_output=True, text=True, timeout=600)
    assert (ran.returncode, ran.stderr) == (status, message)
