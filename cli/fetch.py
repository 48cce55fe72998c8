"""``translator fetch``: published vectors and dictionaries into the cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .console import Console, speaking
from .render import steps, table

if TYPE_CHECKING:
    from translator.fetching.catalogue import Collection, Published, Split

ALL = 0  # the limit that means all words
SPLITS: tuple[Split, ...] = ("full", "train", "test")


@click.command()
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=200_000,
    show_default=True,
    help="Number of most frequent words to fetch; 0 for all.",
)
@click.option(
    "--subwords",
    is_flag=True,
    help="Fetch whole fastText models (.bin, 4 to 7 GB), which have vectors for any string.",
)
@click.option(
    "--collection",
    type=click.Choice(["crawl", "wiki"]),
    help="Vectors from Common Crawl and Wikipedia, or from Wikipedia alone. [default: crawl, or else wiki]",
)
@click.option(
    "--dictionary",
    "pairs",
    multiple=True,
    metavar="PAIR",
    help="Fetch a dictionary, such as en-fi, with its train and test splits; may be repeated.",
)
@click.option(
    "--mirror",
    metavar="URL",
    help="Server with the same paths as the original one. [default: $TRANSLATOR_MIRROR]",
)
@click.option("--list", "listed", is_flag=True, help="List the codes and dictionaries that are published.")
@speaking
def fetch(
    console: Console,
    /,
    codes: tuple[str, ...],
    limit: int,
    subwords: bool,
    collection: Collection | None,
    pairs: tuple[str, ...],
    mirror: str | None,
    listed: bool,
) -> None:
    """Fetch published word vectors and dictionaries.

    CODE is a language, such as fi. The vectors are those that fastText publishes (300 dimensions, 294
    languages, CC BY-SA 3.0), the dictionaries those of MUSE (CC BY-NC 4.0). They are stored in the cache,
    where "translator align en fi" finds them. Only the start of a file is downloaded, as far as --limit needs
    it. The same command continues an interrupted download, and downloads nothing that is in the cache.

    \b
    Example:
      translator fetch en fi
      translator fetch --dictionary en-fi
      translator align en fi
    """
    if listed:
        _list(console)
        return
    if not codes and not pairs:
        raise click.UsageError("Say what to fetch: codes of languages, such as fi, or --dictionary PAIR.")
    from translator import fetch_dictionary, fetch_vectors
    from translator.fetching import vectors_of

    for code in codes:  # a wrong code is reported before anything is downloaded
        vectors_of(code, collection, subwords=subwords)
    for pair in pairs:
        _published(pair)
    fetched: dict[str, Path] = {}
    for code in codes:
        console.phase(f"fetching {code}")
        with continuable():
            fetched[code] = fetch_vectors(
                code,
                limit=limit or None,
                subwords=subwords,
                collection=collection,
                mirror=mirror,
                announce=console.note,
            )
    for pair in pairs:
        console.phase(f"fetching {pair}")
        for split in SPLITS:
            fetched[f"{pair} {split}"] = fetch_dictionary(pair, split=split, mirror=mirror)
    text = [table([(name, str(file)) for name, file in fetched.items()]), *_following(codes, pairs)]
    console.summary("\n".join(text), {"files": {name: str(file) for name, file in fetched.items()}})


@contextmanager
def continuable() -> Iterator[None]:
    """Say after an interrupt what becomes of a download."""
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt("The same command continues the download.") from None


def named_vectors(
    console: Console, arguments: Sequence[Path], limit: int | None, *, fetch: bool
) -> list[Path]:
    """Return files of vectors: the paths given, and for the code of a language the file in the cache.

    A file of that name in the current directory wins over a code.

    :param limit: number of words that are going to be read; None for all.
    :param fetch: download what is missing.
    :raises DataError: vectors are missing, and ``fetch`` is False, or there is no such file or code.
    """
    from translator.errors import DataError
    from translator.fetching import is_code, languages, vectors_of
    from translator.files import existing

    codes = [path for path in arguments if is_code(str(path)) and not path.exists()]
    for path in arguments:  # a wrong name is reported before anything is downloaded
        if path in codes:
            with _no_file_either(path):
                vectors_of(str(path))
        elif not path.is_dir():
            existing(path)
    files = {code: _in_cache(console, str(code), limit, fetch=fetch) for code in codes}
    if missing := [str(code) for code, file in files.items() if file is None]:
        names = " and ".join(languages()[code][0] for code in missing)
        raise DataError(
            f"{' and '.join(missing)}: no such file, and no vectors of {names} in the cache",
            f"Download them first: translator fetch {' '.join(missing)}, or add --fetch.",
        )
    return [files.get(path) or path for path in arguments]


def named_dictionary(argument: str, *, fetch: bool) -> Path:
    """Return the file of a dictionary: the path given, and for a pair of codes the file in the cache.

    :param fetch: download what is missing.
    :raises DataError: the dictionary is missing, and ``fetch`` is False, or there is no such file or pair.
    """
    from translator import fetch_dictionary
    from translator.errors import DataError
    from translator.fetching import fetched, is_pair

    if Path(argument).is_file() or not is_pair(argument):
        return Path(argument)
    with _no_file_either(argument):
        published = _published(argument)
    if fetch:
        return fetch_dictionary(argument)
    if fetched(published) is None:
        raise DataError(
            f"{argument}: no such file, and no dictionary of this name in the cache",
            f"Download it first: translator fetch --dictionary {argument}, or add --fetch.",
        )
    return published.file


def _published(pair: str) -> Published:
    """Find a published dictionary.

    :raises DataError: there is none; the hint is names of CLDR if it has both languages.
    """
    from translator import cldr_lexicon
    from translator.errors import DataError
    from translator.fetching import dictionary_of, is_pair

    try:
        return dictionary_of(pair)
    except DataError as error:
        hint = error.hint
        if is_pair(pair):
            codes = pair.split("-")
            with suppress(DataError):
                cldr_lexicon(*codes)
                hint = f"Use the names that ship: translator align {' '.join(codes)} --dict cldr"
        raise DataError(error.message, hint) from None


@contextmanager
def _no_file_either(name: object) -> Iterator[None]:
    """Say of a code that is not published that there is no file of this name, either."""
    from translator.errors import DataError

    try:
        yield
    except DataError as error:
        raise DataError(f"{name}: no such file, and {error.message}", error.hint) from None


def _in_cache(console: Console, code: str, limit: int | None, *, fetch: bool) -> Path | None:
    """Return the file of a language in the cache, downloaded first if it is asked for."""
    from translator.fetching import cached_vectors, fetch_vectors

    found = cached_vectors(code, limit)
    if fetch and (found is None or not found[1].holds(limit)):
        console.phase(f"fetching {code}")
        with continuable():
            return fetch_vectors(code, limit=limit, announce=console.note)
    if found is None:
        return None
    file, record = found
    if not record.holds(limit):
        more = f"translator fetch {code} --limit {limit or ALL}"
        console.note(f"Note: the cache has the {record.words:,} most frequent words of {code}. More: {more}")
    return file


def _following(codes: Sequence[str], pairs: Sequence[str]) -> list[str]:
    """Suggest the next command, if there are two languages."""
    languages = list(codes) or pairs[0].split("-")
    if len(languages) != 2:
        return []
    pair = "-".join(languages)
    return [
        "",
        steps(f"translator align {' '.join(languages)}" + (f" --dict {pair}" if pair in pairs else "")),
    ]


def _list(console: Console) -> None:
    from translator.fetching import dictionary_pairs, languages

    rows = [(code, name, " ".join(collections)) for code, (name, collections) in languages().items()]
    value: dict[str, Any] = {
        "languages": {
            code: {"name": name, "collections": places} for code, (name, places) in languages().items()
        },
        "dictionaries": dictionary_pairs(),
    }
    text = [
        table(rows, ("code", "language", "collections")),
        "",
        f"Dictionaries: {' '.join(dictionary_pairs())}",
    ]
    console.result("\n".join(text), value)
