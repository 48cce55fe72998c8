"""Render results as HTML tables, for the ``_repr_html_`` that notebooks call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def html_table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return an HTML table of plain strings, every cell escaped.

    >>> html_table("Translations", ["word"], [["<b>"]])
    '<table><caption>Translations</caption><tr><th>word</th></tr><tr><td>&lt;b&gt;</td></tr></table>'
    """
    lines = [_row("th", header), *(_row("td", row) for row in rows)]
    return f"<table><caption>{escape(caption)}</caption>{''.join(lines)}</table>"


def _row(tag: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"
