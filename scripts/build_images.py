"""Extract the images that ship in ``vse/data`` from a larger set: two languages, no drawings.

    python -m scripts.build_images --emoji EMOJI --output vse/data

EMOJI holds, for the splits train, dev and test, ``<split>/ids.txt`` (an image per line),
``<split>/features.npy`` (float16 [n, d]) and ``<split>/captions.<language>.tsv`` (row, source, caption), and
``chars.tsv`` (id, character) for these and other emoji. ``vse/data/NOTICE`` names
the origin of these files. They are copied unchanged, except ``chars.tsv``, which is reduced to the images of
the splits, in their order. The same input gives the same bytes.
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
    """Return the lines of ``chars.tsv`` that belong to an image of a split."""
    lines = existing(emoji / CHARACTERS).read_text("utf-8").splitlines(keepends=True)
    line_of = {line.split("\t")[0]: line for line in lines}
    ids = [name for split in SPLITS for name in (emoji / split / "ids.txt").read_text("utf-8").splitlines()]
    return "".join(line_of[name] for name in ids)


def build(emoji: Path, output: Path) -> None:
    """Write the splits and the characters into ``output`` and keep its other files."""
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
