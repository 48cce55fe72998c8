"""Tests of the study of many pairs on toy data, and of the arithmetic of its estimate."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.tables.costs import estimate, scaling

ROOT = Path(__file__).parents[2]


def test_toys_are_measured_and_rendered(tmp_path: Path) -> None:
    output = tmp_path / "scaling.json"
    sizes = ["--pairs", "2", "--words", "150", "--dimension", "10", "--dictionary", "60", "--runs", "1"]
    command = [sys.executable, "-m", "benchmarks.studies.scaling", *sizes, "--sizes", "100", "200"]
    done = subprocess.run([*command, "--output", output], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    study = json.loads(output.read_text("utf-8"))
    assert list(study["seconds"]) == ["1", "2"]
    assert [row["words"] for row in study["sizes"]] == [100, 200]
    assert all(row["wall"] > 0 and row["peak"] > 1 for row in study["sizes"])
    text = "\n\n".join(scaling(study))
    assert (
        "| processes | wall time | speed-up |" in text
        and "| 200 |" in text
        and "Estimate, not measured" in text
    )


def test_gains_are_medians_of_paired_runs() -> None:
    about = {"pairs": 4, "words": 10, "dimension": 3, "dictionary": 5, "machine": {"cores": 2}}
    study = {
        **about,
        "seconds": {"1": [10.0, 20.0, 12.0], "2": [5.0, 5.0, 8.0]},
        "sizes": [{"words": words, "cpu": 1.0, "peak": 9.0} for words in (10, 20)],
    }
    assert "| 1 | 12 s | 1.00 |\n| 2 | 5 s | 2.00 |" in "\n".join(scaling(study))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (40.0, "would take 160 to 640 s of one core. The time grows like words^1.0 "),
        (160.0, "would take 2,560 to 10,240 s of one core. The time grows like words^3.0 "),
    ],
)
def test_the_estimate_lies_between_two_powers(seconds: float, expected: str) -> None:
    costs = {50_000: seconds, 25_000: 20.0, 9: 1.0}
    text = estimate([{"words": words, "cpu": cpu, "peak": 1024.0} for words, cpu in costs.items()])
    assert expected in text and "It would take 4.0 GB" in text


def test_the_estimate_in_hours() -> None:
    costs = {100_000: 9.0, 200_000: 36.0}
    text = estimate([{"words": words, "cpu": cpu, "peak": 1.0} for words, cpu in costs.items()])
    assert "36 to 36 s" in text and "157 languages with one hub would take 2 to 2 hours" in text
