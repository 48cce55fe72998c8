"""Results that are measured a row at a time: a new row takes the place of the old one of its name."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from benchmarks.bli import RESULTS, machine


def keep(study: str, name: str, row: dict[str, Any], order: Iterable[str] | None = None) -> None:
    """Put a row into ``results/<study>.json``; the others stay, in this ``order`` and if it has them."""
    file = RESULTS / f"{study}.json"
    rows = json.loads(file.read_text())["rows"] if file.exists() else {}
    rows[name] = row
    if order is not None:
        rows = {one: rows[one] for one in order if one in rows}
    file.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n")
