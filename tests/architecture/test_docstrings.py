"""What a function raises is part of what it promises."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {
    ROOT / "chalicelib" / "formats",  # they raise what `TokenFormat` says, each for reasons of its own
    ROOT / "chalicelib" / "crypto",  # still to do
}
SOURCES = [
    source
    for folder in ("chalicelib", "bulklib")
    for source in sorted((ROOT / folder).rglob("*.py"))
    if source.parent not in LEFT_OUT
]


def public(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """The functions of a module and the methods of its classes that others may call."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public(node)


def raises(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(function))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(ROOT)))
def test_a_function_that_raises_says_so(source: Path) -> None:
    """Each public function with a `raise` of its own has the word in its docstring."""
    silent = [
        function.name
        for function in public(ast.parse(source.read_text()))
        if raises(function) and "raise" not in (ast.get_docstring(function) or "").lower()
    ]
    assert silent == []
