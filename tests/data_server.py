"""A server of published files on this machine, which can misbehave in the ways that servers do."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import numpy as np

VECTORS = "/fasttext/vectors-crawl/cc.{}.300.vec.gz"
WIKI = "/fasttext/vectors-wiki/wiki.{}.vec"
MODEL = "/fasttext/vectors-crawl/cc.{}.300.bin.gz"
DICTIONARY = "/arrival/dictionaries/{}.txt"


def vec(words: int, dimension: int = 20, seed: int = 0) -> bytes:
    """Vectors as fastText publishes them: a header, and its line break among the first words."""
    rows = np.random.default_rng(seed).standard_normal((words, dimension))
    spelled = [f"w{row}" for row in range(words)]
    spelled[2] = "</s>"
    line = "%s" + " %.4f" * dimension
    lines = (line % (word, *row) for word, row in zip(spelled, rows.tolist(), strict=True))
    return "\n".join([f"{words} {dimension}", *lines, ""]).encode()


class Server:
    """The files of the server, what was asked of it, and how it misbehaves.

    :param cut: close the connection after so many bytes of a body.
    :param stall: send nothing more after so many bytes of a body.
    :param status: answer every request with this status.
    :param pause: seconds between 16 kB and the next, lest the system's buffers take whole files.
    :param ranges: whether it can send the rest of a file.
    :param sized: whether it says how long a file is.
    :param tagged: whether it marks a file's version.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.kind = "application/octet-stream"
        self.requests: list[str] = []
        self.sent = 0  # bytes of bodies
        self.cut: int | None = None
        self.stall: int | None = None
        self.status: int | None = None
        self.pause = 0.0
        self.ranges = self.sized = self.tagged = True
        self.address = ""
        self.stopped = Event()

    def publish(self, path: str, content: bytes) -> None:
        self.files[path] = gzip.compress(content, 1, mtime=0) if path.endswith(".gz") else content


class Handler(BaseHTTPRequestHandler):
    """Answers of one server."""

    state: Server

    def log_message(self, *_: Any) -> None:
        self.state.requests.append(f"{self.path} {self.headers.get('Range', '')}".strip())

    def do_GET(self) -> None:
        state = self.state
        content = state.files.get(self.path)
        if content is None or state.status:
            self.send_response(state.status or 403)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        tag = f'"{hashlib.md5(content).hexdigest()}"'
        start = self._start(tag)
        if start is not None and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200 if start is None else 206)
        if start is not None:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        body = content[start or 0 :]
        self.send_header("Content-Type", state.kind)
        if state.tagged:
            self.send_header("ETag", tag)
        if state.sized:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._send(body)

    def _start(self, tag: str) -> int | None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked is None or not self.state.ranges or self.headers.get("If-Range") != tag:
            return None
        return int(asked[1])

    def _send(self, body: bytes) -> None:
        state = self.state
        ends = [end for end in (state.cut, state.stall) if end is not None]
        body = body[: min(ends)] if ends else body
        try:
            for start in range(0, len(body), 1 << 14):
                self.wfile.write(body[start : start + (1 << 14)])
                state.sent += len(body[start : start + (1 << 14)])
                state.stopped.wait(state.pause)
        except OSError:  # the client has read enough
            return
        if state.stall is not None:
            self.wfile.flush()
            state.stopped.wait(5)


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server until the end of the block."""
    state = Server()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answering", (Handler,), {"state": state}))
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield state
    finally:
        state.stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()
