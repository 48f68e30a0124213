"""Each kind of failure that users reported is held by tests that are there."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.reported_stack_cases import CASES, Reported

ROOT = Path(__file__).resolve().parents[2]


def defined(file: Path) -> set[str]:
    """The tests of a file: functions of Python, or runs of Terraform."""
    if file.suffix == ".hcl":
        return set(re.findall(r'^run "(\w+)"', file.read_text(), re.MULTILINE))
    nodes = ast.walk(ast.parse(file.read_text()))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_each_has_its_tests(case: Reported) -> None:
    """At least one, and none that was renamed or taken away."""
    assert case.tests
    for named in case.tests:
        file, _, test = named.partition("::")
        found = defined(ROOT / file)
        assert test in found if test else found, named


def test_each_stands_once() -> None:
    """By its id, and those of public reports with where they were met."""
    ids = [case.id for case in CASES]
    assert len(set(ids)) == len(ids)
    assert all(case.sources for case in CASES if re.fullmatch(r"B\d\d", case.id))
