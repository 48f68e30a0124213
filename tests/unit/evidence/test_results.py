"""What became of the named tests: nothing passes that did not run and pass."""

import pytest

from tests.support.evidence.part import CannotHaveError
from tests.support.evidence.requirements import Requirement
from tests.support.evidence.results import by_requirement, outcomes

CASES = {
    "passed": '<testcase classname="tests.a.test_b" name="test_it[one]" time="1"/>',
    "failed": '<testcase classname="tests.a.test_b" name="test_it[two]"><failure message="no"/></testcase>',
    "error": '<testcase classname="tests.a.test_b" name="test_it"><error message="setup"/></testcase>',
    "skipped": '<testcase classname="tests.a.test_b" name="test_it[three]"><skipped/></testcase>',
    "module": '<testcase classname="" name="tests.a.test_b"><error message="collection failure"/></testcase>',
    "another": '<testcase classname="tests.a.test_c" name="test_it"/>',
}
ROW = Requirement("1.1 it holds", "a control", ("a.py",), ("tests/a/test_b.py::test_it",))


def junit(*cases: str) -> str:
    written = "".join(CASES[case] for case in cases)
    return f'<?xml version="1.0"?><testsuites><testsuite name="pytest">{written}</testsuite></testsuites>'


@pytest.mark.parametrize(
    ("cases", "state", "outcome"),
    [
        (["passed"], "passed", "passed"),
        (["passed", "failed"], "failed", "failed"),
        (["failed", "passed"], "failed", "failed"),
        (["error"], "failed", "failed"),
        (["passed", "skipped"], "incomplete", "skipped"),
        (["another"], "incomplete", "not run"),
        ([], "incomplete", "not run"),
        (["module"], "failed", "failed"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else value,
)
def test_a_requirement_is_as_its_worst_test(cases: list[str], state: str, outcome: str) -> None:
    """Over all cases of a test; a test that did not run, or was skipped, is missing and never passed."""
    part = by_requirement([ROW], outcomes(junit(*cases)))
    [row] = part.data
    assert (part.state, row["state"], row["tests"]) == (state, state, {ROW.tests[0]: outcome})
    assert list(part.missing) == ([f"{ROW.tests[0]}: {outcome}"] if state == "incomplete" else [])
    assert part.tables[0].rows[0][1] == state


def test_what_nobody_here_holds_does_not_pass() -> None:
    """A requirement that is AWS's, or the adopter's, says so; it neither fails nor passes the whole."""
    theirs = Requirement("10.6 time", "AWS's clocks", (), ())
    part = by_requirement([ROW, theirs], outcomes(junit("passed")))
    assert [row["state"] for row in part.data] == ["passed", "without a test here"]
    assert part.summary == "1 passed, 1 without a test here"


@pytest.mark.parametrize("text", ["", "no xml", "<testsuites><testcase"])
def test_what_is_no_junit_is_no_result(text: str) -> None:
    """A file that was cut short says nothing of any requirement."""
    with pytest.raises(CannotHaveError, match="do not parse"):
        outcomes(text)
