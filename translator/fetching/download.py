"""Read a file from a server piece by piece, continuing an interrupted download.

What was received is kept in ``NAME.part`` next to the file to be made, with the server's mark of its version
in ``NAME.part.json``. The next download reads that part first and asks the server for the rest, on the
condition that the file has not changed; otherwise it starts again. A server that marks no versions cannot be
asked so, and its files are always read from the start.
"""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import re
import ssl
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import BinaryIO, NoReturn
from urllib.parse import urlsplit

from translator.errors import DataError, FormatError
from translator.files import json_of
from translator.progress import track

_MEGABYTE = 1 << 20
_HEAD = 1 << 16  # bytes that show what a file is, and some of its first lines
TIMEOUT = 30.0  # seconds without a byte
CONTINUE = "Run the same command again: the download continues."
_ABSENT = (403, 404, 410)  # the storage behind the published files answers 403 where it has no file


@dataclass
class Download:
    """A file on a server that is being received.

    :param total: bytes of the whole file; None where the server does not say.
    :param received: bytes that were received, by an earlier download and by this one.
    :param resumed: whether an earlier download received some of them.
    """

    address: str
    total: int | None
    received: int
    resumed: bool
    _response: http.client.HTTPResponse
    _part: BinaryIO

    def head(self) -> bytes:
        """Return the start of the file, which :meth:`pieces` yields again."""
        while self.received < _HEAD and self._receive():
            pass
        self._part.seek(0)
        head = self._part.read(_HEAD)
        self._part.seek(0)
        return head

    def pieces(self, expected: int | None = None) -> Iterator[bytes]:
        """Yield the file from its start, a megabyte at a time, and draw the progress.

        :param expected: bytes that will be read, if not the whole file.
        :raises DataError: the connection ends early, or nothing arrives for :data:`TIMEOUT` seconds.
        """
        megabytes = -(-(expected or self.total or 0) // _MEGABYTE)
        label = Path(urlsplit(self.address).path).name
        for _ in chain(track(range(megabytes), label, unit="MB"), repeat(None)):
            blocks, length = [], 0
            while length < _MEGABYTE and (block := self._part.read(_MEGABYTE - length) or self._receive()):
                blocks.append(block)
                length += len(block)
            if not blocks:
                return
            yield b"".join(blocks)

    def _receive(self) -> bytes:
        """Return what has arrived, and add it to the part; nothing at the end of the file."""
        try:
            block = self._response.read1(_MEGABYTE)
        except (OSError, http.client.HTTPException) as error:
            self._fail(error)
        if not block and self.total is not None and self.received < self.total:
            raise DataError(
                f"{self.address}: the connection ended after {size(self.received)} of {size(self.total)}",
                CONTINUE,
            )
        self._part.write(block)
        self._part.flush()
        self.received += len(block)
        return block

    def _fail(self, error: Exception) -> NoReturn:
        received = f"after {size(self.received)}"
        if isinstance(error, TimeoutError):
            raise DataError(
                f"{self.address}: nothing arrived for {TIMEOUT:g} s {received}", CONTINUE
            ) from None
        raise DataError(f"{self.address}: the connection broke {received} ({error!r})", CONTINUE) from None


@contextmanager
def downloading(address: str, file: Path) -> Iterator[Download]:
    """Open a file on a server, together with the part of it that an earlier download received.

    :param file: what will be made of it; its folder must exist. If the block ends without an error, the
        received part is removed.
    :raises DataError: another process is receiving it, or the server cannot be reached or has no such file.
    """
    part, mark = file.with_name(f"{file.name}.part"), file.with_name(f"{file.name}.part.json")
    with part.open("a+b") as received:
        try:
            fcntl.flock(received, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(f"{file}: another process is fetching it", "Wait until it ends.") from None
        try:
            with _opened(address, received, mark) as download:
                yield download
        except BaseException:
            if not os.fstat(received.fileno()).st_size:
                discard(file)
            raise
    discard(file)


@contextmanager
def _opened(address: str, part: BinaryIO, mark: Path) -> Iterator[Download]:
    known = json_of(mark)
    version = str(known.get("version", "")) if known.get("address") == address else ""
    # One byte less, so that the rest is never empty: a server refuses to send an empty rest
    length = max(0, os.fstat(part.fileno()).st_size - 1) if version else 0
    with _request(address, length, version) as response:
        if length and not _continues(response, length):
            length = 0
        part.truncate(length)
        part.seek(0)
        rest = response.headers.get("Content-Length", "")
        total = int(rest) + length if rest.isdigit() else None
        mark.write_text(json.dumps({"address": address, "version": _version(response)}), "utf-8")
        yield Download(address, total, length, length > 0, response, part)


def discard(file: Path) -> None:
    """Remove the part of a file that was received, if there is one."""
    for end in (".part", ".part.json"):
        file.with_name(file.name + end).unlink(missing_ok=True)


def gunzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress a gzip stream.

    :raises zlib.error: it is damaged.
    :raises EOFError: it is cut off.
    """
    inflate, begun = zlib.decompressobj(31), False
    for piece in pieces:
        while piece:
            yield inflate.decompress(piece)
            piece, begun = inflate.unused_data, not inflate.eof
            if inflate.eof:
                inflate = zlib.decompressobj(31)
    if begun:
        raise EOFError("the end is missing")


def size(count: int) -> str:
    """Write a number of bytes.

    >>> size(1_300_000_000), size(130_000_000), size(2_500)
    ('1.3 GB', '130.0 MB', '2.5 kB')
    """
    unit, name = next((one for one in ((10**9, "GB"), (10**6, "MB")) if count >= one[0]), (1000, "kB"))
    return f"{count / unit:.1f} {name}"


def _request(address: str, start: int, version: str) -> http.client.HTTPResponse:
    headers = {"User-Agent": "bli-translator", "Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": version}
    try:
        response = urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:  # the file is now shorter than its part
            return _request(address, 0, "")
        raise _refused(address, error) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _unreachable(address, error) from None
    assert isinstance(response, http.client.HTTPResponse)
    if "html" in response.headers.get("Content-Type", ""):
        response.close()
        raise not_the_file(address, "a web page")
    return response


def _refused(address: str, error: urllib.error.HTTPError) -> DataError:
    if error.code in _ABSENT:
        return DataError(
            f"{address}: the server has no such file (status {error.code})",
            "Open the address in a browser; another server can be named as `mirror`.",
        )
    return DataError(f"{address}: the server answered {error.code} {error.reason}", "Try again later.")


def _unreachable(address: str, error: Exception) -> DataError:
    host, reason = urlsplit(address).netloc, getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return DataError(f"{host}: no answer for {TIMEOUT:g} s", "Try again later.")
    if isinstance(reason, ssl.SSLError):
        return DataError(
            f"{host}: its certificate is not trusted ({reason})",
            "Set SSL_CERT_FILE to a file of the certificates you trust.",
        )
    return DataError(
        f"{host}: cannot be reached ({reason})",
        f"On a computer with a connection, download {address}, and use the file here.",
    )


def not_the_file(address: str, found: str) -> FormatError:
    """Return the error for an answer that is something else than the file."""
    return FormatError(
        f"{address}: {found}, expected the published file",
        "A proxy or a login page may have answered: open the address in a browser.",
    )


def _continues(response: http.client.HTTPResponse, start: int) -> bool:
    """Return whether an answer is the rest of a file from ``start``."""
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return response.status == 206 and found is not None and int(found[1]) == start


def _version(response: http.client.HTTPResponse) -> str:
    """Return the server's mark of the file's version; a weak tag does not promise the same bytes."""
    tag = response.headers.get("ETag", "")
    return response.headers.get("Last-Modified", "") if not tag or tag.startswith("W/") else tag
