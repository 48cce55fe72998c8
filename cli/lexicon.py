"""``translator lexicon``: the dictionary of a whole vocabulary."""

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


@click.command()
@folder_argument
@click.option("-o", "--output", type=FILE, metavar="FILE", help="[default: - for standard output]")
@click.option(
    "-k", "--top", type=click.IntRange(min=1), default=1, show_default=True, help="Translations a word."
)
@click.option(
    "--mutual", "mutual_only", is_flag=True, help="Only best ones to which no other word is nearer."
)
@click.option("--reverse", is_flag=True, help="From the target language into the source language.")
@click.option(
    "--min-precision",
    type=click.FloatRange(0, 1),
    metavar="P",
    help="The largest lexicon expected to be right that often, such as 0.9.",
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
    top: int,
    mutual_only: bool,
    reverse: bool,
    min_precision: float | None,
    criterion: Criterion,
    rerank: bool,
    device: str,
    moved: Mapping[str, Path | None],
) -> None:
    """Write the dictionary of a whole vocabulary.

    Tab-separated columns: source, target, score, rank, mutual (by the map, no other source word is nearer to
    the target word), and probability where the alignment has a ranker, that is, unless it was made with
    --no-rerank.

    FOLDER may be left out where there is one alignment in the current directory.

    \b
    Example:
      translator lexicon en-de -o en-de.tsv
      translator lexicon en-de -o sure.tsv --min-precision 0.9
    """
    if min_precision is not None and not (rerank and criterion == "csls"):
        raise click.UsageError("--min-precision needs probabilities: leave --no-rerank and --criterion out.")
    if min_precision is not None and (top > 1 or isnan(min_precision)):
        raise click.UsageError("--min-precision P is a share of the best translations alone: leave -k out.")
    folder = chosen(folder)
    file = None if output in (None, Path("-")) else output
    from translator import induce_lexicon
    from translator.induction import at_precision, lexicon_lines, write_lexicon

    console.phase(f"reading {folder}")
    alignment = opened(folder, moved)
    for sentence in alignment.record.warnings:
        console.note(f"Warning: {sentence}")
    if file is not None:
        check_file(file, [folder, *inputs(alignment)])
    console.phase("translating")
    directed = alignment.inverse() if reverse else alignment
    entries = induce_lexicon(directed, top, criterion=criterion, rerank=rerank, device=device)
    mutual = sum(entry.mutual for entry in entries)
    kept = entries if min_precision is None else at_precision(entries, min_precision)
    kept = [entry for entry in kept if entry.mutual or not mutual_only]
    value: dict[str, Any] = {"alignment": str(folder), "entries": len(kept)}
    value |= {"mutual": sum(entry.mutual for entry in kept), **_surety(kept)}
    if file is None:
        value["lexicon"] = [asdict(entry) for entry in kept]
        console.result("".join(lexicon_lines(kept)).rstrip("\n"), value)
        return
    write_lexicon(kept, file)
    words = sum(entry.rank == 1 for entry in entries)
    told = f"{share(mutual / words)} of {words:,} words are mutual"
    if min_precision is not None:
        told = _told(kept, entries)
    console.summary(f"{len(kept):,} entries written to {file}; {told}", {**value, "file": str(file)})


def _surety(entries: Sequence[Entry]) -> dict[str, float]:
    """How sure the entries of a lexicon are, where they carry probabilities."""
    likely = [entry.probability for entry in entries if entry.probability is not None]
    if not likely:
        return {}
    alike = sum(entry.source == entry.target for entry in entries)
    return {"expected": sum(likely) / len(likely), "least": min(likely), "most": max(likely), "alike": alike}


def _told(kept: Sequence[Entry], entries: Sequence[Entry]) -> str:
    """The same in words; of an empty lexicon, how sure it could have been."""
    if not kept:
        return f"the surest of all has {share(_surety(entries).get('most', 0.0))}"
    sure = _surety(kept)
    return (
        f"{share(sure['expected'])} of them are expected to be right, the least sure with "
        f"{share(sure['least'])}; {sure['alike']:,} are spelled alike in both languages"
    )
