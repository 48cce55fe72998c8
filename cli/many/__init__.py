"""``translator align-many``: a table of language pairs into a folder of alignments."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..align import align, options_from, tuning
from ..console import Console, speaking
from ..fetch import named_dictionary, named_vectors
from ..folder import check_parent, check_replaceable, claimed
from ..group import Failure
from ..options import FILE
from .summary import Row, Summary
from .workers import Job, Outcome, cores, dask_pool, local_pool, run, threads

if TYPE_CHECKING:
    from translator import Options

    from .pairs import Pair

SHOWN = 5  # pairs that one message names
WARNING = "Warning: "  # how lines of stderr begin that the summary keeps


@click.command("align-many")
@click.argument("table", type=FILE, metavar="PAIRS.TSV")
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="FOLDER",
    required=True,
    help="The folder for the alignment folders.",
)
@click.option(
    "--into",
    type=FILE,
    metavar="FILE",
    help="Vectors, or code, of a pivot language, the target of every pair. Each source is also written to "
    "FOLDER/NAME.vec, in the space of FILE.",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    help="Number of pairs to align at once; they share the processor cores. [default: one per core]",
)
@click.option(
    "--retry",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="How often to start a pair again whose process was killed.",
)
@click.option(
    "--overwrite", is_flag=True, help="Replace alignments that were made from other files or arguments."
)
@click.option(
    "--fetch", is_flag=True, help="Download vectors and dictionaries of codes that are not in the cache."
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Run on a Dask cluster, such as tcp://host:8786, instead of this machine.",
)
@tuning
@speaking
def align_many(
    console: Console,
    /,
    table: Path,
    output: Path,
    into: Path | None,
    jobs: int | None,
    retry: int,
    overwrite: bool,
    fetch: bool,
    scheduler: str | None,
    **given: Any,
) -> None:
    """Align many pairs of languages, each in its own process.

    PAIRS.TSV is tab separated, or CSV, and begins with a line of column names: source and target (files of
    vectors, or codes of languages), dictionary (a file, or cldr or a pair of codes as for --dict) and name
    (both optional). Paths are relative to the folder of PAIRS.TSV.

    Each pair becomes the folder FOLDER/NAME that "translator align" would write, and a line of
    FOLDER/summary.tsv. A pair that fails does not stop the others. Running the same command again skips pairs
    whose folder is up to date (files are compared by content) and aligns the rest.

    \b
    Example:
      translator align-many pairs.tsv -o aligned --jobs 4
      translator align-many sources.tsv --into en.bin -o aligned
    """
    if scheduler is not None and jobs is not None:
        raise click.UsageError("--jobs is for this machine: a Dask cluster has its own number of workers.")
    options = options_from(given)
    from .into import export_into
    from .pairs import SUMMARY, load_pairs

    pairs = _with_files(console, load_pairs(table, into), options.limit, fetch=fetch)
    _make(output)
    with claimed(output):
        console.phase("checking")
        remaining = _remaining(pairs, output, options, overwrite)
        rows = [
            Row(pair.name) if pair in remaining else _row_of(output / pair.name, "skipped") for pair in pairs
        ]
        summary = Summary(output / SUMMARY, rows)
        slots = min(jobs or cores(), len(pairs))
        environment = {} if scheduler else threads(max(1, cores() // slots))
        queue = {
            pair.name: Job(
                _arguments(pair, output, given), (output / pair.name).absolute(), environment, 1 + retry
            )
            for pair in remaining
        }
        console.phase(f"aligning {len(remaining)} of {len(pairs)} pairs")
        _run(console, queue, slots, scheduler, summary)
        if into is not None:
            export_into(console, summary, output, into)
    _report(console, output, summary)


def _with_files(console: Console, pairs: Sequence[Pair], limit: int | None, *, fetch: bool) -> list[Pair]:
    """Replace codes by the files in the cache.

    :param limit: number of words that are going to be read; None for all.
    :param fetch: download what is missing.
    :raises DataError: a file is missing.
    """
    names = list(dict.fromkeys(path for pair in pairs for path in (pair.source, pair.target)))
    files = dict(zip(names, named_vectors(console, names, limit, fetch=fetch), strict=True))

    def with_files(pair: Pair) -> Pair:
        named = pair.dictionary
        dictionary = named_dictionary(str(named), fetch=fetch) if isinstance(named, Path) else named
        return replace(pair, source=files[pair.source], target=files[pair.target], dictionary=dictionary)

    return [with_files(pair) for pair in pairs]


def _make(folder: Path) -> None:
    from translator.errors import DataError

    check_parent(folder)
    if folder.exists() and not folder.is_dir():
        raise DataError(f"{folder}: is a file, expected a folder", "Choose another folder with -o.")
    folder.mkdir(exist_ok=True)


def _remaining(pairs: Sequence[Pair], output: Path, options: Options, overwrite: bool) -> list[Pair]:
    """Return the pairs to align, and remove incomplete folders of theirs.

    :raises DataError: a folder holds something that must not be replaced.
    """
    from translator.errors import DataError
    from translator.progress import track

    from .up_to_date import differences

    remaining, incomplete, refused = [], [], []
    for pair in track(pairs, "pairs"):
        folder = output / pair.name
        check_replaceable(folder)
        changes = differences(folder, pair, options)
        if changes is None:
            incomplete.append(folder)
        elif changes:
            refused.append(f"{folder}: exists, made with {', '.join(changes)}")
        if changes != []:
            remaining.append(pair)
    if refused and not overwrite:
        more = [f"... and {len(refused) - SHOWN} more"] if len(refused) > SHOWN else []
        raise DataError(
            "\n".join([*refused[:SHOWN], *more]), "Replace them with --overwrite, or choose another folder."
        )
    for folder in incomplete:
        shutil.rmtree(folder, ignore_errors=True)
    return remaining


def _arguments(pair: Pair, output: Path, given: Mapping[str, Any]) -> list[str]:
    """Return the arguments of ``translator align`` for one pair."""
    named = pair.dictionary.absolute() if isinstance(pair.dictionary, Path) else pair.dictionary
    dictionary = ["--dict", str(named)] if named else []
    flags = []
    for option in align.params:
        value = given.get(option.name or "")
        if isinstance(value, bool):
            flags.append((option.opts if value else option.secondary_opts)[0])
        elif value is not None:
            flags += [option.opts[0], str(value)]
    folder, source, target = (str(path.absolute()) for path in (output / pair.name, pair.source, pair.target))
    return ["-o", folder, *dictionary, *flags, "--", source, target]


def _run(
    console: Console, queue: Mapping[str, Job], slots: int, scheduler: str | None, summary: Summary
) -> None:
    """Run all jobs and put their outcomes into the summary."""
    from translator.progress import track

    try:
        with dask_pool(scheduler) if scheduler else local_pool(slots) as (pool, stop):
            names = {pool.submit(run, job, stop): name for name, job in queue.items()}
            finished = as_completed(names)
            for _ in track(range(len(names)), "pairs"):
                future = next(finished)
                row = _finished_row(names[future], queue[names[future]], future)
                summary.put(row)
                console.note(f"{row.name}: {row.state}" + (f" in {row.seconds:.1f} s" if row.seconds else ""))
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Finished pairs are kept; the same command aligns the rest.") from None


def _finished_row(name: str, job: Job, future: Future[Outcome]) -> Row:
    from translator.errors import DataError

    try:
        outcome = future.result()
    except Exception as error:  # whatever happens to a cluster: one pair is lost, not the others
        return Row(name, "failed", warning=f"not run: {error!r}")
    if outcome.status != 0:
        return Row(name, "failed", outcome.seconds, warning=outcome.error())
    try:
        return _row_of(job.folder, "done", outcome)
    except DataError as error:
        reason = f"aligned, but the folder cannot be read from this machine: {error.message}"
        return Row(name, "failed", outcome.seconds, warning=reason)


def _row_of(folder: Path, state: str, outcome: Outcome | None = None) -> Row:
    """Return the row of a complete alignment, with the warnings of its process or else of its record."""
    from translator.alignment.artefact import read_config

    record = read_config(folder).record
    if outcome is None:
        warnings = list(record.warnings)
    else:
        lines = outcome.stderr.splitlines()
        warnings = [line.removeprefix(WARNING) for line in lines if line.startswith(WARNING)]
    seconds = outcome.seconds if outcome else None
    return Row(folder.name, state, seconds, record.figures(), warning="; ".join(warnings))


def _report(console: Console, output: Path, summary: Summary) -> None:
    """Print the table, and fail if a pair failed."""
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
            "The same command aligns these again and skips the others.",
        )
