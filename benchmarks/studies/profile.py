"""Where the time goes: the lines that the main jobs spend theirs in, by a sampling profiler.

    python -m benchmarks.studies.profile --data DIR [--pair en-fr]

DIR is that of ``benchmarks/studies/bli.py``. py-spy must be installed (``pip install py-spy``). Results go to
``benchmarks/results/profile.json``.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.records import ROOT, save

EPOCH = "from benchmarks.studies.epoch import made_up, time_ours; time_ours(*made_up(29_000))"
RATE, LINES = 50, 12  # samples a second; lines that are kept of a job
FRAME = re.compile(r"(?P<function>.+) \((?P<file>.+):(?P<line>\d+)\)")


def main() -> None:
    """Profile each job and keep its lines."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pair", default="en-fr")
    given = parser.parse_args()
    source, target = (given.data / f"{language}.vec" for language in given.pair.split("-"))
    dictionary = given.data / "dictionaries" / f"xling.{given.pair}.train.txt"
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made"
        command = ["-m", "translator_cli", "align", source, target, "-o", made, "--quiet"]
        jobs = [
            profiled(f"translator align {given.pair}, all training pairs", [*command, "--dict", dictionary]),
            profiled(
                f"translator lexicon {given.pair}",
                ["-m", "translator_cli", "lexicon", made, "-o", Path(folder) / "lexicon.tsv", "--quiet"],
            ),
            profiled("one epoch of vse training", ["-c", EPOCH]),
        ]
    save("profile", rate=RATE, jobs=jobs)


def profiled(name: str, command: Sequence[str | Path]) -> dict[str, Any]:
    """Run a Python command under the profiler."""
    start = time.perf_counter()
    with tempfile.NamedTemporaryFile("r", suffix=".txt") as output:
        spy = ["py-spy", "record", "--rate", str(RATE), "--format", "raw", "--output", output.name, "--"]
        subprocess.run([*spy, sys.executable, *command], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        stacks = output.read().splitlines()
    own: Counter[str] = Counter()
    for line in stacks:
        stack, count = line.rsplit(" ", 1)
        own[innermost(stack.split(";"))] += int(count)
    total = sum(own.values())
    lines = [described(frame) | {"share": count / total} for frame, count in own.most_common(LINES)]
    row = {"name": name, "seconds": time.perf_counter() - start, "lines": lines}
    print(json.dumps(row), flush=True)
    return row


def innermost(frames: list[str]) -> str:
    """The last frame in the project's own code: what it calls in libraries counts as its line's."""
    ours = [
        frame for frame in frames if (found := FRAME.fullmatch(frame)) and (ROOT / found["file"]).is_file()
    ]
    return ours[-1] if ours else "elsewhere"


def described(frame: str) -> dict[str, str]:
    """Where a frame stands, and the text of its line."""
    found = FRAME.fullmatch(frame)
    if not found:
        return {"place": frame, "text": ""}
    text = (ROOT / found["file"]).read_text("utf-8").splitlines()[int(found["line"]) - 1].strip()
    return {"place": f"{found['file']}, {found['function']}", "text": text}


if __name__ == "__main__":
    main()
