"""The Hub through its own client: downloads from a server on this machine, uploads to a stand-in."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from translator.errors import DataError, MissingDependencyError
from translator.hub import push, resolve

hub = pytest.importorskip("huggingface_hub", reason="the client")

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


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Handler]]:
    """The Hub on this machine; its repositories are to be filled in."""
    handler = type("Filled", (Handler,), {"repositories": {}, "requests": []})
    serving = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=serving.serve_forever, args=(0.01,))
    thread.start()
    address = f"http://127.0.0.1:{serving.server_port}"
    constants = hub.constants
    monkeypatch.setattr(constants, "ENDPOINT", address)
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    yield handler
    serving.shutdown()
    thread.join()
    serving.server_close()


@pytest.fixture
def nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path must not be looked for on the Hub."""
    monkeypatch.setattr(hub, "snapshot_download", lambda *_, **__: pytest.fail("asked the Hub"))


def test_a_local_path_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_leaves: None) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "owner" / "name").mkdir(parents=True)
    assert resolve("owner/name") == Path("owner/name")
    assert resolve(tmp_path) == tmp_path


@pytest.mark.parametrize(
    "name", ["nowhere", "a/b/c", "/owner/name", "../name", "a/layer.safetensors", "a/b c"]
)
def test_what_is_no_id_is_not_looked_for(name: str, nothing_leaves: None) -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        resolve(name)


def test_a_path_is_never_an_id(nothing_leaves: None) -> None:
    assert resolve(Path("owner/name")) == Path("owner/name")


def test_a_repository_is_downloaded_once(server: type[Handler]) -> None:
    server.repositories["owner/name"] = {"config.json": b"{}", "data/x.bin": b"\0" * 1000}
    folder = resolve("owner/name")
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*")} == {
        "config.json",
        "data",
        "data/x.bin",
    }
    assert (folder / "data/x.bin").read_bytes() == b"\0" * 1000
    downloads = [request for request in server.requests if request.startswith("GET /owner")]
    assert resolve("owner/name") == folder
    assert [request for request in server.requests if request.startswith("GET /owner")] == downloads


def test_only_the_files_asked_for_are_downloaded(server: type[Handler]) -> None:
    server.repositories["owner/name"] = {"config.json": b"{}", "source.bin": b"\0" * 1000}
    assert [path.name for path in resolve("owner/name", files=["*.json"]).iterdir()] == ["config.json"]


def test_a_repository_that_is_not_there(server: type[Handler]) -> None:
    with pytest.raises(DataError, match="neither a local path nor a repository") as caught:
        resolve("owner/nothing")
    assert "token" in caught.value.hint


def save(folder: Path) -> None:
    folder.mkdir()
    (folder / "config.json").write_text("{}")


def test_a_folder_is_pushed(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    class Api:
        def __init__(self, token: str | None) -> None:
            calls.append(("token", token))

        def create_repo(self, repo_id: str, *, private: bool | None, exist_ok: bool) -> None:
            calls.append(("create", repo_id, private, exist_ok))

        def upload_folder(self, *, repo_id: str, folder_path: Path) -> str:
            calls.append(("upload", repo_id, {file.name: file.read_text() for file in folder_path.iterdir()}))
            return "https://hub/owner/name/commit/1"

    monkeypatch.setattr(hub, "HfApi", Api)
    assert push(save, "owner/name", private=True, token="t") == "https://hub/owner/name/commit/1"
    assert calls == [
        ("token", "t"),
        ("create", "owner/name", True, True),
        ("upload", "owner/name", {"config.json": "{}"}),
    ]


def test_the_stand_in_takes_what_the_client_takes() -> None:
    """Else the test above would pass with arguments that the client refuses."""
    import inspect

    inspect.signature(hub.HfApi.create_repo).bind(None, "owner/name", private=True, exist_ok=True)
    inspect.signature(hub.HfApi.upload_folder).bind(None, repo_id="owner/name", folder_path=Path())


def test_what_the_hub_refuses(server: type[Handler]) -> None:
    with pytest.raises(DataError, match="owner/name: cannot be pushed"):
        push(save, "owner/name", token="t")  # the server takes no uploads


def test_a_missing_client_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    for call in (lambda: resolve("owner/name"), lambda: push(save, "owner/name")):
        with pytest.raises(MissingDependencyError) as caught:
            call()
        assert caught.value.hint == "Install it with: pip install 'bli-translator[hub]'"
