"""Everything public says what it is; the names the package promises are there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import translator

ROOT = Path(__file__).parents[1]
FILES = sorted(path for package in ("translator", "cli", "vse") for path in (ROOT / package).rglob("*.py"))


def silent(source: str) -> Iterator[str]:
    """Public modules, classes and functions without a docstring."""

    def walk(node: ast.AST, where: str) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if child.name.startswith("_"):
                continue
            overload = any(ast.unparse(decorator) == "overload" for decorator in child.decorator_list)
            if not overload and not ast.get_docstring(child):
                yield f"{where}{child.name}"
            if isinstance(child, ast.ClassDef):
                yield from walk(child, f"{where}{child.name}.")

    module = ast.parse(source)
    if source.strip() and not ast.get_docstring(module):
        yield "the module"
    yield from walk(module, "")


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_everything_public_has_a_docstring(path: Path) -> None:
    assert list(silent(path.read_text("utf-8"))) == []


def test_the_test_finds_what_is_silent() -> None:
    source = "class A:\n    def f(self): ...\n    def _g(self): ...\n"
    source += "class _B:\n    def f(self): ...\ndef h():\n    'x'"
    assert list(silent(source)) == ["the module", "A", "A.f"]


def test_the_public_names_are_there() -> None:
    pytest.importorskip("torch")
    assert all(getattr(translator, name) is not None for name in translator.__all__)
    assert sorted(translator.__all__) == translator.__all__
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = translator.nonsense
