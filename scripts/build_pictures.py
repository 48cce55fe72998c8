"""Cut the pictures that ship in ``vse/data`` out of a larger set: two languages, no drawings.

    python scripts/build_pictures.py --emoji EMOJI --output vse/data

EMOJI holds, for the splits train, dev and test, ``<split>/ids.txt`` (a picture a line),
``<split>/features.npy`` (float16 [n, d]) and ``<split>/captions.<lang>.tsv`` (row, source, caption), and
``chars.tsv`` (id, character) for these and other emoji. Where these files come from is told in
``vse/data/NOTICE``. They are copied as they are, but for ``chars.tsv``, of which the lines of the splits'
pictures are kept, in the order of the splits. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from translator.files import existing
from translator.writing import replacing

LANGUAGES = ("en", "fr")
SPLITS = ("train", "dev", "test")
FILES = ("ids.txt", "features.npy", *(f"captions.{language}.tsv" for language in LANGUAGES))
CHARACTERS = "chars.tsv"


def characters(emoji: Path) -> str:
    """The lines of ``chars.tsv`` that belong to a picture of some split."""
    lines = existing(emoji / CHARACTERS).read_text("utf-8").splitlines(keepends=True)
    line_of = {line.split("\t")[0]: line for line in lines}
    ids = [name for split in SPLITS for name in (emoji / split / "ids.txt").read_text("utf-8").splitlines()]
    return "".join(line_of[name] for name in ids)


def build(emoji: Path, output: Path) -> None:
    """Write the splits and the characters into ``output``; what else lies there stays."""
    for split in SPLITS:
        (output / split).mkdir(parents=True, exist_ok=True)
        for name in FILES:
            with replacing(output / split / name) as draft:
                shutil.copyfile(existing(emoji / split / name), draft)
    with replacing(output / CHARACTERS) as draft:
        draft.write_bytes(characters(emoji).encode())


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for option in ("--emoji", "--output"):
        parser.add_argument(option, type=Path, required=True, metavar="DIR")
    arguments = parser.parse_args()
    build(arguments.emoji, arguments.output)


if __name__ == "__main__":
    main()
