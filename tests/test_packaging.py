"""The wheel, built from the sdist, holds all that is needed and runs away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PICTURES = ("ids.txt", "features.npy", "captions.en.tsv", "captions.fr.tsv")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("build", reason="the builder of wheels")
    output = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(output), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True)  # the sdist first, the wheel from it
    assert built.returncode == 0, built.stdout + built.stderr
    assert len(list(output.glob("*.tar.gz"))) == 1
    (found,) = output.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run Python with the unpacked wheel in front of everything, in an empty folder."""
    place = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(place)

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path_factory.mktemp("empty"),
            env={**os.environ, "PYTHONPATH": str(place)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = run(
        "-c", "import translator, translator_cli; print(translator.__file__, translator_cli.__file__)"
    )
    assert all(path.startswith(str(place)) for path in where.split())
    return run


def test_what_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"translator", "translator_cli", "vse"}
    data = {"en.safetensors", "fr.safetensors", "en-fr.train.txt", "en-fr.test.txt", "NOTICE"}
    assert names >= {f"translator/data/{name}" for name in data} | {"translator/py.typed"}
    splits = {f"vse/data/{split}/{name}" for split in ("train", "dev", "test") for name in PICTURES}
    assert names >= splits | {"vse/data/chars.tsv", "vse/data/NOTICE", "vse/py.typed"}
    assert not [name for name in names if "__pycache__" in name]
    assert wheel.stat().st_size < 9e6


def test_every_file_of_the_checkout_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, package in (("translator", "translator"), ("cli", "translator_cli"), ("vse", "vse")):
        sources = (path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*.py"))
        assert {f"{package}/{source.as_posix()}" for source in sources} <= names


def test_the_installed_package_does_the_main_job(installed: Any) -> None:
    program = """
from translator import align, evaluate, load_lexicon, load_vectors
from translator.data import path
from translator.options import Options
vectors = [load_vectors(path(name)) for name in ("en.safetensors", "fr.safetensors")]
alignment = align(*vectors, load_lexicon(path("en-fr.train.txt")), Options(self_learn=False, refine="none"))
print(evaluate(alignment, load_lexicon(path("en-fr.test.txt")))["csls"].p_at_1.value)
"""
    assert float(installed("-c", program)) > 0.5


def test_the_installed_command_runs(installed: Any) -> None:
    assert "align" in installed("-m", "translator_cli", "--help")
