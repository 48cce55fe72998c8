"""Write a published file from its download, checked and unpacked."""

from __future__ import annotations

import re
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from translator.errors import DataError, FormatError
from translator.fetching.catalogue import Published
from translator.fetching.download import Download, gunzipped, not_the_file, size
from translator.formats.fasttext import MAGIC

Announce = Callable[[str], object]  # gets a sentence that says what will be downloaded

AGAIN = "Fetch it again; if it stays so, the published file itself is damaged."
_HEADER = re.compile(rb"(\d+) (\d+)\s*")  # words and dimensions, the first line of vectors
_UNPACKED = 1.8  # bytes of a fastText model per byte of its gzip file: 7.2 GB of 4.2 GB for English
_GZIP = b"\x1f\x8b"


def store_words(
    download: Download,
    draft: Path,
    published: Published,
    limit: int | None,
    announce: Announce,
) -> int | None:
    """Write the most frequent words; return their number, or None if these are all."""
    packed = published.path.endswith(".gz")
    head = download.head()
    text = _unpacked(download, head) if packed else head
    first, _, rest = text.partition(b"\n")
    header = _HEADER.fullmatch(first)
    if header is None or not rest:
        raise not_the_file(download.address, f"begins with {text[:40]!r}")
    total, dimension = map(int, header.groups())
    whole = limit is None or limit >= total
    lines = total if limit is None or whole else limit + 1  # one may be fastText's line break, not a word
    wanted = total if limit is None else min(limit, total)
    disk = lines * len(rest) // max(1, rest.count(b"\n"))
    transfer = lines * download.total // total if download.total else disk * len(head) // len(text)
    announce(f"{published.name}: {wanted:,} of {total:,} words, {_cost(download, transfer, disk)}")
    _check_room(draft, transfer - download.received + disk)
    pieces = download.pieces(transfer)
    entries = _first_lines(_dropped(gunzipped(pieces) if packed else pieces, len(first) + 1), lines)
    with draft.open("wb") as file:
        file.write(b"%d %d\n" % (lines, dimension))
        file.writelines(entries)
    return None if whole else limit


def store_model(download: Download, draft: Path, published: Published, announce: Announce) -> None:
    """Write a whole fastText model."""
    text = _unpacked(download, download.head())
    if not text.startswith(MAGIC):
        raise not_the_file(download.address, f"begins with {text[:40]!r}")
    transfer = download.total or 0
    disk = int(transfer * (1 + _UNPACKED))  # the gzip file is removed when it is unpacked
    announce(f"{published.name}: the fastText model, {_cost(download, transfer, disk)}")
    _check_room(draft, disk - download.received)
    with draft.open("wb") as file:
        file.writelines(gunzipped(download.pieces()))


def _unpacked(download: Download, head: bytes) -> bytes:
    if not head.startswith(_GZIP):
        raise not_the_file(download.address, f"begins with {head[:40]!r}")
    return zlib.decompressobj(31).decompress(head)


def _cost(download: Download, transfer: int, disk: int) -> str:
    """Say what a download costs."""
    kept = f", of which {size(download.received)} are here" if download.resumed else ""
    return f"about {size(transfer)} to download from {download.address}{kept}, about {size(disk)} on disk"


def _check_room(draft: Path, needed: int) -> None:
    free = shutil.disk_usage(draft.parent).free
    if free < needed:
        raise DataError(
            f"{draft.parent.parent}: {size(free)} free, expected about {size(needed)}",
            "Set TRANSLATOR_CACHE to a folder on a disk with more room.",
        )


def _dropped(chunks: Iterable[bytes], count: int) -> Iterator[bytes]:
    """Yield a stream without its first ``count`` bytes."""
    for chunk in chunks:
        yield chunk[count:]
        count = max(0, count - len(chunk))


def _first_lines(chunks: Iterable[bytes], lines: int) -> Iterator[bytes]:
    """Yield the first lines of a stream, the last of which may lack its line feed.

    :raises FormatError: there are fewer.
    """
    left, ended = lines, True
    for chunk in chunks:
        found = chunk.count(b"\n")
        if found >= left:
            yield b"\n".join(chunk.split(b"\n", left)[:left]) + b"\n"
            return
        yield chunk
        left, ended = left - found, chunk.endswith(b"\n") if chunk else ended
    if left > 1 or ended:
        raise FormatError(f"{lines - left:,} entries, but the header says at least {lines:,}", AGAIN)
