"""Who may import whom: read from the sources, and seen in a fresh interpreter."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A file may import files of ranks to its left, and files of its own rank where they make no circle
RANKS = (
    ("errors", "progress", "versions", "threads", "devices", "notebook"),
    ("files", "text_files", "tokens", "writing", "data", "hub", "typed_json"),
    ("vectors",),
    ("formats",),
    ("dictionaries",),
    ("lexicon", "fetching", "cldr"),
    ("retrieval",),
    ("maps",),
    ("options",),
    ("ranking",),
    ("learning",),
    ("alignment",),
    ("export",),
    ("layer",),
    ("pipeline",),
    ("reranking", "translation", "induction", "evaluation", "neighbours_kept"),
    ("diagnosis", "lexicon_files", "lexicon_vectors", "glossing"),
    ("attention",),
)
RANK = {name: rank for rank, names in enumerate(RANKS) for name in names}
# These may name, within functions: huggingface_hub, gensim, onnx, usearch, and what compares spellings
OPTIONAL = {
    "translator.hub",
    "translator.formats.keyedvectors",
    "translator.export.onnx_graph",
    "translator.retrieval.ann",
    "translator.ranking.spelling",
}
# What files of the core may name at all; scipy within functions
LIGHT = {"numpy", "scipy", "safetensors", "threadpoolctl", "tqdm", "platformdirs"}
# These are loaded only where torch is needed, and import it at once; the other may name it within functions
OF_TORCH = {
    "translator.layer",
    "translator.attention",
    "translator.retrieval.scan_half",
    "translator.retrieval.scan_torch",
}
WITH_TORCH = {"translator.devices"}
LIGHT_OF_VSE = ("vse.data", "vse.dataset", "vse.features", "vse.metrics", "vse.words")  # these load no torch


def modules(package: str) -> list[tuple[str, str]]:
    """Dotted name and source of every file of a package."""
    found = []
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found.append((".".join(part for part in parts if part != "__init__"), path.read_text("utf-8")))
    return found


def imports(source: str, name: str = "translator") -> Iterator[tuple[str, bool]]:
    """Each module a source imports, and whether it does so when it is itself imported."""

    def walk(node: ast.AST, top: bool) -> Iterator[tuple[str, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
                yield from ((found, False) for found, _ in walk(child, False))
                continue
            if isinstance(child, ast.Import):
                yield from ((alias.name, top) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                base = ".".join(name.split(".")[: -child.level]) + "." if child.level else ""
                module = base + (child.module or "")
                yield from ((_file(module, alias.name), top) for alias in child.names)
            yield from walk(child, top and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))

    return walk(ast.parse(source), True)


def _file(module: str, name: str) -> str:
    """What ``from module import name`` names: a file of the module where there is such a one, or itself."""
    inside = ROOT.joinpath(*module.split("."), name)
    return f"{module}.{name}" if inside.is_dir() or inside.with_suffix(".py").is_file() else module


def room(module: str) -> str:
    """The file or folder of ``translator`` that a module belongs to."""
    return module.split(".")[1] if "." in module else ""


def offences(name: str, source: str) -> list[str]:
    """What a file of ``translator`` imports and may not."""
    wrong = []
    for module, top in imports(source, name):
        package = module.split(".")[0]
        if package in ("vse", "cli", "translator_cli"):
            wrong.append(f"{name} imports {module}")
        elif package == "translator":
            if name != "translator" and RANK.get(room(module), 99) > RANK[room(name)]:
                wrong.append(f"{name} imports {module}, which is on its right")
        elif package == "torch":
            if name not in OF_TORCH and (top or name not in WITH_TORCH):
                wrong.append(f"{name} imports {module}")
        elif package not in sys.stdlib_module_names | LIGHT and (top or name not in OPTIONAL):
            wrong.append(f"{name} imports {module}")
        elif package == "scipy" and top:
            wrong.append(f"{name} imports {module} when it is imported")
    return wrong


CORE = modules("translator")


@pytest.mark.parametrize(("name", "source"), CORE, ids=[name for name, _ in CORE])
def test_files_import_only_what_is_on_their_left(name: str, source: str) -> None:
    assert name == "translator" or room(name) in RANK, f"{name} has no place in RANKS"
    assert offences(name, source) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("translator.errors", "from translator.vectors import WordVectors"),
        ("translator.errors", "def f():\n    from translator.vectors import WordVectors"),
        ("translator.errors", "if TYPE_CHECKING:\n    from translator.vectors import WordVectors"),
        ("translator.maps.rcsls", "import translator.alignment"),
        ("translator.maps.rcsls", "from ..alignment import Alignment"),
        ("translator.formats.text", "from translator import maps"),
        ("translator.formats.text", "from ..nowhere import x"),
        ("translator.retrieval", "import torch"),
        ("translator.retrieval", "def f():\n    import torch.nn"),
        ("translator.devices", "import torch"),
        ("translator.devices", "class A:\n    import torch"),
        ("translator.learning.seed_pairs", "import scipy.linalg"),
        ("translator.learning.seed_pairs", "try:\n    import sklearn\nexcept ImportError: pass"),
        ("translator.layer", "from translator_cli.main import main"),
        ("translator.layer", "import vse.model"),
        ("translator", "import torch"),
    ],
)
def test_the_test_catches_a_forbidden_import(name: str, source: str) -> None:
    assert len(offences(name, source)) == 1


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("translator.layer", "import torch\nfrom translator.alignment import Alignment"),
        ("translator.retrieval.scan_torch", "import torch"),
        ("translator.devices", "if TYPE_CHECKING:\n    import torch\ndef f():\n    import torch"),
        ("translator.vectors.subword", "def f():\n    from scipy.sparse import csr_array"),
        ("translator.maps.rcsls", "import json, numpy\nfrom .base import Maps"),
    ],
)
def test_the_test_lets_others_pass(name: str, source: str) -> None:
    assert offences(name, source) == []


def test_the_files_make_no_circle() -> None:
    needs = {
        name: {m for m, top in imports(source, name) if top and m.startswith("translator.")}
        for name, source in CORE
    }

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        for needed in needs.get(name, ()):
            visit(needed, (*trail, name))

    for name in needs:
        visit(name, ())


def offences_of_vse(name: str, source: str) -> list[str]:
    """What a file of ``vse`` imports and may not: the command line, or at once what is optional or heavy."""
    wrong = []
    at_once = {"translator", "vse", "numpy", "safetensors"}
    if not name.startswith(LIGHT_OF_VSE):
        at_once.add("torch")
    for module, top in imports(source, name):
        package = module.split(".")[0]
        if package in ("cli", "translator_cli"):
            wrong.append(f"{name} imports {module}")
        elif top and package not in sys.stdlib_module_names | at_once:
            wrong.append(f"{name} imports {module} when it is imported")
    return wrong


VSE = modules("vse")


@pytest.mark.parametrize(("name", "source"), VSE, ids=[name for name, _ in VSE])
def test_files_of_vse_import_nothing_optional_and_no_command_line(name: str, source: str) -> None:
    assert offences_of_vse(name, source) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("vse.model", "from translator_cli.main import main"),
        ("vse.model", "def f():\n    import cli.render"),
        ("vse.features.image_files", "from PIL import Image"),
        ("vse.features.onnx_model", "import onnxruntime"),
        ("vse.metrics", "import torch"),
    ],
)
def test_the_test_of_vse_catches_a_forbidden_import(name: str, source: str) -> None:
    assert len(offences_of_vse(name, source)) == 1


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("vse.model", "import torch\nfrom vse.model.text import x\nfrom translator.layer import Translator"),
        (
            "vse.features.image_files",
            "if TYPE_CHECKING:\n    from PIL import Image\ndef f():\n    import PIL",
        ),
        ("vse.features.timm_model", "def f():\n    import timm, torch"),
    ],
)
def test_the_test_of_vse_lets_others_pass(name: str, source: str) -> None:
    assert offences_of_vse(name, source) == []


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "{'torch', 'scipy', 'gensim', 'fasttext', 'sklearn', 'click', 'onnx', 'hypothesis', 'tqdm'}"
    code = f"import sys, translator; print(sorted({heavy} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.strip() == "[]"
    code = "import sys, translator; translator.Translator; print('torch' in set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.strip() == "True", "the test above must be able to fail"
