"""Fetch published word vectors and dictionaries into the cache, and find those that are there.

fastText publishes vectors of 300 dimensions, from Common Crawl and Wikipedia (``crawl``, 157 languages) and
from Wikipedia alone (``wiki``, 294 languages). Their words are sorted by frequency, so that the most frequent
ones are at the start of a file, and no more of it is read. MUSE publishes dictionaries.

Each file has a record next to it, ``NAME.json``, with its address, its SHA-256 and how many words it holds.
Nothing is fetched by any other part of the package.
"""

from __future__ import annotations

import errno
import json
import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from translator.errors import DataError, FormatError
from translator.fetching.catalogue import (
    Collection,
    Published,
    Split,
    all_vectors_of,
    dictionary_of,
    dictionary_pairs,
    is_code,
    is_pair,
    languages,
    vectors_of,
)
from translator.fetching.download import Download, discard, downloading, not_the_file
from translator.fetching.storing import AGAIN, Announce, store_model, store_words
from translator.files import identity, read_json, unchanged
from translator.progress import with_progress
from translator.typed_json import from_json
from translator.writing import replacing, sweep

__all__ = [
    "Fetched",
    "cached_vectors",
    "dictionary_of",
    "dictionary_pairs",
    "fetch_dictionary",
    "fetch_vectors",
    "fetched",
    "is_code",
    "is_pair",
    "languages",
    "vectors_of",
]

WORDS = 200_000  # as many as ``align`` reads
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fetched:
    """The record of a fetched file.

    :param words: how many of the most frequent words it has; None if it has all.
    """

    address: str
    bytes: int
    mtime_ns: int
    sha256: str
    words: int | None = None

    def holds(self, limit: int | None) -> bool:
        """Return whether the first ``limit`` words are in the file; None for all."""
        return self.words is None or (limit is not None and limit <= self.words)


@with_progress
def fetch_vectors(
    code: str,
    *,
    limit: int | None = WORDS,
    subwords: bool = False,
    collection: Collection | None = None,
    mirror: str | None = None,
    announce: Announce = logger.info,
    show_progress: bool | None = None,
) -> Path:
    """Fetch fastText's published vectors of a language, unless they are in the cache already.

    An interrupted download continues when the function is called again. The licence of the vectors is
    CC BY-SA 3.0.

    :param code: of the language, such as ``fi``.
    :param limit: number of most frequent words; only the start of the file is then downloaded. None for all.
    :param subwords: fetch the whole fastText model, several GB, which has a vector for any string.
    :param collection: ``crawl`` or ``wiki``; None for ``crawl`` where it has the language.
    :param mirror: address of a server with the same paths as the original one; by default
        ``$TRANSLATOR_MIRROR``.
    :param announce: gets a sentence that says what will be downloaded and how much disk it takes.
    :param show_progress: draw progress bars; None draws them on a terminal and in a notebook.
    :returns: the file in the cache.
    :raises DataError: no vectors are published under this code, or the download fails; no incomplete file is
        left.
    """
    if limit is not None and limit < 1:
        raise DataError(f"cannot fetch {limit} words", "Give a limit of 1 or more.")
    published = vectors_of(code, collection, subwords=subwords)
    record = fetched(published)
    if record is not None and record.holds(limit):
        return published.file
    words = None
    with _receiving(published, mirror) as (download, draft):
        if subwords:
            store_model(download, draft, published, announce)
        else:
            words = store_words(download, draft, published, limit, announce)
    return _recorded(published, download.address, words)


@with_progress
def fetch_dictionary(
    pair: str,
    *,
    split: Split = "full",
    mirror: str | None = None,
    show_progress: bool | None = None,
) -> Path:
    """Fetch a dictionary that MUSE publishes, unless it is in the cache already.

    The licence of the dictionaries is CC BY-NC 4.0.

    :param pair: two codes, such as ``en-fi``.
    :param split: ``full``, ``train`` (5,000 source words) or ``test`` (1,500 less frequent ones).
    :param mirror: as for :func:`fetch_vectors`; ``show_progress`` likewise.
    :returns: the file in the cache.
    :raises DataError: no dictionary is published for this pair, or the download fails; no incomplete file is
        left.
    """
    published = dictionary_of(pair, split)
    if fetched(published) is not None:
        return published.file
    with _receiving(published, mirror) as (download, draft):
        content = b"".join(download.pieces())
        first = content.partition(b"\n")[0]
        if len(first.split()) != 2 or first.startswith(b"<"):
            raise not_the_file(download.address, f"begins with {first[:40]!r}")
        draft.write_bytes(content)
    return _recorded(published, download.address, None)


def fetched(published: Published) -> Fetched | None:
    """Return the record of a published file that is in the cache as it was fetched, or None."""
    try:
        record = from_json(Fetched, read_json(_record_of(published.file)))
        return record if unchanged(published.file, vars(record)) else None
    except (FormatError, OSError):
        return None


def cached_vectors(code: str, limit: int | None = None) -> tuple[Path, Fetched] | None:
    """Return the fetched vectors of a language and their record, or None if none are in the cache.

    Models with subwords come first, then ``crawl``, then ``wiki``; files with too few words come last.

    :param limit: number of words that are needed; None for all.
    :raises DataError: no vectors are published under this code.
    """
    kinds = all_vectors_of(code)
    found = [(one.file, record) for one in kinds if (record := fetched(one)) is not None]
    return min(found, key=lambda one: not one[1].holds(limit), default=None)


def _record_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.json")


def _recorded(published: Published, address: str, words: int | None) -> Path:
    record = Fetched(address, **identity(published.file), words=words)
    with replacing(_record_of(published.file)) as draft:
        draft.write_text(f"{json.dumps(asdict(record), indent=2)}\n", "utf-8")
    return published.file


@contextmanager
def _receiving(published: Published, mirror: str | None) -> Iterator[tuple[Download, Path]]:
    """Download a file; the draft that the block writes replaces the file if the block succeeds."""
    file, address = published.file, published.address(mirror)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with downloading(address, file) as download:
            sweep(file)  # this process alone receives the file
            with replacing(file) as draft:
                try:
                    yield download, draft
                except (EOFError, zlib.error) as error:
                    discard(file)
                    raise FormatError(f"{address}: damaged gzip data ({error})", AGAIN) from None
                except FormatError:
                    discard(file)
                    raise
    except OSError as error:
        if error.errno not in _FULL:
            raise
        hint = "Free some room and run the same command again: the download continues."
        raise DataError(f"{file.parent}: the disk is full", hint) from None
