"""``translator align``: two files of vectors into an alignment folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from .console import Console, speaking
from .folder import check_replaceable, default_folder, made_from_others
from .options import FILE
from .render import share, steps, table

if TYPE_CHECKING:
    from translator import Alignment, Options
    from translator.learning.consistency import Agreement


TUNING = (  # a flag for each field of translator.Options; only flags that are given change anything
    click.option(
        "--start",
        type=click.Choice(["auto", "procrustes", "whitening"]),
        help="Closed-form map to start from. [default: auto]",
    ),
    click.option(
        "--self-learn/--no-self-learn",
        default=None,
        help="Add mutual neighbours to the dictionary and fit again. [default: by dictionary size]",
    ),
    click.option(
        "--refine",
        type=click.Choice(["auto", "free", "spectral", "none"]),
        help="RCSLS descent on the dictionary. [default: auto]",
    ),
    click.option(
        "--seed-pairs",
        type=click.Choice(["auto", "identical", "structure"]),
        help="Without a dictionary, or beside a small one, start from words spelled alike, or from the "
        "similarity structure of the spaces. [default: auto]",
    ),
    click.option(
        "--normalize",
        "normalization",
        metavar="STEPS",
        help="Normalisation steps, of center and unit. [default: center,unit]",
    ),
    click.option(
        "--limit",
        type=click.IntRange(min=0),
        help="Most frequent words a side that are mapped; 0 for all. [default: 200000]",
    ),
    click.option("--csls-k", type=int, help="Neighbourhood size of CSLS and RCSLS. [default: 10]"),
    click.option("--steps", type=int, help="Most RCSLS steps. [default: by held-out pairs]"),
    click.option("--step-size", type=float, help="RCSLS step size. [default: by dictionary size]"),
    click.option(
        "--held-out", type=float, help="Share of the dictionary kept for early stop. [default: 0.1]"
    ),
    click.option(
        "--self-learning-words",
        type=int,
        help="Most frequent words a side among which self-learning looks. [default: 20000]",
    ),
    click.option("--self-learning-rounds", type=int, help="Most rounds of it. [default: 20]"),
    click.option(
        "--csls-sample",
        type=click.IntRange(min=1),
        help="Correct hubs by so many random words a side, for big vocabularies. [default: by all]",
    ),
    click.option(
        "--compose-oov",
        is_flag=True,
        default=None,
        help="Compose dictionary words outside the vocabulary from subwords.",
    ),
    click.option(
        "--rerank/--no-rerank",
        default=None,
        help="Re-rank candidates, and let the map learn from likely ones where that helps. [default: rerank]",
    ),
    click.option("--seed", "random_state", type=int, help="Seed of every random choice. [default: 0]"),
    click.option("--device", help="cpu, or a torch device such as cuda. [default: cpu]"),
)


def tuning(function: Any) -> Any:
    """Give a command all of :data:`TUNING`, in its order."""
    for add in reversed(TUNING):
        function = add(function)
    return function


@click.command()
@click.argument("source", type=FILE)
@click.argument("target", type=FILE)
@click.option("-d", "--dict", "lexicon", type=FILE, metavar="FILE", help="Pairs: source<tab>target.")
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="FOLDER",
    help="Where to write; an alignment there is replaced. [default: SOURCE-TARGET]",
)
@tuning
@speaking
def align(
    console: Console,
    /,
    source: Path,
    target: Path,
    lexicon: Path | None,
    output: Path | None,
    **given: Any,
) -> None:
    """Align two files of word vectors.

    Vectors are .vec (.gz too), fastText .bin, .npz, .safetensors or gensim .kv. Without --dict it
    starts from words spelled alike, or from the structure of the two spaces. What is not set is chosen by
    the size of the dictionary; the output says what was chosen, and why.

    \b
    Example:
      translator align en.bin de.bin --dict en-de.txt -o en-de
    """
    options = options_from(given)
    folder = output or default_folder(source, target)
    check_replaceable(folder)
    if before := made_from_others(folder, source, target):
        console.note(f"Warning: {folder}/ is the alignment of {before}, and will be replaced.")
    from translator import align as align_vectors
    from translator import load_lexicon, load_vectors

    seed_dictionary = load_lexicon(lexicon) if lexicon else None
    vectors = []
    for path in (source, target):
        console.phase(f"reading {path}")
        vectors.append(load_vectors(path, limit=options.limit))
    console.phase("aligning")
    alignment = align_vectors(vectors[0], vectors[1], seed_dictionary, options)
    console.phase(f"writing {folder}")
    alignment.save_pretrained(folder)
    console.summary(
        "\n".join([describe(alignment), f"Written to {folder}/", "", following(folder)]),
        {"folder": str(folder), **outcome(alignment)},
    )


def options_from(given: Mapping[str, Any]) -> Options:
    """The choices that the flags of :func:`tuning` come to.

    :raises click.UsageError: one of them has no such value.
    """
    from translator import DataError, Options
    from translator.vectors.normalize import parse_normalization

    chosen = {name: value for name, value in given.items() if value is not None}
    if "limit" in chosen:
        chosen["limit"] = chosen["limit"] or None
    try:
        if "normalization" in chosen:
            chosen["normalization"] = parse_normalization(chosen["normalization"])
        return Options(**chosen)
    except DataError as error:
        raise click.UsageError(str(error)) from None


def outcome(alignment: Alignment) -> dict[str, Any]:
    """How an alignment came out, as JSON."""
    record = alignment.record.to_json()
    return {
        "source": alignment.source.name,
        "target": alignment.target.name,
        **{key: record[key] for key in ("method", "seed_pairs", "agreement", "warnings")},
    }


def describe(alignment: Alignment) -> str:
    """How an alignment came out, for people."""
    record, sides = alignment.record, (alignment.source, alignment.target)
    rows = [(side.name, f"{len(side.mapped):,} words, {side.vectors.dimension} dimensions") for side in sides]
    rows.append(("method", record.method.reason))
    rows.append(("agreement", agreement(record.agreement)))
    return table(rows)


def agreement(found: Agreement) -> str:
    """How well the two spaces agree, in words."""
    text = f"{share(found.mutual_share)} of frequent words have a mutual neighbour"
    if found.consistency is None:
        return text
    return f"{text}; {share(found.consistency)} of these follow from the others"


def following(folder: Path) -> str:
    """What to type once there is an alignment."""
    return steps(
        f"translator translate {quote(str(folder))} WORD ...",
        f"translator lexicon {quote(str(folder))} -o {quote(f'{folder}.tsv')}",
        f"translator export {quote(str(folder))} --torch",
    )
