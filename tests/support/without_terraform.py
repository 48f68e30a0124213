"""Tests that cannot run since Terraform or its provider cannot be had here: named, and failures in CI.

A plugin of pytest. Everything else runs, so that a machine with Python alone still tries most of it.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from local.errors import NoTerraformError
from tests.support.continuous_integration import cannot_run

TITLE = "not run, since there is no Terraform here"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    """A fixture that takes Terraform is the usual place."""
    return (yield from _without_terraform())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Some tests start a stack of their own."""
    return (yield from _without_terraform())


def _without_terraform() -> Iterator[Any]:
    try:
        return (yield)
    except NoTerraformError as missing:
        reason = f"{TITLE}: {missing}"
    cannot_run(reason)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Names each, with the reason once."""
    reports = [
        report for key in ("skipped", "failed", "error") for report in terminalreporter.getreports(key)
    ]
    left_out = [report for report in reports if TITLE in str(report.longrepr)]
    if left_out:
        terminalreporter.section(TITLE)
        for name in sorted({report.nodeid for report in left_out}):
            terminalreporter.write_line(name)
