"""What tests share is kept in `tests/support` or beside them, never in a module of tests."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    source for folder in ("tests", "benchmarks", "local") for source in sorted((ROOT / folder).rglob("*.py"))
]


def borrowed(source: Path) -> set[str]:
    """The modules of tests that a file imports, or imports from."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module or ''}.{name}" for name in names]
        found |= {name for name in names if any(part.startswith("test_") for part in name.split("."))}
    return found


def relative(source: Path) -> str:
    return str(source.relative_to(ROOT))


@pytest.mark.parametrize("source", SOURCES, ids=relative)
def test_no_module_of_tests_is_imported(source: Path) -> None:
    """A helper that two files use does not hide in one of them."""
    assert borrowed(source) == set()


def test_no_package_of_tests_is_empty() -> None:
    """A folder with nothing but `__init__.py` promises tests that nobody wrote."""
    for package in (ROOT / "tests").rglob("__init__.py"):
        others = [source for source in package.parent.rglob("*.py") if source.name != "__init__.py"]
        assert others, relative(package.parent)
