"""The Hub through its own client: downloads from a server on this machine, uploads to a stand-in."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hub_stand_in import Handler

from translator.errors import DataError, MissingDependencyError
from translator.hub import push, resolve

hub = pytest.importorskip("huggingface_hub", reason="the client")


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


def test_a_repository_is_downloaded_once(hub_server: type[Handler]) -> None:
    hub_server.repositories["owner/name"] = {"config.json": b"{}", "data/x.bin": b"\0" * 1000}
    folder = resolve("owner/name")
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*")} == {
        "config.json",
        "data",
        "data/x.bin",
    }
    assert (folder / "data/x.bin").read_bytes() == b"\0" * 1000
    downloads = [request for request in hub_server.requests if request.startswith("GET /owner")]
    assert resolve("owner/name") == folder
    assert [request for request in hub_server.requests if request.startswith("GET /owner")] == downloads


def test_only_the_files_asked_for_are_downloaded(hub_server: type[Handler]) -> None:
    hub_server.repositories["owner/name"] = {"config.json": b"{}", "source.bin": b"\0" * 1000}
    assert [path.name for path in resolve("owner/name", files=["*.json"]).iterdir()] == ["config.json"]


def test_a_repository_that_is_not_there(hub_server: type[Handler]) -> None:
    with pytest.raises(DataError, match="neither a local path nor a repository") as caught:
        resolve("owner/nothing")
    assert "token" in caught.value.hint


def save(folder: Path) -> None:
    folder.mkdir()
    (folder / "config.json").write_text("{}")


def test_a_folder_is_pushed(hub_uploads: type[Handler]) -> None:
    address = push(save, "owner/name", private=True, token="t")
    assert address == "https://hub/owner/name/commit/1"
    assert hub_uploads.repositories == {"owner/name": {"config.json": b"{}\n"}}
    assert hub_uploads.requests == ["create owner/name, private True, token t"]


def test_the_upload_names_no_folder_of_this_machine(tmp_path: Path, hub_uploads: type[Handler]) -> None:
    def save(folder: Path) -> None:
        folder.mkdir()
        config = {"here": [{"path": str(tmp_path / "en.bin")}], "there": "en/de.bin", "words": 3, "ü": None}
        (folder / "config.json").write_text(json.dumps(config))

    push(save, "owner/name")
    uploaded = json.loads(hub_uploads.repositories["owner/name"]["config.json"])
    assert uploaded == {"here": [{"path": "en.bin"}], "there": "en/de.bin", "words": 3, "ü": None}


def test_the_stand_in_takes_what_the_client_takes() -> None:
    """Else the test above would pass with arguments that the client refuses."""
    import inspect

    inspect.signature(hub.HfApi.create_repo).bind(None, "owner/name", private=True, exist_ok=True)
    inspect.signature(hub.HfApi.upload_folder).bind(None, repo_id="owner/name", folder_path=Path())


def test_what_the_hub_refuses(hub_server: type[Handler]) -> None:
    with pytest.raises(DataError, match="owner/name: cannot be pushed"):
        push(save, "owner/name", token="t")  # the server takes no uploads


def test_a_missing_client_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    for call in (lambda: resolve("owner/name"), lambda: push(save, "owner/name")):
        with pytest.raises(MissingDependencyError) as caught:
            call()
        assert caught.value.hint == "Install it with: pip install 'bli-translator[hub]'"
