"""The command line that every study has."""

from __future__ import annotations

import argparse
from pathlib import Path


def study_parser(description: str | None, *folders: str) -> argparse.ArgumentParser:
    """Return a parser that shows the docstring of a study as its help.

    :param folders: options that name a folder and must be given, such as ``--data``.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for folder in folders:
        parser.add_argument(folder, type=Path, required=True, metavar="DIR")
    return parser
