"""Names say what a thing is, in the field's own words (docs/glossary.md)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("chalicelib", "bulklib", "benchmarks", "clients", "local", "terraform", "tests")
INSTEAD = {
    "one": "the noun: entry, item, route, ...",
    "told": "what it is: facts, answer, result",
    "standing": "existing",
    "living": "active",
    "stub": "tombstone; a stand-in of a test is a fake",
    "kept": "what it is: cached, expected, ...",
    "person": "subject",
    "people": "subjects",
    "owner": "subject, or whom it belongs to",
}
"""Words that name nothing, or a second word for a thing that has one."""

STILL_OLD = {
    "chalicelib/crypto",
    "chalicelib/formats",
    "clients",
    "local",
    "terraform",
    "tests/client",
    "tests/infrastructure",
    "tests/integration",
    "tests/support/formats_page.py",
    "tests/unit/client_audit",
    "tests/unit/crypto",
    "tests/unit/formats",
    "tests/unit/local",
}
"""Folders and files that still have such names. The set only shrinks."""


def relative(source: Path) -> str:
    return str(source.relative_to(ROOT))


def is_old(source: Path) -> bool:
    return any(f"{relative(source)}/".startswith(f"{path}/") for path in STILL_OLD)


SOURCES = [
    ROOT / "app.py",
    *(source for folder in FOLDERS for source in sorted((ROOT / folder).rglob("*.py"))),
]


def names(source: Path) -> Iterator[str]:
    """Every name that a file gives to something: variables, parameters, attributes, functions, classes."""
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname


def wanting(source: Path) -> set[str]:
    return {name for name in names(source) if name.strip("_").lower() in INSTEAD}


@pytest.mark.parametrize("source", [s for s in SOURCES if not is_old(s)], ids=relative)
def test_every_name_is_a_noun_of_its_own(source: Path) -> None:
    """A name from the table above is replaced by what stands beside it."""
    assert {name: INSTEAD[name.strip("_").lower()] for name in wanting(source)} == {}


@pytest.mark.parametrize("path", sorted(STILL_OLD))
def test_what_is_done_leaves_the_set(path: str) -> None:
    """What keeps the rule by now is held to it from then on."""
    sources = [source for source in SOURCES if f"{relative(source)}/".startswith(f"{path}/")]
    assert any(wanting(source) for source in sources)


@pytest.mark.parametrize("source", [s for s in SOURCES if not is_old(s)], ids=relative)
def test_no_lambda_has_a_default(source: Path) -> None:
    """What binds a value of a loop is `functools.partial`, which says so."""
    found = [
        node.lineno
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Lambda) and (node.args.defaults or any(node.args.kw_defaults))
    ]
    assert found == []
