"""Every file of the project that the pages name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
NAMED = re.compile(r"`((?:\w+/)+\w+\.py)`")


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_files_that_a_page_names_exist(page: Path) -> None:
    places = [ROOT, ROOT / "translator", ROOT / "vse"]
    named = set(NAMED.findall(page.read_text("utf-8")))
    assert [name for name in sorted(named) if not any((place / name).is_file() for place in places)] == []


def test_paths_are_found_in_text() -> None:
    assert NAMED.findall("see `maps/rcsls.py` and `x.py`") == ["maps/rcsls.py"]
