"""Which tests stay together on one worker."""

import re

from tests.support.one_stack import ROOT, uses_the_stack

_TAKES_IT = re.compile(r"^def test_\w+\([^)]*\b(\w+: Running|resources: list)\b", re.MULTILINE)


def test_whatever_takes_the_running_stack_is_known_by_its_file() -> None:
    """A file that is not known would have a second worker start another stack."""
    files = [
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / "tests").rglob("test_*.py"))
        if _TAKES_IT.search(file.read_text(encoding="utf-8"))
    ]
    assert len(files) > 10
    assert [file for file in files if not uses_the_stack(file)] == []


def test_others_go_to_whoever_is_free() -> None:
    """A file of unit tests has nothing to do with a stack."""
    assert not uses_the_stack("tests/unit/formats/test_invariants.py")
