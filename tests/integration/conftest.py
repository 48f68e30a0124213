"""Each test runs twice: on the stack that Terraform applied, and on the one that `make dev` starts."""

from collections.abc import Iterator

import pytest

from local.dev.stack import DevStack
from local.processes import free_port
from local.stack import StackPaths
from tests.support.running import Running


@pytest.fixture(scope="session")
def dev_running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The stack without Terraform, on free ports."""
    stack = DevStack(StackPaths(tmp_path_factory.mktemp("dev"), free_port(), free_port()), print)
    try:
        stack.start()
        yield Running(stack)
    finally:
        stack.stop()


@pytest.fixture(scope="session", params=["applied", "dev"])
def running(request: pytest.FixtureRequest) -> Running:
    """One of the two; only what is asked for is started."""
    found: Running = request.getfixturevalue(f"{request.param}_running")
    return found
