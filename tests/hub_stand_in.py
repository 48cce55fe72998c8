"""The Hugging Face Hub on this machine: a server to download from, and a client that uploads to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Handler(BaseHTTPRequestHandler):
    """What the client asks of the Hub to download: the tree of a revision, and its files."""

    repositories: dict[str, dict[str, bytes]]
    requests: list[str]

    def log_message(self, *_: Any) -> None:
        self.requests.append(f"{self.command} {self.path}")

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.split("?")[0].removeprefix("/api/models")
        name = "/".join(path.split("/")[1:3])
        files = self.repositories.get(name)
        rest = path.removeprefix(f"/{name}/")
        if files is None:
            self.answer(404, b"", {"X-Error-Code": "RepoNotFound"})
        elif rest.startswith("revision/"):
            about = {"id": name, "sha": COMMIT, "siblings": [{"rfilename": file} for file in files]}
            self.answer(200, json.dumps(about).encode(), {"Content-Type": "application/json"})
        elif rest.startswith("tree/"):
            tree = [
                {"type": "file", "path": file, "size": len(content), "oid": sha1(content)}
                for file, content in files.items()
            ]
            self.answer(200, json.dumps(tree).encode(), {"Content-Type": "application/json"})
        else:
            content = files[rest.split("/", 2)[2]]
            self.answer(200, content, {"ETag": f'"{sha1(content)}"', "X-Repo-Commit": COMMIT})

    def answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)


def sha1(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


@contextmanager
def serving(constants: Any, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Handler]]:
    """Let the client ``huggingface_hub`` read from this machine; the repositories are to be filled in."""
    handler = type("Filled", (Handler,), {"repositories": {}, "requests": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


def uploading_to(handler: type[Handler]) -> type[Any]:
    """A stand-in for ``huggingface_hub.HfApi`` whose uploads the server then has for download."""

    class Api:
        def __init__(self, token: str | None) -> None:
            self.token = token

        def create_repo(self, repo_id: str, *, private: bool | None, exist_ok: bool) -> None:
            assert exist_ok
            handler.requests.append(f"create {repo_id}, private {private}, token {self.token}")

        def upload_folder(self, *, repo_id: str, folder_path: Path) -> str:
            files = {file.relative_to(folder_path).as_posix(): file for file in folder_path.rglob("*")}
            handler.repositories[repo_id] = {
                name: file.read_bytes() for name, file in files.items() if file.is_file()
            }
            return f"https://hub/{repo_id}/commit/1"

    return Api
