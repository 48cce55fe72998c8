"""Results on disk: each study writes ``results/<study>.json``."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"


def save(study: str | Path, **content: Any) -> None:
    """Write the results of a study together with the machine they were measured on.

    :param study: name of the study, or the path of another file.
    """
    file = RESULTS / f"{study}.json" if isinstance(study, str) else study
    file.write_text(json.dumps({"machine": machine(), **content}, indent=1) + "\n")


def load(study: str) -> dict[str, Any]:
    """Read the results of a study; empty if there are none yet."""
    file = RESULTS / f"{study}.json"
    content: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return content


def save_row(study: str, name: str, row: dict[str, Any], order: Iterable[str] | None = None) -> None:
    """Add a row to the results of a study, or replace the row of the same name.

    :param order: names of the rows to keep, in their order; all rows if omitted.
    """
    rows = load(study).get("rows", {}) | {name: row}
    if order is not None:
        rows = {key: rows[key] for key in order if key in rows}
    save(study, rows=rows)


def machine() -> dict[str, str | int]:
    """Describe the machine: versions of Python and numpy, number of cores."""
    return {"python": platform.python_version(), "numpy": np.__version__, "cores": os.cpu_count() or 0}
