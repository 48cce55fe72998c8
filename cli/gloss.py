"""``translator gloss``: write texts in the words of the other language."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from .console import Console, speaking, standard_input
from .folder import chosen, opened
from .options import FILE, device_option, moved_vectors
from .translate import directed, split_folder

KINDS = ("numbers", "unknown", "case", "punctuation")


def _kinds(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    """Read kinds of text separated by commas."""
    kinds = () if value == "none" else tuple(kind.strip() for kind in value.split(","))
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise click.BadParameter(f"{unknown[0]!r} is not none or one of {', '.join(KINDS)}")
    return kinds


@click.command()
@click.argument("texts", nargs=-1, metavar="[FOLDER] [TEXTS]...")
@click.option("--file", type=FILE, metavar="FILE", help="Read the texts from a file, one per line.")
@click.option(
    "--at-least",
    type=click.FloatRange(0, 1),
    metavar="PROBABILITY",
    help="Write all candidates of a word that are at least so probable, for retrieval. [default: the best]",
)
@click.option(
    "--keep",
    default=",".join(KINDS),
    show_default=True,
    metavar="KINDS",
    callback=_kinds,
    help="What stays as in the text, of numbers, unknown words, letter case and punctuation; or none.",
)
@click.option(
    "-k",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Number of candidates per word in the JSON output, and for --at-least.",
)
@click.option(
    "--from",
    "origin",
    metavar="NAME",
    help="Language of the texts: its name, source or target. [default: decided by the words]",
)
@device_option
@moved_vectors
@speaking
def gloss(
    console: Console,
    /,
    texts: Sequence[str],
    file: Path | None,
    at_least: float | None,
    keep: tuple[Any, ...],
    k: int,
    origin: str | None,
    device: str,
    moved: Mapping[str, Path | None],
) -> None:
    """Write texts in the words of the other language.

    Texts are arguments, lines of --file, or lines of standard input if there is no text or the text is "-".
    Each word is replaced by its most probable translation. That is not a translation of the text, but enough
    for a search engine or a sentence encoder that only knows the other language.

    All texts are glossed in one direction. Without --from each word votes for the language in which it is
    more frequent. --json writes the candidates and probabilities of each word.

    \b
    Example:
      translator gloss fr-en "un chien saute par-dessus la barrière"
      translator gloss fr-en --file captions.fr.txt > captions.en.txt
    """
    named, texts = split_folder(texts)
    if texts and file:
        raise click.UsageError("--file and texts are both given. Remove one.")
    folder = chosen(named, texts)
    lines = _lines(texts, file)
    from translator import DataError, Glosser
    from translator.tokens import tokenize

    words = sorted({word for line in lines for word in tokenize(line)})
    if not words:
        raise DataError("the texts hold no words, expected some")
    for text in filter(os.path.isfile, texts):
        console.note(
            f"Warning: {text} is a file; its name is glossed. Pass --file {text} to gloss its lines."
        )
    console.phase(f"reading {folder}")
    alignment, reason = directed(opened(folder, moved), words, origin)
    console.phase("translating words")
    glosses = Glosser(alignment, at_least, keep, k, device).gloss(lines)
    if named is None and len(texts) > 1 and any(w.vector_origin != "vocabulary" for w in glosses[0].words):
        console.note(f"{texts[0]!r} is not an alignment folder, so it was glossed as a text")
    console.note(f"{folder}: {alignment.source.name} -> {alignment.target.name} ({reason})")
    console.result(
        "\n".join(one.text for one in glosses),
        {
            "alignment": str(folder),
            "from": alignment.source.name,
            "to": alignment.target.name,
            "direction": reason,
            "glosses": [asdict(one) for one in glosses] if console.json else [],
        },
    )


def _lines(texts: Sequence[str], file: Path | None) -> list[str]:
    """Return the texts: arguments, or lines of a file or of standard input, empty lines included.

    :raises DataError: a text is not UTF-8, or there is no such file.
    """
    from translator import DataError
    from translator.text_files import lines_of, text_lines

    if texts and list(texts) != ["-"]:
        for text in texts:
            try:
                text.encode()
            except UnicodeEncodeError:
                raise DataError(f"{text!r}: not UTF-8", "Check the encoding of the terminal.") from None
        return list(texts)
    if file is None and sys.stdin and sys.stdin.isatty():
        click.echo("Enter texts, one per line; end with Ctrl-D.", err=True)
    lines = text_lines(file) if file else lines_of(standard_input(), "standard input")
    return lines[:-1] if lines[-1] == "" else lines
