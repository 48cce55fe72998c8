"""The program as a list of arguments for ``subprocess``."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def command(arguments: Sequence[object]) -> list[str]:
    """The installed package, run by this Python."""
    return [sys.executable, "-m", "translator_cli", *map(str, arguments)]
