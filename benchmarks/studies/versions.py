"""Accuracy and cost of ours before and after a change, from two sets of results of the study ``bli``.

    python -m benchmarks.studies.versions --before DIR

DIR holds ``bli-*.json`` of the earlier version, for example from ``git show``. Dictionaries that were not
measured again are left out. The means go to ``benchmarks/results/versions.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command_line import study_parser
from benchmarks.comparison import MAP, OURS
from benchmarks.records import RESULTS, save

MEASURES = ("p_at_1", "map_p_at_1", "calibration_error", "cpu")


def main() -> None:
    """Compare every study and size of dictionary."""
    folder: Path = study_parser(__doc__, "--before").parse_args().before
    rows = [row for file in sorted(folder.glob("bli-*.json")) for row in compared(file, RESULTS / file.name)]
    save("versions", rows=rows)


def compared(before: Path, after: Path) -> list[dict[str, Any]]:
    """Return a row for each size of dictionary that was measured in both versions."""
    old, new = ({key(row): row for row in ours(file)} for file in (before, after))
    both = [one for one in old if one in new and old[one] != new[one]]
    rows = []
    for seeds in sorted({one[1] for one in both}, key=("all", "1000", "100", "10", "0").index):
        runs = [one for one in both if one[1] == seeds]
        means = [mean([measures(version[run]) for run in runs]) for version in (old, new)]
        rows.append({"study": before.stem, "seeds": seeds, "runs": len(runs), "means": means})
    return rows


def ours(file: Path) -> list[dict[str, Any]]:
    """Return one row for each run of ours, with P@1 of the map added."""
    rows = json.loads(file.read_text())["rows"]
    maps = {key(row): row["p_at_1"]["value"] for row in rows if row["system"] == MAP}
    return [{**row, "map_p_at_1": maps[key(row)]} for row in rows if row["system"] == OURS]


def key(row: dict[str, Any]) -> tuple[str, str, int]:
    """Identify a run: language pair, size of the dictionary, draw."""
    return row["pair"], row["seeds"], row["draw"]


def measures(row: dict[str, Any]) -> list[float]:
    """Return the numbers of a run in the order of :data:`MEASURES`."""
    return [row["p_at_1"]["value"], row["map_p_at_1"], row["calibration"]["error"], row["cost"]["cpu"]]


def mean(numbers: list[list[float]]) -> dict[str, float]:
    """Return the mean of each measure."""
    return dict(zip(MEASURES, np.mean(numbers, axis=0).tolist(), strict=True))


if __name__ == "__main__":
    main()
