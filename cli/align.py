"""``translator align``: two files of vectors into an alignment folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from .console import Console, speaking
from .fetch import named_dictionary, named_vectors
from .folder import check_replaceable, default_folder, made_from_others
from .hints import in_flags
from .options import FILE
from .render import share, steps, table

if TYPE_CHECKING:
    from translator import Alignment, Lexicon, Options
    from translator.alignment.record import Record


COMMON = 500  # rank by frequency behind which function words are rare
CLDR = "cldr"  # a dictionary that ships instead of a file; a file of this name is ./cldr

TUNING = (  # one flag per field of translator.Options; flags that are not given keep its defaults
    click.option(
        "--start",
        type=click.Choice(["ridge", "procrustes", "whitening"]),
        help="Closed-form map: least squares drawn towards a rotation, the rotation itself, or whitening of "
        "both sides. [default: ridge]",
    ),
    click.option(
        "--self-learn/--no-self-learn",
        default=None,
        help="Learn from probable pairs, too, in addition to the dictionary. [default: self-learn]",
    ),
    click.option(
        "--refine",
        type=click.Choice(["free", "spectral", "none"]),
        help="How RCSLS refines the map. [default: free]",
    ),
    click.option(
        "--seed-pairs",
        type=click.Choice(["auto", "identical", "structure"]),
        help="Where seed pairs come from without a dictionary, or in addition to a small one: identical "
        "spellings, or the similarity structure of the spaces. [default: auto]",
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
        help="Number of most frequent words per language to read; 0 for all. [default: 200000]",
    ),
    click.option("--csls-k", type=int, help="Neighbourhood size of CSLS and RCSLS. [default: 10]"),
    click.option("--steps", type=int, help="Number of RCSLS steps. [default: 5]"),
    click.option("--step-size", type=float, help="RCSLS step size. [default: by pairs and dimensions]"),
    click.option(
        "--csls-sample",
        type=click.IntRange(min=1),
        help="Number of random words per language for CSLS means, to save time. [default: by all words]",
    ),
    click.option(
        "--compose-oov",
        is_flag=True,
        default=None,
        help="Compose vectors of dictionary words outside the vocabulary from subwords.",
    ),
    click.option(
        "--rerank/--no-rerank",
        default=None,
        help="Re-rank candidates by a model that gives each a probability. [default: rerank]",
    ),
    click.option("--seed", "random_state", type=int, help="Seed of every random choice. [default: 0]"),
    click.option("--device", help="cpu, or a torch device such as cuda. [default: cpu]"),
)


def tuning(function: Any) -> Any:
    """Add all options of :data:`TUNING` to a command, in that order."""
    for add in reversed(TUNING):
        function = add(function)
    return function


@click.command()
@click.argument("source", type=FILE)
@click.argument("target", type=FILE)
@click.option(
    "-d",
    "--dict",
    "lexicon",
    multiple=True,
    metavar="FILE",
    help='Seed dictionary: source<tab>target; or "cldr", the names of countries, languages, emoji and more '
    'in 150 languages; or a pair such as en-fi, which "translator fetch" downloaded. May be repeated.',
)
@click.option(
    "--langs",
    "languages",
    nargs=2,
    metavar="SOURCE TARGET",
    help="Codes of the languages, such as en ka. [default: from the names of the files]",
)
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="FOLDER",
    help="Output folder; an alignment there is replaced. [default: SOURCE-TARGET]",
)
@click.option(
    "--fetch", is_flag=True, help="Download vectors and dictionaries of codes that are not in the cache."
)
@tuning
@speaking
def align(
    console: Console,
    /,
    source: Path,
    target: Path,
    lexicon: tuple[str, ...],
    languages: tuple[str, str] | None,
    output: Path | None,
    fetch: bool,
    **given: Any,
) -> None:
    """Align two files of word vectors.

    SOURCE and TARGET are files, or codes of languages whose vectors "translator fetch" downloaded. Files of
    vectors are .vec (also .gz), fastText or word2vec .bin, .npz, .npy with words in .txt, .safetensors,
    model2vec folders or gensim .kv; they may differ in width. Without --dict the seed pairs are names of
    CLDR if the names of the files, or --langs, say the languages; else identical spellings; or they come from
    the structure of the two spaces. The output says which and why.

    \b
    Example:
      translator align en.bin de.bin --dict en-de.txt -o en-de
      translator align en.bin ka.bin --dict cldr
    """
    options = options_from(given)
    seed_dictionary = _joined(lexicon, languages or (source, target), fetch=fetch) if lexicon else None
    source, target = named_vectors(console, (source, target), options.limit, fetch=fetch)
    folder = output or default_folder(source, target)
    check_replaceable(folder)
    from translator import align as align_vectors
    from translator import load_vectors
    from translator.formats import subword_model

    vectors = []
    for path in (source, target):
        console.phase(f"reading {path}")
        vectors.append(load_vectors(path, limit=options.limit))
        if model := subword_model(path):
            console.note(f"Note: {path} has no subwords; align {model} to translate unseen words, too.")
    if before := made_from_others(folder, source, target):
        console.note(f"Warning: {folder}/ is the alignment of {before}, and will be replaced.")
    console.phase("aligning")
    alignment = align_vectors(vectors[0], vectors[1], seed_dictionary, options, languages=languages)
    console.phase(f"writing {folder}")
    alignment.save_pretrained(folder)
    console.summary(
        "\n".join([describe(alignment), f"Written to {folder}/", "", following(folder, alignment)]),
        {"folder": str(folder), **outcome(alignment)},
    )


def _joined(dictionaries: Sequence[str], languages: tuple[str | Path, str | Path], *, fetch: bool) -> Lexicon:
    """Return the pairs of all dictionaries: files, published pairs such as ``en-fi``, and :data:`CLDR`.

    :param languages: their codes, or the files of vectors whose names contain the codes.
    :param fetch: download a published dictionary that is not in the cache.
    :raises DataError: a file cannot be read, or the names of the files contain no code of a language.
    """
    from translator import cldr_lexicon, load_lexicon

    return reduce(
        lambda joined, other: joined.joined(other),
        (
            cldr_lexicon(*map(_code, languages))
            if dictionary == CLDR
            else load_lexicon(named_dictionary(dictionary, fetch=fetch))
            for dictionary in dictionaries
        ),
    )


def _code(language: str | Path) -> str:
    from translator import DataError
    from translator.cldr import file_language

    code = file_language(language) if isinstance(language, Path) else language
    if code is None:
        raise DataError(
            f"{language}: its name does not say the language, which --dict {CLDR} needs",
            "Give the codes of source and target, such as --langs en ka.",
        )
    return code


def options_from(given: Mapping[str, Any]) -> Options:
    """Return the options that the flags of :func:`tuning` set.

    :raises click.UsageError: a flag has an invalid value.
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
        raise click.UsageError(in_flags(str(error))) from None


def outcome(alignment: Alignment) -> dict[str, Any]:
    """Return how an alignment was made and how good it is, for JSON."""
    record = alignment.record.to_json()
    return {
        "source": alignment.source.name,
        "target": alignment.target.name,
        "method": alignment.record.method,
        **{key: record[key] for key in ("seed_pairs", "agreement", "warnings")},
    }


def describe(alignment: Alignment) -> str:
    """Describe how an alignment was made and how good it is."""
    record, sides = alignment.record, (alignment.source, alignment.target)
    rows = [(side.name, f"{len(side.mapped):,} words, {side.vectors.dimension} dimensions") for side in sides]
    rows.append(("method", record.method))
    rows.append(("agreement", agreement(record)))
    rows += [("probabilities", one) for one in (record.probabilities,) if one]
    return table(rows)


def agreement(record: Record) -> str:
    """Describe how well the two spaces agree."""
    measured = record.agreement
    clauses = [f"{share(measured.mutual_share)} of frequent words have a mutual nearest neighbour"]
    if measured.consistency is not None:
        clauses.append(f"{share(measured.consistency)} of these keep their translation in maps learned again")
    return "; ".join(clauses)


def following(folder: Path, alignment: Alignment) -> str:
    """Suggest the next commands after an alignment."""
    return steps(
        f"translator translate {quote(str(folder))} {quote(_example(alignment))}",
        f"translator lexicon {quote(str(folder))} -o {quote(f'{folder}.tsv')}",
        f"translator export {quote(str(folder))} --torch",
    )


def _example(alignment: Alignment) -> str:
    """Return a source word to try: a common one in lower case that is no target word, else the first."""
    words, target = alignment.source.mapped.words, alignment.target.mapped
    usable = (
        word for word in words[COMMON:] if word.isalpha() and word == word.lower() and word not in target
    )
    return next(usable, words[0])
