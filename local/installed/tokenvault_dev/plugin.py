"""A pytest plugin: a real tokenvault for your own tests, on this machine, up in seconds.

pytest finds it where the package is installed. In a test:

    def test_my_service(tokenvault_dev: TokenvaultDev) -> None:
        client = Client.from_env(tokenvault_dev.environment("checkout"))

For a policy of your own, define a session fixture `tokenvault_policy` that returns the path of a file with
`info_types` and `tenants` (docs/local.md). The setting `tokenvault_dev_command` names a `tokenvault-dev` of
another environment, for tests whose own libraries do not go with the service's.
"""

import json
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from .facts import TokenvaultDev

START_SECONDS: Final = 60
SETTING: Final = "tokenvault_dev_command"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The setting, for pytest's own files of settings."""
    parser.addini(SETTING, "the tokenvault-dev to start, with its options", type="args", default=[])


@pytest.fixture(scope="session")
def tokenvault_policy() -> Path | None:
    """The policy of the service; override it for one of your own."""
    return None


@pytest.fixture(scope="session")
def tokenvault_dev(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, tokenvault_policy: Path | None
) -> Iterator[TokenvaultDev]:
    """The whole service, started once for all tests and gone after them."""
    command = pytestconfig.getini(SETTING) or [sys.executable, "-P", "-m", "tokenvault_dev"]
    state = tmp_path_factory.mktemp("tokenvault")
    log = state / "dev.log"
    with log.open("wb") as output, _started(command, state, tokenvault_policy, output) as process:
        try:
            yield _facts(process, log)
        finally:
            process.terminate()


def _started(
    command: Sequence[str], state: Path, policy: Path | None, output: Any
) -> "subprocess.Popen[bytes]":
    """The launcher; it ends with its standard input, so also when these tests are killed."""
    options = ["--state", str(state), "--port", "0", "--json", "--while-open"]
    options += [] if policy is None else ["--policy", str(policy)]
    return subprocess.Popen(
        [*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output
    )


def _facts(process: "subprocess.Popen[bytes]", log: Path) -> TokenvaultDev:
    """What the launcher says in its one line, as soon as it serves."""
    assert process.stdout is not None
    heard, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline() if heard else b""
    if not line:
        pytest.fail(f"tokenvault did not start:\n{log.read_text(errors='replace')}", pytrace=False)
    facts = json.loads(line)
    clients = {client["name"]: client for client in facts["clients"]}
    return TokenvaultDev(facts["url"], facts["token_url"], clients)
