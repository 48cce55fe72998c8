"""``translator lexicon``: translations of the whole vocabulary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .console import Console, speaking
from .folder import check_file, chosen, inputs, opened
from .options import FILE, criterion_option, device_option, folder_argument, moved_vectors, rerank_option
from .render import share

if TYPE_CHECKING:
    from translator.induction import Entry
    from translator.retrieval import Criterion

MOST = 10  # translations of a word with --at-least


@click.command()
@folder_argument
@click.option("-o", "--output", type=FILE, metavar="FILE", help="Output file. [default: standard output]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["tsv", "csv", "json", "moses", "hunalign", "anki", "stardict", "dictd"]),
    default="tsv",
    show_default=True,
    help="File format: tables, Moses' lex.f2e, hunalign's .dic, flash cards, StarDict (-o NAME.ifo), or "
    "dictd (-o NAME.index).",
)
@click.option(
    "-k",
    type=click.IntRange(min=1),
    help=f"Number of translations per word, at most with --at-least. [default: 1; {MOST} with --at-least]",
)
@click.option(
    "--at-least",
    "least",
    type=click.FloatRange(0, 1),
    metavar="P",
    help="Keep all translations with this probability of being right, such as 0.3.",
)
@click.option("--mutual", "mutual_only", is_flag=True, help="Keep mutual nearest neighbours only.")
@click.option("--reverse", is_flag=True, help="Translate from the target language into the source language.")
@click.option(
    "--min-precision",
    "precision",
    type=click.FloatRange(0, 1),
    metavar="P",
    help="Keep the largest lexicon with this expected precision, such as 0.9.",
)
@criterion_option
@rerank_option
@device_option
@moved_vectors
@speaking
def lexicon(
    console: Console,
    /,
    folder: Path | None,
    output: Path | None,
    form: str,
    k: int | None,
    least: float | None,
    mutual_only: bool,
    reverse: bool,
    precision: float | None,
    criterion: Criterion,
    rerank: bool,
    device: str,
    moved: Mapping[str, Path | None],
) -> None:
    """Translate the whole vocabulary into a lexicon.

    Each word has its best translation, its -k best, or with --at-least all that are probable enough: none for
    some words, several for others. Tables have the columns source, target, score, rank, mutual (whether the
    two words are mutual nearest neighbours under the map) and probability. Probabilities need a ranker, which
    every alignment has that was not made with --no-rerank.

    FOLDER is optional if the current directory has one alignment.

    \b
    Example:
      translator lexicon en-de -o en-de.tsv
      translator lexicon en-de -o confident.tsv --min-precision 0.9
      translator lexicon en-de -o en-de.ifo --format stardict --at-least 0.3
    """
    _check_flags(k, least, precision, with_probabilities=rerank and criterion == "csls")
    folder = chosen(folder)
    file = None if output in (None, Path("-")) else output
    from translator import induce_lexicon
    from translator.lexicon_files import files_of, lexicon_text, write_lexicon

    console.phase(f"reading {folder}")
    alignment = opened(folder, moved)
    for sentence in alignment.record.warnings:
        console.note(f"Warning: {sentence}")
    for written in files_of(file, form) if file else []:
        check_file(written, [folder, *inputs(alignment)])
    console.phase("translating")
    directed = alignment.inverse() if reverse else alignment
    count = k or (1 if least is None else MOST)
    entries = induce_lexicon(directed, count, criterion=criterion, rerank=rerank, device=device)
    kept = _selected(entries, precision, least, mutual_only)
    value: dict[str, Any] = {"alignment": str(folder), "entries": len(kept)}
    value |= {"mutual": sum(entry.mutual for entry in kept), **_confidence(kept)}
    if not kept:
        console.note(f"Warning: the lexicon is empty{_highest(entries)}")
    if file is None:
        value["lexicon"] = [asdict(entry) for entry in kept]
        console.result(lexicon_text(kept, form).removesuffix("\n"), value)
        return
    write_lexicon(kept, file, form)
    by_probability = kept and (precision is not None or least is not None)
    quality = _confidence_text(kept) if by_probability else _mutual_text(entries)
    console.summary(f"{len(kept):,} entries written to {file}; {quality}", {**value, "file": str(file)})


def _check_flags(
    k: int | None, least: float | None, precision: float | None, *, with_probabilities: bool
) -> None:
    """Refuse flags that do not go together.

    :param with_probabilities: whether candidates are re-ranked, which gives them probabilities.
    """
    for flag, value in (("--min-precision", precision), ("--at-least", least)):
        if value is not None and not with_probabilities:
            raise click.UsageError(f"{flag} needs probabilities. Remove --no-rerank and --criterion.")
        if value is not None and isnan(value):
            raise click.UsageError(f"{flag}: not a number, expected a share between 0 and 1.")
    if precision is not None and (least is not None or (k or 1) > 1):
        raise click.UsageError(
            "--min-precision selects among the best translation of each word. Remove -k and --at-least."
        )


def _selected(
    entries: list[Entry], precision: float | None, least: float | None, mutual_only: bool
) -> list[Entry]:
    """Return the entries that --min-precision, --at-least and --mutual keep."""
    from translator.induction import at_least, at_precision

    kept = entries if precision is None else at_precision(entries, precision)
    kept = kept if least is None else at_least(kept, least)
    return [entry for entry in kept if entry.mutual or not mutual_only]


def _mutual_text(entries: Sequence[Entry]) -> str:
    """Say how many of the translated words are mutual nearest neighbours."""
    words, mutual = sum(entry.rank == 1 for entry in entries), sum(entry.mutual for entry in entries)
    return f"{share(mutual / words)} of {words:,} words are mutual nearest neighbours"


def _confidence(entries: Sequence[Entry]) -> dict[str, float]:
    """Summarise the probabilities, if there are any, and count identical spellings."""
    values = [entry.probability for entry in entries if entry.probability is not None]
    if not values:
        return {}
    identical = sum(entry.source == entry.target for entry in entries)
    mean = sum(values) / len(values)
    return {"expected": mean, "lowest": min(values), "highest": max(values), "identical": identical}


def _highest(entries: Sequence[Entry]) -> str:
    """Name the most confident entry's probability, if there are probabilities."""
    highest = _confidence(entries).get("highest")
    return "" if highest is None else f"; the highest probability is {share(highest)}"


def _confidence_text(entries: Sequence[Entry]) -> str:
    """Describe the confidence of a lexicon that is not empty."""
    confidence = _confidence(entries)
    return (
        f"{share(confidence['expected'])} of them are expected to be correct; the lowest probability is "
        f"{share(confidence['lowest'])}; {confidence['identical']:,} are spelled alike in both languages"
    )
