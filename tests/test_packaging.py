"""The wheel, built from the sdist, holds all that is needed and runs away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from toys import saved_alignment

import translator

OF_TORCH = {"Translator", "LexiconAttention"}
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
    assert wheel.stat().st_size < 10e6


def test_every_file_of_the_checkout_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, package in (("translator", "translator"), ("cli", "translator_cli"), ("vse", "vse")):
        sources = (path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*.py"))
        assert {f"{package}/{source.as_posix()}" for source in sources} <= names


def test_the_installed_command_runs(installed: Any) -> None:
    assert "align" in installed("-m", "translator_cli", "--help")


def required(found: Distribution) -> dict[str, Distribution]:
    """The distributions that one needs without any extra, and what these need, by name."""
    needed: dict[str, Distribution] = {}
    for text in found.requires or []:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            package = distribution(requirement.name)
            needed |= {requirement.name: package, **required(package)}
    return needed


@pytest.fixture(scope="module")
def without_extras(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Run Python in a fresh environment with the wheel and what it needs without any extra."""
    place = tmp_path_factory.mktemp("clean")
    venv.EnvBuilder(symlinks=True, with_pip=False).create(place)
    (site,) = place.glob("lib/python*/site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    (metadata,) = site.glob("*.dist-info")
    for package in required(PathDistribution(metadata)).values():
        for top in {file.parts[0] for file in package.files or []} - {"..", "__pycache__"}:
            (site / top).symlink_to(Path(str(package.locate_file(top))))

    def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        program = [str(place / "bin" / "python"), "-W", "error", *arguments]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(program, cwd=cwd, env=environment, capture_output=True, text=True)

    return run


@pytest.mark.long
def test_the_core_needs_no_torch(without_extras: Callable[..., Any], tmp_path: Path) -> None:
    extras = ("torch", "onnx", "gensim", "usearch", "huggingface_hub")
    done = without_extras(
        "-c", f"import importlib.util as u; print(*map(u.find_spec, {extras}))", cwd=tmp_path
    )
    assert done.stdout.split() == ["None"] * len(extras)
    (tmp_path / "align.py").write_text(
        "from translator.data import path\n"
        "from translator import Options, align, evaluate, load_lexicon, load_vectors\n"
        "sides = [load_vectors(path(f'{name}.safetensors')) for name in ('en', 'fr')]\n"
        "quick = Options(self_learn=False, refine='none', limit=3000)\n"
        "alignment = align(*sides, load_lexicon(path('en-fr.train.txt')), quick)\n"
        "alignment.save_pretrained('en-fr')\n"
        "print(evaluate(alignment, load_lexicon(path('en-fr.test.txt')))['csls'].p_at_1.value)\n"
    )
    done = without_extras("align.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0.3
    for arguments, expected in (
        ("translate en-fr house", "maison"),
        ("lexicon en-fr", "\tmaison\t"),
        ("export en-fr --torch --vec --npz --index", "en-fr.index"),
    ):
        done = without_extras("-m", "translator_cli", *arguments.split(), cwd=tmp_path)
        assert done.returncode == 0 and expected in done.stdout, done.stderr
    names = ("en-fr.safetensors", "en-fr.target.safetensors", "en-fr.en.vec", "en-fr.fr.npz", "en-fr.index")
    assert all((tmp_path / name).exists() for name in names)


def test_every_public_name_is_there_but_the_layers_of_torch(
    without_extras: Callable[..., Any], tmp_path: Path
) -> None:
    code = "before = set(globals()); from translator import *; print(*sorted(set(globals()) - before))"
    done = without_extras("-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) - {"before"} == set(translator.__all__) - OF_TORCH
    assert set(translator.__all__) > OF_TORCH, "the test above must be able to fail"


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        ("-c __import__('translator.layer')", "torch"),
        ("-c __import__('vse').VSE", "vse"),
        ("-m translator_cli.vse demo", "vse"),
        ("-m translator_cli.vse evaluate run data", "vse"),
        ("-m translator_cli.vse export run --torch", "vse"),
        ("-m translator_cli align {en} {fr} --device cuda", "torch"),
        ("-m translator_cli export {alignment} --onnx", "onnx"),
        ("-c __import__('translator').Alignment.from_pretrained('owner/name')", "hub"),
    ],
)
def test_what_is_missing_is_named_with_the_command(
    without_extras: Callable[..., Any], tmp_path: Path, arguments: str, extra: str
) -> None:
    data = ROOT / "translator" / "data"
    if "{alignment}" in arguments:
        saved_alignment(tmp_path)
    line = arguments.format(
        en=data / "en.safetensors", fr=data / "fr.safetensors", alignment=tmp_path / "en-de"
    )
    done = without_extras(*line.split(), cwd=tmp_path)
    assert done.returncode == 1
    assert f"pip install 'bli-translator[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr or line.startswith("-c")
