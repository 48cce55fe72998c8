"""``translator align-many``: a table of language pairs into a folder of alignments."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, as_completed
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .align import align, options_from, tuning
from .console import Console, speaking
from .folder import check_parent, check_replaceable, claimed
from .group import Failure
from .options import FILE
from .summary import Row, Summary
from .workers import Ended, Job, cores, local, on_dask, run, threads

if TYPE_CHECKING:
    from translator import Options
    from translator.pairs import Pair

SHOWN = 5  # pairs that one message names


@click.command("align-many")
@click.argument("table", type=FILE, metavar="PAIRS.TSV")
@click.option(
    "-o", "--output", type=FILE, metavar="FOLDER", required=True, help="Where the alignment folders go."
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    help="Pairs at once, each with its part of the processor's cores. [default: one a core]",
)
@click.option(
    "--retry",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Times to begin a pair again whose process was killed.",
)
@click.option("--overwrite", is_flag=True, help="Align anew what was made from other files or arguments.")
@click.option(
    "--scheduler", metavar="ADDRESS", help="Run on a Dask cluster, such as tcp://host:8786, instead of here."
)
@tuning
@speaking
def align_many(
    console: Console,
    /,
    table: Path,
    output: Path,
    jobs: int | None,
    retry: int,
    overwrite: bool,
    scheduler: str | None,
    **given: Any,
) -> None:
    """Align many pairs of languages, each in a process of its own.

    PAIRS.TSV is tab separated and begins with a line of column names: source and target (files of vectors),
    dictionary and name (may be left out). Files are relative to its folder.

    Each pair becomes the folder FOLDER/NAME that "translator align" would write, and a line of
    FOLDER/summary.tsv. One that fails does not stop the others. The same command again skips what is
    done, by content of the files, and goes on with the rest.

    \b
    Example:
      translator align-many pairs.tsv -o aligned --jobs 4
    """
    if scheduler is not None and jobs is not None:
        raise click.UsageError("--jobs is for this machine; a cluster has its own number of places.")
    options = options_from(given)
    from translator.pairs import SUMMARY, load_pairs

    pairs = load_pairs(table)
    _make(output)
    with claimed(output):
        console.phase("checking")
        left = _left(pairs, output, options, overwrite)
        rows = [Row(pair.name) if pair in left else _made(output / pair.name, "skipped") for pair in pairs]
        summary = Summary(output / SUMMARY, rows)
        places = min(jobs or cores(), len(pairs))
        environment = {} if scheduler else threads(max(1, cores() // places))
        waiting = {
            pair.name: Job(
                _arguments(pair, output, given), (output / pair.name).absolute(), environment, 1 + retry
            )
            for pair in left
        }
        console.phase(f"aligning {len(left)} of {len(pairs)} pairs")
        _run(console, waiting, places, scheduler, summary)
    _tell(console, output, summary)


def _make(folder: Path) -> None:
    from translator.errors import DataError

    check_parent(folder)
    if folder.exists() and not folder.is_dir():
        raise DataError(f"{folder}: a file has that name", "Choose another folder with -o.")
    folder.mkdir(exist_ok=True)


def _left(pairs: Sequence[Pair], output: Path, options: Options, overwrite: bool) -> list[Pair]:
    """The pairs still to align; what is half-written of them is removed.

    :raises DataError: something is in the place of one that must not be replaced.
    """
    from translator.alignment.standing import differences
    from translator.errors import DataError
    from translator.progress import track

    left, half, refused = [], [], []
    for pair in track(pairs, "pairs"):
        folder = output / pair.name
        check_replaceable(folder)
        found = differences(folder, pair, options)
        if found is None:
            half.append(folder)
        elif found:
            refused.append(f"{folder}: made before, with {', '.join(found)}")
        if found != []:
            left.append(pair)
    if refused and not overwrite:
        more = [f"... and {len(refused) - SHOWN} more"] if len(refused) > SHOWN else []
        raise DataError(
            "\n".join([*refused[:SHOWN], *more]),
            "Align them anew with --overwrite, or choose another folder.",
        )
    for folder in half:
        shutil.rmtree(folder, ignore_errors=True)
    return left


def _arguments(pair: Pair, output: Path, given: Mapping[str, Any]) -> list[str]:
    """The arguments of ``translator align`` for one pair."""
    seed = ["--dict", str(pair.dictionary.absolute())] if pair.dictionary else []
    flags = []
    for option in align.params:
        value = given.get(option.name or "")
        if isinstance(value, bool):
            flags.append((option.opts if value else option.secondary_opts)[0])
        elif value is not None:
            flags += [option.opts[0], str(value)]
    files = [str(path.absolute()) for path in (output / pair.name, pair.source, pair.target)]
    return ["-o", *files[:1], *seed, *flags, "--", *files[1:]]


def _run(
    console: Console, waiting: Mapping[str, Job], places: int, scheduler: str | None, summary: Summary
) -> None:
    """Run all jobs, and put how each came out into the summary."""
    from translator.progress import track

    try:
        with on_dask(scheduler) if scheduler else local(places) as (pool, stop):
            names = {pool.submit(run, job, stop): name for name, job in waiting.items()}
            ended = as_completed(names)
            for _ in track(range(len(names)), "pairs"):
                future = next(ended)
                row = _row(names[future], waiting[names[future]], future)
                summary.put(row)
                console.note(f"{row.name}: {row.state}" + (f" in {row.seconds:.1f} s" if row.seconds else ""))
    except KeyboardInterrupt:
        raise KeyboardInterrupt("What is done stays; the same command goes on with the rest.") from None


def _row(name: str, job: Job, future: Future[Ended]) -> Row:
    """How a job came out."""
    from translator.errors import DataError

    try:
        ended = future.result()
    except Exception as error:  # whatever may befall a cluster: one pair is lost, not the others
        return Row(name, "failed", warning=f"not run: {error!r}")
    if ended.status != 0:
        return Row(name, "failed", ended.seconds, warning=ended.why())
    try:
        return _made(job.folder, "done", ended)
    except DataError as error:
        return Row(name, "failed", ended.seconds, warning=f"made, but not seen from here: {error.message}")


def _made(folder: Path, state: str, ended: Ended | None = None) -> Row:
    """The row of an alignment that is there; warnings are those of its process, or else of its record."""
    from translator.alignment.making import making

    from translator.alignment.artefact import read_config

    made = making(read_config(folder), folder)
    begin = "Warning: "
    said = ended.said.splitlines() if ended else [begin + warning for warning in made.warnings]
    warnings = [line.removeprefix(begin) for line in said if line.startswith(begin)]
    return Row(
        folder.name, state, ended.seconds if ended else None, made.figures(), warning="; ".join(warnings)
    )


def _tell(console: Console, output: Path, summary: Summary) -> None:
    """The table; and the failures, as one."""
    rows, failed = summary.rows.values(), summary.failed()
    states = {state: sum(row.state == state for row in rows) for state in ("done", "skipped", "failed")}
    counts = ", ".join(f"{count} {state}" for state, count in states.items())
    console.summary(
        f"{summary.text()}\n{len(rows)} pairs: {counts}. Written to {output}/, with {summary.file.name}",
        {"folder": str(output), **states, "pairs": [row.as_dict() for row in rows]},
    )
    if failed:
        reasons = [f"{row.name}: {row.warning}" for row in failed]
        raise Failure(
            "\n".join([f"{len(failed)} of {len(rows)} pairs failed", *reasons]),
            "The same command tries them again, and skips the others.",
        )
