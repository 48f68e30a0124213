"""What became of the tests that the requirements name, from a JUnit XML file as pytest writes it."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

from tests.support.evidence.part import CannotHaveError, Part, State, Table
from tests.support.evidence.requirements import Requirement

Outcome = Literal["failed", "not run", "skipped", "passed"]
WORST_FIRST: Final[tuple[Outcome, ...]] = ("failed", "not run", "skipped", "passed")
NAME: Final = "tests-by-requirement"
TITLE: Final = "Tests by requirement"
NO_TEST: Final = "without a test here"
"""The state of a requirement that is the adopter's, or AWS's."""


def outcomes(junit: str) -> dict[str, Outcome]:
    """The worst outcome of each test over all its cases, by `tests/file.py::name`.

    A module that could not be collected stands there by its file, as failed. Raises `CannotHaveError` for
    what is no such file.
    """
    try:
        cases = list(ET.fromstring(junit).iter("testcase"))
    except ET.ParseError as error:
        raise CannotHaveError(f"the results do not parse as JUnit XML: {error}") from None
    found: dict[str, Outcome] = {}
    for case in cases:
        test, outcome = _test(case), _outcome(case)
        found[test] = _worst(found.get(test, outcome), outcome)
    return found


def _test(case: ET.Element) -> str:
    module, name = case.get("classname", ""), case.get("name", "")
    if not module:  # pytest writes so of a module that it could not import
        return f"{name.replace('.', '/')}.py"
    return f"{module.replace('.', '/')}.py::{name.partition('[')[0]}"


def _outcome(case: ET.Element) -> Outcome:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "passed" if case.find("skipped") is None else "skipped"


def _worst(*given: Outcome) -> Outcome:
    return min(given, key=WORST_FIRST.index)


def judged(requirement: Requirement, found: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """What became of each test of a requirement; one that the results do not have was not run."""
    missing: Outcome = "not run"
    return {
        test: "failed" if test.partition("::")[0] in found else found.get(test, missing)
        for test in requirement.tests
    }


def by_requirement(rows: Sequence[Requirement], found: Mapping[str, Outcome]) -> Part:
    """The part: failed if any test failed; passed only if every test ran and passed."""
    results = [(row, judged(row, found)) for row in rows]
    states = [_state(tests) for _, tests in results]
    counts = {state: states.count(state) for state in dict.fromkeys(states)}
    return Part(
        NAME,
        TITLE,
        _whole(states),
        ", ".join(f"{count} {state}" for state, count in counts.items()),
        [
            {
                "requirement": row.name,
                "control": row.control,
                "where": row.where,
                "state": state,
                "tests": tests,
            }
            for (row, tests), state in zip(results, states, strict=True)
        ],
        [_table(results, states)],
        tuple(dict.fromkeys(_missing(results))),
    )


def _state(tests: Mapping[str, Outcome]) -> str:
    if not tests:
        return NO_TEST
    worst = _worst(*tests.values())
    return worst if worst in ("failed", "passed") else "incomplete"


def _whole(states: Sequence[str]) -> State:
    return "failed" if "failed" in states else "incomplete" if "incomplete" in states else "passed"


def _missing(results: Sequence[tuple[Requirement, Mapping[str, Outcome]]]) -> Iterator[str]:
    for _, tests in results:
        for test, outcome in tests.items():
            if outcome in ("not run", "skipped"):
                yield f"{test}: {outcome}"


def _table(results: Sequence[tuple[Requirement, Mapping[str, Outcome]]], states: Sequence[str]) -> Table:
    rows = [
        [row.name, state, row.control, "\n".join(f"{outcome}: {test}" for test, outcome in tests.items())]
        for (row, tests), state in zip(results, states, strict=True)
    ]
    return Table("Requirements of PCI DSS 4.0.1", ["requirement", "state", "control", "tests"], rows)
