"""Word vectors of three languages and alignments with the first, as files; broken runs; the command line."""

from __future__ import annotations

import pydoc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from runs import FAST, Vse, learn
from toy_images import made_split, saved_translator
from translator_cli.vse.main import main

from vse import Split, write_split


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``en.npz``, ``de.npz`` and ``fr.npz``, ``de-en`` and ``fr-en``; only to be read."""
    folder = tmp_path_factory.mktemp("words")
    for language in ("de", "fr"):
        saved_translator(folder, language)
    return folder


@pytest.fixture(scope="session")
def vse() -> Vse:
    """Run a command in this process: ``vse("search", run, "a dog", "--images", data)``."""

    def invoke(*arguments: object, **how: Any) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="vse", **how)

    return invoke


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with three splits in English and German."""
    folder = tmp_path_factory.mktemp("data")
    for seed, (name, images) in enumerate((("train", 120), ("dev", 20), ("test", 20))):
        made = made_split(images, 2, random_state=seed)
        write_split(Split(name, made.ids, made.features, made.captions), folder)
    return folder


@pytest.fixture(scope="session")
def run_en(data: Path, words: Path, vse: Vse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of English."""
    run = tmp_path_factory.mktemp("runs") / "run-en"
    done = vse("train", data, "--lang", "en", "--embeddings", f"en={words / 'en.npz'}", "-o", run, *FAST)
    assert done.exit_code == 0, done.output
    assert "epoch   8/8" in done.output and "rsum" in done.output
    return run


@pytest.fixture
def broken(words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Break a run off at the n-th call of a function, before or after it does its work."""

    def run_until(target: str, number: int, *, after: bool, error: type[BaseException]) -> Path:
        function: Any = pydoc.locate(target)
        calls = 0

        def breaking(*arguments: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls < number:
                return function(*arguments, **named)
            if after:
                function(*arguments, **named)
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(target, breaking)
            with pytest.raises(error):
                learn(words, tmp_path / "run")
        return tmp_path / "run"

    return run_until
