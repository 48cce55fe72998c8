"""The state of each of many alignments: a file that is always up to date, and a table at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..render import table

FIGURES = {  # those of translator.alignment.record.Record.figures, and their column headers
    "seed_pairs": "pairs",
    "p_at_1": "P@1",
    "reranked_p_at_1": "re-ranked",
    "consistency": "agreement",
}


@dataclass(frozen=True)
class Row:
    """One alignment.

    :param state: ``waiting``, ``skipped`` (it is up to date), ``done`` or ``failed``.
    :param seconds: wall time in this run.
    :param figures: see :func:`translator.alignment.record.Record.figures`.
    :param warning: warnings of the alignment, or the reason of its failure.
    """

    name: str
    state: str = "waiting"
    seconds: float | None = None
    figures: Mapping[str, float | None] = field(default_factory=dict)
    warning: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the row as a flat mapping for JSON."""
        value = asdict(self)
        figures, warning = value.pop("figures"), value.pop("warning")
        return {**value, **{name: figures.get(name) for name in FIGURES}, "warning": warning}


class Summary:
    """Rows by name, kept in a tab-separated file.

    :param file: replaced atomically whenever a row changes.
    """

    def __init__(self, file: Path, rows: Iterable[Row]) -> None:
        self.file = file
        self.rows = {row.name: row for row in rows}
        self._write()

    def put(self, row: Row) -> None:
        """Replace the row of the same name."""
        self.rows[row.name] = row
        self._write()

    def failed(self) -> list[Row]:
        """Return the rows of failed alignments."""
        return [row for row in self.rows.values() if row.state == "failed"]

    def text(self) -> str:
        """Return a table for people, followed by the warnings."""
        cells = [
            (row.name, row.state, _seconds(row), *(_figure(name, row) for name in FIGURES))
            for row in self.rows.values()
        ]
        warnings = [
            f"{row.name}: {row.warning}"
            for row in self.rows.values()
            if row.warning and row.state != "failed"
        ]
        return "\n".join([table(cells, ("name", "state", "seconds", *FIGURES.values())), *warnings])

    def _write(self) -> None:
        from translator.writing import replacing

        rows = [row.as_dict() for row in self.rows.values()]
        lines = ["\t".join(rows[0]), *("\t".join(map(_cell, row.values())) for row in rows)]
        with replacing(self.file) as draft:
            draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _cell(value: object) -> str:
    """Write a value without tabs and line ends."""
    if isinstance(value, float):
        return f"{value:.4f}"
    return "" if value is None else " ".join(str(value).split())


def _seconds(row: Row) -> str:
    return "" if row.seconds is None else f"{row.seconds:.1f}"


def _figure(name: str, row: Row) -> str:
    value = row.figures.get(name)
    if value is None:
        return ""
    return f"{value:,}" if name == "seed_pairs" else f"{100 * value:.1f}"
