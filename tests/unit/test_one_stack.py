"""Which tests stay together on one worker."""

import re

import pytest

from tests.support.one_stack import ROOT, shared

_TAKES = {
    "the running stack": r"^def test_\w+\([^)]*\b(\w+: Running|resources: list)\b",
    "the example of production": r"^def \w+\([^)]*\bproduction\b",
}


@pytest.mark.parametrize("name", sorted(_TAKES))
def test_whatever_shares_something_is_known_by_its_file(name: str) -> None:
    """A file that is not known would have a second worker start the same again."""
    files = [
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / "tests").rglob("test_*.py"))
        if re.search(_TAKES[name], file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert len(files) > 1
    assert [file for file in files if shared(file) != name] == []


def test_others_go_to_whoever_is_free() -> None:
    """A file of unit tests has nothing to do with a stack."""
    assert shared("tests/unit/formats/test_invariants.py") is None
