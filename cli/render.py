"""Write tables, shares and next steps for people, and JSON for programs."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

GAP = "  "


def as_json(value: Mapping[str, Any]) -> str:
    """Write JSON for printing: indented, without escaped letters."""
    import json

    return json.dumps(value, indent=2, ensure_ascii=False)


def table(rows: Sequence[Sequence[str]], header: Sequence[str] = ()) -> str:
    """Write rows of cells as aligned columns."""
    lines = [header, *rows] if header else rows
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        GAP.join(cell + " " * (wide - width(cell)) for cell, wide in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def share(value: float) -> str:
    """Write a share in percent."""
    return f"{100 * value:.1f} %"


def steps(*commands: str) -> str:
    """Write the next commands to type."""
    return "\n".join(["Next:", *(f"  {command}" for command in commands)])


def width(text: str) -> int:
    """Return the terminal columns of a text: East Asian wide characters take two, accents none."""
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
    )
