"""Artefacts on the Hugging Face Hub: read by the id of their repository, and pushed there."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from translator.errors import DataError, MissingDependencyError
from translator.files import read_json

CONFIG = "config.json"  # of every artefact
REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def resolve(
    path_or_id: str | os.PathLike[str], *, files: Sequence[str] | None = None, token: str | None = None
) -> Path:
    """Return a local path as it is, and download the repository that has this id on the Hugging Face Hub.

    A local path wins over a repository, and a :class:`~pathlib.Path` is never an id. A download stays in the
    cache of ``huggingface_hub``, so a second call needs no network.

    :param path_or_id: a file, a folder, or the text ``owner/name`` of a repository.
    :param files: shell patterns of the files to download; None for all.
    :param token: of a private repository; by default the one that ``hf auth login`` stored.
    :returns: the path that was given, or the folder of the download.
    :raises DataError: there is no such path, and the text is no id or the Hub gives no repository for it.
    :raises MissingDependencyError: an id was given, and the extra ``hub`` is not installed.

    >>> resolve(".")
    PosixPath('.')
    """
    if not isinstance(path_or_id, str) or Path(path_or_id).exists():
        return Path(path_or_id)
    name = path_or_id
    if not REPOSITORY.fullmatch(name) or name.endswith(".safetensors"):
        raise DataError(
            f"{name}: no such file or folder",
            "Check the path, or give the id of a repository on the Hugging Face Hub: owner/name.",
        )
    hub = _hub(f"{name}: no such file or folder; reading a repository of the Hugging Face Hub")
    try:
        return Path(
            hub.snapshot_download(name, allow_patterns=None if files is None else list(files), token=token)
        )
    except Exception as error:  # of the Hub's client or of its HTTP library
        raise DataError(
            f"{name}: neither a local path nor a repository that can be read from the Hugging Face Hub "
            f"({_first_line(error)})",
            "Check the path or the id; a private repository needs a token (hf auth login).",
        ) from error


def push(
    save: Callable[[Path], None], repo_id: str, *, private: bool | None = None, token: str | None = None
) -> str:
    """Write a folder and upload it to a repository of the Hub, which is made if it does not exist.

    Of the files that a ``config.json`` in it refers to, the upload has the names without their folders.

    :param save: writes the folder whose path it gets.
    :param repo_id: ``owner/name``.
    :param private: whether a new repository is private; None for the owner's default.
    :param token: with write access; by default the one that ``hf auth login`` stored.
    :returns: the address of the commit.
    :raises DataError: the folder cannot be written, or the Hub refuses it.
    :raises MissingDependencyError: the extra ``hub`` is not installed.
    """
    client = _hub("pushing to the Hugging Face Hub").HfApi(token=token)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "artefact"
        save(folder)
        for config in folder.rglob(CONFIG):
            text = json.dumps(_without_folders(read_json(config)), indent=2, ensure_ascii=False)
            config.write_text(f"{text}\n", "utf-8")
        try:
            client.create_repo(repo_id, private=private, exist_ok=True)
            commit = client.upload_folder(repo_id=repo_id, folder_path=folder)
        except Exception as error:  # of the Hub's client or of its HTTP library
            raise DataError(
                f"{repo_id}: cannot be pushed to the Hugging Face Hub ({_first_line(error)})",
                "Check the id, owner/name, and log in with a token that may write: hf auth login",
            ) from error
    return str(commit)


def _without_folders(value: Any) -> Any:
    """Return a JSON value in which every absolute path is reduced to the name of its file."""
    if isinstance(value, dict):
        return {name: _without_folders(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_folders(item) for item in value]
    return Path(value).name if isinstance(value, str) and Path(value).is_absolute() else value


def _hub(purpose: str) -> Any:
    try:
        import huggingface_hub
    except ImportError:
        raise MissingDependencyError("huggingface-hub", "hub", purpose) from None
    return huggingface_hub


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
