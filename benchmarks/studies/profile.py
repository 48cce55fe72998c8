"""The lines in which the main jobs spend their time, by a sampling profiler.

    python -m benchmarks.studies.profile --data DIR [--pair en-fr]

DIR is that of ``benchmarks/studies/bli.py``. py-spy must be installed (``pip install py-spy``). Results go to
``benchmarks/results/profile.json``.
"""

from __future__ import annotations

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

from benchmarks.command_line import study_parser
from benchmarks.records import ROOT, save

EPOCH = "from benchmarks.studies.epoch import made_up, time_ours; time_ours(*made_up(29_000))"
RATE, LINES = 50, 12  # samples a second; lines saved per job
FRAME = re.compile(r"(?P<function>.+) \((?P<file>.+):(?P<line>\d+)\)")


def main() -> None:
    """Profile each job and save its lines."""
    parser = study_parser(__doc__, "--data")
    parser.add_argument("--pair", default="en-fr")
    options = parser.parse_args()
    source, target = (options.data / f"{language}.vec" for language in options.pair.split("-"))
    dictionary = options.data / "dictionaries" / f"xling.{options.pair}.train.txt"
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made"
        command = ["-m", "translator_cli", "align", source, target, "-o", made, "--quiet"]
        jobs = [
            profiled(
                f"translator align {options.pair}, all training pairs", [*command, "--dict", dictionary]
            ),
            profiled(
                f"translator lexicon {options.pair}",
                ["-m", "translator_cli", "lexicon", made, "-o", Path(folder) / "lexicon.tsv", "--quiet"],
            ),
            profiled("one epoch of vse training", ["-c", EPOCH]),
        ]
    save("profile", rate=RATE, jobs=jobs)


def profiled(name: str, command: Sequence[str | Path]) -> dict[str, Any]:
    """Run a Python command under the profiler; return the lines with the most samples."""
    start = time.perf_counter()
    with tempfile.NamedTemporaryFile("r", suffix=".txt") as output:
        spy = ["py-spy", "record", "--rate", str(RATE), "--format", "raw", "--output", output.name, "--"]
        subprocess.run([*spy, sys.executable, *command], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        stacks = output.read().splitlines()
    samples: Counter[str] = Counter()
    for line in stacks:
        stack, count = line.rsplit(" ", 1)
        samples[innermost(stack.split(";"))] += int(count)
    total = sum(samples.values())
    lines = [described(frame) | {"share": count / total} for frame, count in samples.most_common(LINES)]
    row = {"name": name, "seconds": time.perf_counter() - start, "lines": lines}
    print(json.dumps(row), flush=True)
    return row


def innermost(frames: list[str]) -> str:
    """Return the last frame in the project's code: time in a library counts for the line that calls it."""
    ours = [
        frame for frame in frames if (match := FRAME.fullmatch(frame)) and (ROOT / match["file"]).is_file()
    ]
    return ours[-1] if ours else "elsewhere"


def described(frame: str) -> dict[str, str]:
    """Return file and function of a frame, and the text of its line."""
    match = FRAME.fullmatch(frame)
    if not match:
        return {"place": frame, "text": ""}
    text = (ROOT / match["file"]).read_text("utf-8").splitlines()[int(match["line"]) - 1].strip()
    return {"place": f"{match['file']}, {match['function']}", "text": text}


if __name__ == "__main__":
    main()
