"""A space and its rotation as files, aligned once; and two ways to run the command line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from running import command
from toys import rotated
from translator_cli.main import main

from translator import save_vectors

Run = Callable[..., Any]


@pytest.fixture(scope="session")
def run() -> Callable[..., Result]:
    """Run a command in this process: ``run("info", folder)``."""

    def invoke(*arguments: object, **how: Any) -> Result:
        return CliRunner().invoke(
            main, [str(argument) for argument in arguments], prog_name="translator", **how
        )

    return invoke


@pytest.fixture(scope="session")
def process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the program itself, as a person would."""

    def started(*arguments: object, cwd: Path, **how: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command(arguments), cwd=cwd, capture_output=True, text=True, timeout=600, **how)

    return started


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``src.vec``, ``tgt.vec``, ``train.txt`` and ``test.txt`` of a space and its rotation."""
    folder = tmp_path_factory.mktemp("files")
    for name, vectors in zip(("src", "tgt"), rotated(300, 20), strict=True):
        save_vectors(vectors, folder / f"{name}.vec")
    for name, numbers in (("train", range(90)), ("test", range(100, 300))):
        text = "".join(f"s{number}\tt{number}\n" for number in numbers)
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def made(files: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An alignment folder; only to be read."""
    folder = tmp_path_factory.mktemp("made") / "src-tgt"
    result = run("align", files / "src.vec", files / "tgt.vec", "--dict", files / "train.txt", "-o", folder)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
