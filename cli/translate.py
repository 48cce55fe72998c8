"""``translator translate``: translate words."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import Console, speaking, standard_input
from .folder import chosen, is_alignment, opened
from .options import criterion_option, device_option, moved_vectors, rerank_option
from .render import table

if TYPE_CHECKING:
    from translator import Alignment
    from translator.retrieval import Criterion
    from translator.translation import Translation

NOTES = {"vocabulary": "", "subwords": "through subwords", "unknown": "unknown"}


@click.command()
@click.argument("words", nargs=-1, metavar="[FOLDER] [WORDS]...")
@click.option(
    "-k", type=click.IntRange(min=1), default=5, show_default=True, help="Number of candidates per word."
)
@click.option(
    "--from",
    "origin",
    metavar="NAME",
    help="Language of the words: its name, source or target. [default: decided by the words]",
)
@criterion_option
@rerank_option
@device_option
@moved_vectors
@speaking
def translate(
    console: Console,
    /,
    words: Sequence[str],
    k: int,
    origin: str | None,
    criterion: Criterion,
    rerank: bool,
    device: str,
    moved: Mapping[str, Path | None],
) -> None:
    """Translate words, also words outside the vocabulary.

    Words are arguments, or lines of standard input.

    All words are translated in one direction. Without --from each word votes for the language in which it
    is more frequent; a tie is decided for the source language. Words outside the vocabulary are translated
    through their subwords if the vectors are a fastText .bin. Scores are CSLS (-2 to 2, larger is better)
    and comparable within one word only. If the alignment has a ranker, it orders the candidates, and the
    last column is the probability that a candidate is correct.

    \b
    Example:
      translator translate en-de Hund Katze unseenword
    """
    named, words = split_folder(words)
    folder = chosen(named, words)
    words = words or _standard_input()
    _check(console, words)
    from translator import translation

    console.phase(f"reading {folder}")
    alignment = opened(folder, moved)
    alignment, reason = directed(alignment, words, origin)
    console.phase("translating")
    found = translation.translate(alignment, words, k, criterion=criterion, rerank=rerank, device=device)
    if named is None and len(words) > 1 and found[0].vector_origin != "vocabulary":
        console.note(f"{words[0]!r} is not an alignment folder, so it was translated as a word")
    console.note(f"{folder}: {alignment.source.name} -> {alignment.target.name} ({reason})")
    console.result(
        _table(found),
        {
            "alignment": str(folder),
            "from": alignment.source.name,
            "to": alignment.target.name,
            "direction": reason,
            "criterion": criterion,
            "translations": [asdict(one) for one in found],
        },
    )


def split_folder(words: Sequence[str]) -> tuple[Path | None, Sequence[str]]:
    """Split off the alignment folder if the first word is one.

    :raises DataError: the first word looks like a folder, but is no alignment.
    """
    from translator import DataError

    if not words:
        return None, words
    first = Path(words[0])
    try:
        folder = first.is_dir()
    except OSError:  # a text longer than any path
        return None, words
    if is_alignment(first):
        return first, words[1:]
    if folder or (len(first.parts) > 1 and len(words[0].split()) == 1):
        raise DataError(f"{first}: not an alignment folder", "Make one with: translator align SOURCE TARGET")
    return None, words


def _check(console: Console, words: Sequence[str]) -> None:
    """Refuse words that are not UTF-8, and note entries of several words."""
    from translator import DataError

    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError:
            raise DataError(f"{word!r}: not UTF-8", "Check the encoding of the terminal.") from None
        if len(word.split()) > 1:
            console.note(f"{word!r} is translated as one entry; separate arguments are translated one by one")


def _standard_input() -> list[str]:
    from translator.text_files import lines_of

    if sys.stdin and sys.stdin.isatty():
        click.echo("Enter words, one per line; end with Ctrl-D.", err=True)
    return [line.strip() for line in lines_of(standard_input(), "standard input") if line.strip()]


def directed(alignment: Alignment, words: Sequence[str], origin: str | None) -> tuple[Alignment, str]:
    """Return the alignment with the language of the words as its source, and how it was decided."""
    from translator.translation import count_votes

    source, target = alignment.source, alignment.target
    if origin is None:
        cast = count_votes(alignment, words)
        reason = f"{cast[0]} of {len(words)} words look like {source.name}, {cast[1]} like {target.name}"
        reason += "; choose with --from" if cast[0] == cast[1] else ""
        return (alignment.inverse() if cast[1] > cast[0] else alignment), reason
    if origin == "source" or (origin == source.name and source.name != target.name):
        return alignment, "by --from"
    if origin == "target" or (origin == target.name and source.name != target.name):
        return alignment.inverse(), "by --from"
    raise click.BadParameter(
        f"{origin!r} is not source ({source.name}) or target ({target.name})", param_hint="--from"
    )


def _table(found: Sequence[Translation]) -> str:
    rows = []
    for one in found:
        note, word = NOTES[one.vector_origin], one.word
        if not one.candidates:
            rows.append((word, "", "", "", note))
        for candidate in one.candidates:
            probability = "" if candidate.probability is None else f"{100 * candidate.probability:.0f} %"
            rows.append((word, candidate.word, f"{candidate.score:.3f}", probability, note))
            word = note = ""
    return table(rows)
