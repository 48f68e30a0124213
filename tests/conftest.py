"""What all tests share: profiles of hypothesis, dummy credentials, and one running stack."""

import gc
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from local.endpoint.address import checked
from local.endpoint.stack import EndpointStack
from local.processes import free_port
from local.stack import Stack, StackPaths
from tests.support import account, emulators, without_terraform
from tests.support.running import Running

# Reproducible runs: the same examples every time, without a limit on the time of one. A change meets 75 of
# each property, and every night 2,000 others.
settings.register_profile(
    "default", max_examples=75, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("nightly", settings.get_profile("default"), max_examples=2000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# A worker holds millions of objects, of moto above all, and looking through them took a fifth of its time.
gc.set_threshold(50_000, 20, 20)

# No test ever reaches a real account.
os.environ |= {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """A running emulator in the place of ours."""
    parser.addoption("--endpoint", type=checked, help="a running emulator that tests use instead of ours")


def pytest_configure(config: pytest.Config) -> None:
    """Before anything makes an account; what takes Terraform is named where there is none."""
    config.pluginmanager.register(without_terraform)
    account.endpoint = config.getoption("--endpoint")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where files are given out to workers: those of the running stack to one."""
    if config.getoption("dist") != "loadfile":
        return None
    from tests.support.one_stack import OneStack  # noqa: PLC0415  # xdist is there when this is called

    return OneStack(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On a running emulator: what is for it, and what it is known to do otherwise."""
    if account.endpoint:
        config.hook.pytest_deselected(items=emulators.fit(items, account.endpoint))


@pytest.fixture
def signals_as_by_hand() -> Iterator[None]:
    """Signals end a process, as one that was started by hand: what a shell starts in the background ignores
    SIGINT, what `nohup` starts SIGHUP, and so does all that it starts itself, these tests among it."""
    by_hand = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
        signal.SIGHUP: signal.SIG_DFL,
    }
    before = {number: signal.signal(number, handler) for number, handler in by_hand.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def applied_running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The stack that `make run` starts, on free ports, started once for all tests that need it."""
    places = StackPaths(tmp_path_factory.mktemp("stack"), free_port(), free_port(), account.endpoint)
    stack = EndpointStack(places, print) if account.endpoint else Stack(places, print)
    try:
        stack.start()
        yield Running(stack)
    finally:
        stack.stop()


@pytest.fixture(scope="session")
def running(applied_running: Running) -> Running:
    """The same, under the name that folders give to fixtures of their own.

    pytest hands the parameter of such a fixture on to the one whose name it takes, which then is set up anew
    for each; so what starts the stack has another name.
    """
    return applied_running
