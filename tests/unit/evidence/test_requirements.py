"""The table of `docs/compliance.md`, as the evidence reads it."""

import pytest

from tests.support.evidence.requirements import PAGE, named_tests, requirements

BOTH = "`tests/x/test_y.py::test_a`, `tests/x/test_y.py::test_b`"
TABLE = f"""
| requirement | what serves it | where | held by |
| --- | --- | --- | --- |
| 3.3.1 nothing is kept | codes are destroyed; the rest is **yours** | `a/b.py`, `c.tf` | {BOTH} |
| 10.6 time | AWS's clocks | | |
| A1.1 tenants | keys | `d.py` | `tests/x/test_y.py::test_a` |
"""


def test_each_row_has_what_the_page_says() -> None:
    """Name, control, files, and the tests that hold it; AWS's have none."""
    codes, clocks, tenants = requirements(TABLE)
    assert codes.name == "3.3.1 nothing is kept"
    assert codes.where == ("a/b.py", "c.tf")
    assert codes.tests == ("tests/x/test_y.py::test_a", "tests/x/test_y.py::test_b")
    assert (clocks.control, clocks.tests) == ("AWS's clocks", ())
    assert tenants.tests == ("tests/x/test_y.py::test_a",)
    assert named_tests([codes, clocks, tenants]) == list(codes.tests)


def test_no_row_and_no_test_of_the_page_is_lost() -> None:
    """As many rows as lines of the table, and every test that stands in it."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith(("| 1", "| 2", "| 3"))]
    found = requirements(PAGE.read_text())
    assert len(found) >= 25
    assert len([row for row in found if row.name.startswith(("1", "2", "3"))]) == len(lines)
    table = PAGE.read_text().split("## Requirement by requirement")[1].split("\n## ")[0]
    assert sum(len(row.tests) for row in found) == table.count("::")


def test_a_page_without_a_table_is_no_empty_evidence() -> None:
    """Were the table's form to change, nothing would be required any more."""
    with pytest.raises(ValueError, match="no table"):
        requirements("# Something else")
